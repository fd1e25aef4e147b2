"""The pages and what all of them share."""

import streamlit as st

from screens import about, hotspots, intake, look

st.set_page_config(page_title="Scoping", page_icon=":material/location_on:", layout="wide")
look.dress()

pages = [
    st.Page(hotspots.page, title="Hotspots", url_path="hotspots", icon=":material/map:", default=True),
    st.Page(intake.page, title="Import", url_path="import", icon=":material/upload_file:"),
    st.Page(about.page, title="How to read this", url_path="about", icon=":material/help:"),
]
st.navigation(pages, position="top").run()
