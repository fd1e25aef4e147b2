"""The script that the server runs for every look at a page: `screens/main.py`.

It stands here because the server puts the script's folder first on Python's path: were that `screens`, a page there would
stand before any package of the same name (`coverage`, `queue`) for the whole process.
"""

import runpy

runpy.run_module("screens.main")
