"""The pages and what all of them share."""

import streamlit as st

from screens import about, audit, hotspots, intake, look, server

st.set_page_config(page_title="Scoping", page_icon=str(server.ROOT / "static" / "icon.png"), layout="wide",
                   initial_sidebar_state=310)
st.logo(str(server.ROOT / "static" / "logo.svg"))
look.dress()

hotspots_page = st.Page(hotspots.page, title="Hotspots", url_path="hotspots", icon=":material/map:", default=True)
import_page = st.Page(intake.page, title="Import", url_path="import", icon=":material/upload_file:")
about_page = st.Page(about.page, title="How to read this", url_path="about", icon=":material/help:")
audit_page = st.Page(audit.page, title="Audit", url_path="audit", icon=":material/receipt_long:")
st.session_state["pages"] = {"hotspots": hotspots_page, "import": import_page}
st.navigation([hotspots_page, import_page, audit_page, about_page], position="top").run()
