"""Signing in through a provider, in a real browser: what each role sees, and who is not let in."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec

import pytest
from sqlalchemy import update

from geo_data.keeping.access_tables import SIGN_INS
from geo_data.keeping.engine import writing
from geo_data.keeping.sign_ins import People
from geo_data.keeping.store import Store
from geo_data.people import RIGHTS, Person
from tests.browser.asked import asking
from tests.browser.conftest import free_port, served
from tests.browser.provider import lying_provider
from tests.needed import needed
from tests.screens.world import demo_home

USERS = {
    "ann": ["Scoping.Analyst"], "sue": ["social_worker"], "rob": ["rmg_member"], "pat": ["partner_viewer"],
    "iggy": ["information_governance"], "ada": ["administrator"], "bob": ["Everyone"],
}
COOKIE = "_streamlit_user"
OF_POLICE = {"agency": "police", "areas": ["*"]}


def secrets_file(folder, port, provider):
    file = folder / "secrets.toml"
    file.write_text(f"""[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "{'c' * 40}"
client_id = "scoping"
client_secret = "{'s' * 40}"
server_metadata_url = "{provider}/.well-known/openid-configuration"
""", "utf-8")
    return str(file)


@contextmanager
def team(home, provider, **variables):
    port = free_port()
    with served(home, "--secrets.files", secrets_file(home, port, provider), port=port, SCOPING_SIGN_IN="oidc",
                AUTHLIB_INSECURE_TRANSPORT="1", **variables) as url:
        yield url


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    needed("" if find_spec("authlib") else "the sign-in library is not installed")
    folder = tmp_path_factory.mktemp("team") / "home"
    shutil.copytree(demo_home(), folder)
    return folder


@pytest.fixture(scope="module")
def provider():
    """A provider made by others, with one user a role."""
    needed("" if find_spec("oidc_provider_mock") else "the provider for tests is not installed")
    port = free_port()
    users = [f"--user-claims={json.dumps({'sub': name, 'email': f'{name}@force.example', 'roles': roles} | OF_POLICE)}"
             for name, roles in USERS.items()]
    process = subprocess.Popen([sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), *users],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{url}/.well-known/openid-configuration", timeout=2).close()  # noqa: S310 - this machine
            break
        except OSError:
            assert time.monotonic() < deadline and process.poll() is None, "the provider does not start"
            time.sleep(0.1)
    yield url
    process.terminate()
    process.wait(20)


@pytest.fixture(scope="module")
def team_url(home, provider):
    with team(home, provider, SCOPING_ROLE_NAMES="Scoping.Analyst=analyst") as url:
        yield url


@pytest.fixture
def browser_of(chromium):
    made = []

    def make():
        made.append(chromium.new_context(locale="en-GB", viewport={"width": 1400, "height": 900}))
        made[-1].set_default_timeout(120_000)
        made[-1].route(re.compile("jsdelivr"), lambda route: route.abort())  # the provider's page wants to look nice
        return made[-1]

    yield make
    for each in made:
        each.close()


def sign_in(context, url, user, to="about"):
    """Sign in and go to the page `to`; where the provider sends the browser, the first page with its map, is not drawn."""
    page = context.new_page()
    page.goto(f"{url}/about")
    page.get_by_role("button", name="Sign in").click()
    page.locator("input[name=sub]").fill(user)
    page.route(f"{url}/", lambda route: route.fulfill(body="signed in"))
    page.get_by_role("button", name="Authorize").click()
    page.wait_for_url(f"{url}/")
    page.unroute(f"{url}/")
    page.goto(f"{url}/{to}")
    page.get_by_text(f"Signed in as {user}@force.example").or_(page.get_by_text("nobody has given you a role")).first.wait_for()
    return page


def at(home):
    return Store(f"sqlite:///{home / 'scoping.db'}")


def set_clock_on(home, minutes):
    """As if that long had passed since everybody's last step."""
    with at(home) as store, writing(store.engine) as connection:
        connection.execute(update(SIGN_INS).values(seen=SIGN_INS.c.seen - int(minutes * 60e6)))


def denied(page):
    page.get_by_role("button", name=re.compile("Sign in")).wait_for()
    gone(page.get_by_text("Signed in as"))
    return True


def gone(found):
    """What the page showed before stays until the new page is whole."""
    found.first.wait_for(state="detached")


def denied_in(said):
    """Whether this is what the server says to somebody who is not let in."""
    return "You are not signed in" in said or "nobody has given you a role" in said


def get(page, path):
    return page.context.request.get(path, fail_on_status_code=False).status


PAGES = {"": "records", "import": "import", "audit": "audit", "released": "released", "administration": "administer",
         "about": "help"}  # address -> right
HEADINGS = {"": re.compile("Places where|missing"), "import": "Import", "audit": "Audit", "released": "Released",
            "administration": "Administration", "about": "How to read this"}


@pytest.mark.parametrize("user", [user for user in USERS if user != "bob"])
def test_each_role_sees_its_pages_and_no_other(team_url, browser_of, user):
    """The first of its pages in the browser; then of every address what the server answers to this sign-in, and the menu.

    All pages: `tests/screens/test_roles.py`.
    """
    role = "analyst" if user == "ann" else USERS[user][0]
    own = [path for path, right in PAGES.items() if role in RIGHTS[right]]
    page = sign_in(browser_of(), team_url, user, own[0])
    page.locator(".sc-head h1", has_text=HEADINGS[own[0]]).wait_for()
    with asking(page.context, team_url) as asked:
        for path in reversed(PAGES):  # the map last: it waits for a browser to draw it
            head = asked.head(path)
            assert bool(re.search(HEADINGS[path], head)) == (path in own), (path, head)
            assert not denied_in(head)
        assert asked.pages & set(PAGES) - {""} == set(own) - {""}


def test_an_address_that_is_not_ones_own_shows_ones_first_page(team_url, browser_of):
    page = sign_in(browser_of(), team_url, "pat", "audit")
    page.locator(".sc-head h1").first.wait_for()
    assert not page.locator(".sc-head h1", has_text=HEADINGS["audit"]).count()


def test_somebody_without_a_role_is_told_and_sees_nothing(team_url, browser_of):
    page = sign_in(browser_of(), team_url, "bob")
    assert page.get_by_text("nobody has given you a role").count() == 1
    assert denied(page)
    gone(page.locator(".sc-head"))
    with asking(page.context, team_url) as asked:
        for path in PAGES:
            assert denied_in(asked.head(path))
        assert not asked.pages & (set(PAGES) - {""})


def test_signing_out_ends_it_for_copies_of_the_cookie_and_other_tabs(team_url, browser_of):
    context = browser_of()
    page = sign_in(context, team_url, "ann", "import")
    page.get_by_role("button", name="CSV", exact=True).wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    file = download.value.url.removeprefix(team_url)
    assert file.startswith("/media/")
    assert get(page, team_url + file) == 200
    assert get(browser_of().new_page(), team_url + file) == 401
    assert get(sign_in(browser_of(), team_url, "bob"), team_url + file) == 404  # a living sign-in whose page did not make it
    copied = context.cookies()
    assert all(cookie["httpOnly"] and cookie["expires"] == -1 for cookie in copied if cookie["name"].startswith(COOKIE))
    other_tab = context.new_page()
    other_tab.goto(f"{team_url}/import")
    other_tab.get_by_text("Signed in as ann").wait_for()

    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(lambda url: not url.startswith(team_url))  # the provider asks whether to sign out there, too
    page.goto(team_url)
    assert denied(page)
    thief = browser_of()
    thief.add_cookies(copied)
    stolen = thief.new_page()
    stolen.goto(team_url)
    assert denied(stolen)
    assert get(stolen, team_url + file) == 401
    other_tab.wait_for_timeout(1_100)
    other_tab.get_by_role("button", name="Sign out").click()  # any step will do
    assert denied(other_tab)


def sent(context, address, method="PUT", token=None, size=4):
    """What the server answers to an upload (or its removal) with the cookies of this browser; `token`: in place of its own."""
    own = next((cookie["value"] for cookie in context.cookies() if cookie["name"] == "_streamlit_xsrf"), "")
    return context.request.fetch(address, method=method, headers={"X-Xsrftoken": own if token is None else token},
                                 multipart={"file": {"name": "forged.csv", "mimeType": "text/csv", "buffer": b"x" * size}}
                                 ).status


def test_an_upload_is_of_the_page_it_was_made_in_whoever_else_knows_its_address(team_url, browser_of):
    ann, ben = browser_of(), browser_of()
    page = sign_in(ann, team_url, "ann", "import")
    sign_in(ben, team_url, "sue")
    again = browser_of()  # the same person, signed in elsewhere
    sign_in(again, team_url, "ann")
    with page.expect_request(lambda request: "/_stcore/upload_file/" in request.url) as put:
        page.locator("input[type=file]").set_input_files({"name": "mine.csv", "mimeType": "text/csv", "buffer": b"a,b\n1,2\n"})
    hers = put.value.url
    page.get_by_text("mine.csv").first.wait_for()
    session_id = hers.split("/")[-2]
    guessed = f"{team_url}/_stcore/upload_file/{session_id}/{'0' * 8}"
    with asking(ben, team_url, resume=session_id) as asked:  # he says that her session is his
        his = team_url + asked.upload_to("his.csv")
        assert session_id not in his
        for other in (ben, again):
            assert [sent(other, address, method) for address in (hers, guessed) for method in ("PUT", "DELETE")] == [404] * 4
        assert [sent(browser_of(), hers, method) for method in ("PUT", "DELETE")] == [401] * 2
        assert [sent(ann, his, method) for method in ("PUT", "DELETE")] == [404] * 2
        assert [sent(ben, his, method) for method in ("PUT", "DELETE")] == [204] * 2
    assert sent(ben, his) == 404  # the page is closed
    page.get_by_role("button", name="Sign out").wait_for()
    for method in ("PUT", "DELETE"):
        assert [sent(ann, hers, method, token) for token in ("", "2|00000000|" + "0" * 32 + "|1")] == [403] * 2
    assert sent(ann, hers, size=26 * 2**20) == 413
    page.locator("input[type=file]").wait_for(state="attached")
    page.get_by_text("mine.csv").first.wait_for()
    assert sent(ann, hers, "DELETE") == 204
    copied = ann.cookies()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(lambda url: not url.startswith(team_url))
    thief = browser_of()
    thief.add_cookies(copied)
    assert [sent(who, hers, method) for who in (ann, thief) for method in ("PUT", "DELETE")] == [401] * 4


def test_half_an_hour_without_a_step_ends_it(team_url, browser_of, home):
    page = sign_in(browser_of(), team_url, "iggy", "audit")
    page.locator(".sc-head h1", has_text="Audit").wait_for()
    set_clock_on(home, 31)
    page.wait_for_timeout(1_100)
    page.get_by_role("button", name="Prepare the whole audit").click()
    assert denied(page)
    gone(page.get_by_role("button", name="Download"))


def test_a_cookie_that_was_changed_signs_nobody_in(team_url, browser_of):
    context = browser_of()
    sign_in(context, team_url, "ann")
    cookies = context.cookies()
    for cookie in cookies:
        if cookie["name"].startswith(COOKIE):
            cookie["value"] = cookie["value"][:-4] + ("aaaa" if cookie["value"][-4:] != "aaaa" else "bbbb")
    forger = browser_of()
    forger.add_cookies(cookies)
    page = forger.new_page()
    page.goto(team_url)
    assert denied(page)


def test_sign_ins_and_refusals_are_in_the_audit(team_url, browser_of, home):
    sign_in(browser_of(), team_url, "bob")
    with at(home) as store:
        entries = store.entries()
    of_bob = entries[entries["actor"] == "bob@force.example"]
    assert {"sign in", "refused"} <= set(of_bob["action"])


@pytest.fixture(scope="module")
def lying():
    with lying_provider() as provider:
        yield provider


@pytest.fixture(scope="module")
def table_url(home, lying):
    with team(home, lying.url, SCOPING_ROLES_FROM="table") as url:
        yield url


def put(home, *roles):
    with at(home) as store:
        People(store).put(Person("", "ann@force.example", frozenset(roles), "police", frozenset("*")), "test", datetime.now(UTC))


def test_a_role_that_is_taken_away_is_gone_at_the_next_step(table_url, lying, browser_of, home):
    put(home, "analyst")
    page = browser_of().new_page()
    page.goto(f"{table_url}/about")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("Signed in as ann").wait_for()
    page.goto(f"{table_url}/import")
    page.locator(".sc-head h1", has_text="Import").wait_for()
    put(home, "partner_viewer")
    page.wait_for_timeout(1_100)
    page.goto(f"{table_url}/import")
    page.get_by_text("Signed in as ann").wait_for()
    page.locator(".sc-head h1", has_text="Scoping").wait_for()
    with at(home) as store:
        People(store).remove("ann@force.example", "test")
    page.wait_for_timeout(1_100)
    page.goto(f"{table_url}/about")
    page.get_by_text("nobody has given you a role").wait_for()
    assert denied(page)


@pytest.mark.parametrize("lie", ["audience", "expired", "forged", "unsigned", "issuer", "nonce"])
def test_a_token_that_is_not_right_signs_nobody_in(table_url, lying, browser_of, home, lie):
    put(home, "analyst")
    lying.mode = lie
    try:
        page = browser_of().new_page()
        page.goto(f"{table_url}/about")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_text("The sign-in provider did not let you in").wait_for()
        page.wait_for_timeout(500)
        with asking(page.context, table_url) as asked:
            assert denied_in(asked.head("about"))
            assert not asked.pages & (set(PAGES) - {""})
        assert get(page, f"{table_url}/media/x.csv") == 401
    finally:
        lying.mode = "honest"
