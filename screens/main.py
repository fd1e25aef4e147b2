"""The pages and what all of them share. A new page is a module with a `page` function and one line in `SECTIONS`."""

import streamlit as st

from geo_data.errors import ScopingError, StoreError
from screens import (
    about,
    administration,
    alerts,
    arrivals,
    audit,
    borders,
    changes,
    coverage,
    exports,
    feed_watch,
    hotspots,
    intake,
    interviews,
    look,
    meeting,
    profiles,
    queue,
    released,
    repeats,
    retention,
    server,
    session,
    signin,
    trouble,
)

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

# section -> its pages, in the order of the work: look, decide, mind the data, answer for it
SECTIONS = {
    "Look": [
        st.Page(hotspots.page, title="Hotspots", url_path="hotspots", icon=":material/map:", default=True),
        st.Page(changes.page, title="Changes", url_path="changes", icon=":material/compare_arrows:"),
        st.Page(alerts.page, title="Alerts", url_path="alerts", icon=":material/notifications:"),
        st.Page(repeats.page, title="Repeat and response", url_path="repeats", icon=":material/replay:"),
        st.Page(borders.page, title="Across borders", url_path="borders", icon=":material/alt_route:"),
    ],
    "Decide": [
        st.Page(interviews.page, title="Return interviews", url_path="interviews", icon=":material/forum:"),
        st.Page(meeting.page, title="Review meeting", url_path="meeting", icon=":material/groups:"),
        st.Page(exports.page, title="Snapshots", url_path="snapshots", icon=":material/ios_share:"),
        st.Page(released.page, title="Released", url_path="released", icon=":material/folder_open:"),
    ],
    "Data": [
        st.Page(intake.page, title="Import", url_path="import", icon=":material/upload_file:"),
        st.Page(arrivals.page, title="Daily feed", url_path="feed", icon=":material/inbox:"),
        st.Page(profiles.page, title="Profiles", url_path="profiles", icon=":material/schema:"),
        st.Page(queue.page, title="Review queue", url_path="queue", icon=":material/pin_drop:"),
        st.Page(coverage.page, title="Coverage", url_path="coverage", icon=":material/fact_check:"),
    ],
    "Govern": [
        st.Page(retention.page, title="Retention", url_path="retention", icon=":material/event_busy:"),
        st.Page(audit.page, title="Audit", url_path="audit", icon=":material/receipt_long:"),
        st.Page(administration.page, title="Administration", url_path="administration", icon=":material/admin_panel_settings:"),
    ],
    "Help": [
        st.Page(about.page, title="How to read this", url_path="about", icon=":material/help:"),
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
