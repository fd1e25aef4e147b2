"""The program that `streamlit run app.py` starts: pages, own files, base-map tiles and the guard before them all."""

import streamlit as st

from screens import server

server.answer_at_once()
server.warm()
app = st.App("start.py", routes=server.routes(), middleware=server.middleware(),
             on_script_error=server.redacted)
