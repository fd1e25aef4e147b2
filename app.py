"""The program that `streamlit run app.py` starts: pages, own files, base-map tiles and the guard before them all."""

import gc

gc.disable()  # what is being loaded is no garbage, and looking through it again and again takes half a second; until `server.warm`

import streamlit as st  # noqa: E402

from screens import server  # noqa: E402

server.answer_at_once()
server.ask_nobody()
server.warm()
app = st.App("start.py", routes=server.routes(), middleware=server.middleware(),
             on_script_error=server.redacted)
