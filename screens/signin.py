"""Who is at the screen: the local analyst, or somebody signed in through the team's provider (OpenID Connect).

Streamlit talks to the provider and checks its answer; whether the browser is still let in, and what its person may do, is
asked here at every step.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from geo_data.errors import AccessError
from geo_data.keeping.sign_ins import Known, People, SignIns, sign_in_id
from geo_data.keeping.store import Store
from geo_data.people import LOCAL, ROLES, Person, known_roles
from screens import look, returning
from settings import Settings

CHECKED = "checked_person"  # in this session's state: when, which sign-in, and who
CHECK_EVERY_S = 1.0  # one step asks many times who is acting
PAGES: Mapping[str, str] = {  # address -> the right it needs; a page that is not here is shown to nobody in a team
    "hotspots": "records",
    "changes": "records",
    "alerts": "records",
    "import": "import",
    "queue": "locate",
    "meeting": "review",
    "snapshots": "release",
    "coverage": "records",
    "feed": "records",
    "repeats": "records",
    "interviews": "interviews",
    "profiles": "import",
    "retention": "retention",
    "audit": "audit",
    "borders": "records",
    "released": "released",
    "administration": "administer",
    "about": "help",
}


def person(settings: Settings, store: Store, now: datetime) -> Person:
    """Who acts in this session. Raises `AccessError` when nobody may."""
    if settings.sign_in == "local":
        return LOCAL
    sign_in = sign_in_id(st.context.cookies)
    at, checked, found = st.session_state.get(CHECKED, (0.0, "", None))
    if found is not None and checked == sign_in and time.monotonic() - at < CHECK_EVERY_S:
        return Person(*found)
    if not st.user.is_logged_in or not sign_in:
        raise AccessError("You are not signed in.", fix="Sign in to go on.")
    claims = st.user.to_dict()
    who = known(claims)
    SignIns(store).admit(sign_in, who, now)
    allowed = People(store).find(who) if settings.roles_from == "table" else from_claims(settings, who, claims)
    if not allowed.roles:
        if found is None:
            store.note(who.name, "refused", {"reason": "no role"})
        raise AccessError("You are signed in, but nobody has given you a role in Scoping.",
                          fix="Ask the administrator of Scoping.")
    st.session_state[CHECKED] = (time.monotonic(), sign_in, tuple(vars(allowed).values()))
    return allowed


def known(claims: Mapping[str, Any]) -> Known:
    """Who the provider's claims speak of. Raises `AccessError` when they name nobody."""
    subject = str(claims.get("sub") or "")
    name = next((str(claims[key]) for key in ("email", "preferred_username", "sub") if claims.get(key)), "")
    if not subject or not name.strip():
        raise AccessError("The sign-in provider did not say who you are.", fix="Tell whoever looks after the sign-in.")
    issued = claims.get("iat")
    at = datetime.fromtimestamp(issued, UTC) if isinstance(issued, int | float) and not isinstance(issued, bool) else None
    return Known(f"{claims.get('iss', '')} {subject}", name.strip().lower()[:200], at)


def from_claims(settings: Settings, who: Known, claims: Mapping[str, Any]) -> Person:
    """The person whose roles, agency and areas the provider tells; what it does not tell is not given."""
    mapping = dict(line.split("=", 1) for line in settings.role_names)
    roles = known_roles(_texts(claims.get(settings.role_claim)), mapping)
    agency = next(iter(_texts(claims.get(settings.agency_claim))), "")
    return Person(who.id, who.name, roles, agency, frozenset(_texts(claims.get(settings.areas_claim))))


def _texts(value: Any) -> list[str]:
    found = value if isinstance(value, list | tuple) else [value]
    return [one for one in found if isinstance(one, str) and one]


def gate(settings: Settings, store: Store, now: datetime) -> Person:
    """Who is acting, or the sign-in page and no further."""
    try:
        who = person(settings, store, now)
    except AccessError as error:
        _forget()
        _ask(error)
        st.stop()
    if st.session_state.setdefault("whose", who.id) != who.id:  # another person in the same browser tab
        _forget()
        st.session_state["whose"] = who.id
    return who


def _forget() -> None:
    """Nothing that somebody saw in this tab stays in it for the next."""
    for name in list(st.session_state):
        del st.session_state[name]


def _ask(error: AccessError) -> None:
    st.html('<div class="sc-empty"><h2>Scoping</h2></div>')
    if st.query_params.get(returning.ASKED) == returning.FAILED and not st.user.is_logged_in:
        error = AccessError("The sign-in provider did not let you in, or what it said could not be trusted.",
                            fix="Try again. If it fails again, tell whoever looks after the sign-in: the server's log says why.")
    st.info(look.words(error))
    if st.user.is_logged_in:
        st.button("Sign in again", type="primary", on_click=st.logout)
    else:
        st.button("Sign in", type="primary", on_click=st.login, icon=":material/login:")


def sign_out(settings: Settings, store: Store, now: datetime) -> None:
    """End this browser's sign-in, everywhere it was copied to, then let the provider's cookie go."""
    try:
        who = person(settings, store, now)
    except AccessError:  # it ended already, here or elsewhere: the gate, which comes next, says so
        return
    SignIns(store).end(sign_in_id(st.context.cookies), who.name, now)
    _forget()
    st.logout()


def allowed_pages(sections: Mapping[str, list[Any]], who: Person) -> dict[str, list[Any]]:
    """The sections with the pages that `who` may open; at one's own computer every page."""
    if who == LOCAL:
        return {section: pages for section, pages in sections.items() if pages}
    kept = {section: [page for page in pages if who.may(PAGES.get(page.url_path or "hotspots", ""))]
            for section, pages in sections.items()}
    kept = {section: pages for section, pages in kept.items() if pages}
    if not any(page.url_path == "" for pages in kept.values() for page in pages):  # a first page of their own
        start = st.Page(lambda: _start(who, kept), title="Start", url_path="start", icon=":material/home:", default=True)
        kept = {"Start": [start], **kept}
    return kept


def _start(who: Person, sections: Mapping[str, list[Any]]) -> None:
    """For those whose work is not the map: what they are here as, and what they can open."""
    look.head("Scoping", f"You are here as {' and '.join(ROLES[role].lower() for role in ROLES if role in who.roles)}.")
    look.soft("You can open:")
    for pages in sections.values():
        for page in pages:
            st.page_link(page)
