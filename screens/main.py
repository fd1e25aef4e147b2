"""The pages and what all of them share. A new page is a module with a `page` function and one line in `SECTIONS`."""

from collections.abc import Callable
from importlib import import_module

import streamlit as st

from geo_data.errors import ScopingError, StoreError
from screens import feed_watch, look, server, session, signin, trouble

st.set_page_config(page_title="Scoping", page_icon=str(server.ROOT / "static" / "icon.png"), layout="wide",
                   initial_sidebar_state=310)
st.logo(str(server.ROOT / "static" / "logo.svg"))
look.dress()
try:
    session.opened().version("episodes")  # told here, in the same words on every page
    who = session.gate()
except StoreError as error:  # who acts cannot be known: nobody sees anything
    trouble.tell(error)
    st.stop()


def page_of(name: str) -> Callable[[], None]:
    """The page of a module of this room, which is loaded when it is first opened: together they take some seconds."""
    def page() -> None:
        import_module(f"screens.{name}").page()

    return page


# section -> its pages, in the order of the work: look, decide, mind the data, answer for it
SECTIONS = {
    "Look": [
        st.Page(page_of("hotspots"), title="Hotspots", url_path="hotspots", icon=":material/map:", default=True),
        st.Page(page_of("changes"), title="Changes", url_path="changes", icon=":material/compare_arrows:"),
        st.Page(page_of("alerts"), title="Alerts", url_path="alerts", icon=":material/notifications:"),
        st.Page(page_of("repeats"), title="Repeat and response", url_path="repeats", icon=":material/replay:"),
        st.Page(page_of("borders"), title="Across borders", url_path="borders", icon=":material/alt_route:"),
    ],
    "Decide": [
        st.Page(page_of("interviews"), title="Return interviews", url_path="interviews", icon=":material/forum:"),
        st.Page(page_of("meeting"), title="Review meeting", url_path="meeting", icon=":material/groups:"),
        st.Page(page_of("exports"), title="Snapshots", url_path="snapshots", icon=":material/ios_share:"),
        st.Page(page_of("released"), title="Released", url_path="released", icon=":material/folder_open:"),
    ],
    "Data": [
        st.Page(page_of("intake"), title="Import", url_path="import", icon=":material/upload_file:"),
        st.Page(page_of("arrivals"), title="Daily feed", url_path="feed", icon=":material/inbox:"),
        st.Page(page_of("profiles"), title="Profiles", url_path="profiles", icon=":material/schema:"),
        st.Page(page_of("queue"), title="Review queue", url_path="queue", icon=":material/pin_drop:"),
        st.Page(page_of("coverage"), title="Coverage", url_path="coverage", icon=":material/fact_check:"),
    ],
    "Govern": [
        st.Page(page_of("retention"), title="Retention", url_path="retention", icon=":material/event_busy:"),
        st.Page(page_of("audit"), title="Audit", url_path="audit", icon=":material/receipt_long:"),
        st.Page(page_of("administration"), title="Administration", url_path="administration",
                icon=":material/admin_panel_settings:"),
    ],
    "Help": [
        st.Page(page_of("about"), title="How to read this", url_path="about", icon=":material/help:"),
    ],
}
# the pages by what a link to one calls it (st.switch_page, st.page_link): their address, and "hotspots" for the first
st.session_state["pages"] = {page.url_path or "hotspots": page for pages in SECTIONS.values() for page in pages}
page = st.navigation(signin.allowed_pages(SECTIONS, who), position="top")
try:
    session.rules()
except ScopingError as error:  # a policy that cannot be used: nothing is shown by guess
    st.error(look.words(error))
    st.stop()
feed_watch.warn()
try:
    page.run()
except StoreError as error:
    trouble.tell(error)
session.offer_sign_out(who)
