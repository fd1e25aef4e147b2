"""At one's own computer the launch token, in a team a living sign-in: who is let in, and what everybody is told."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from streamlit.runtime.media_file_storage import MediaFileKind
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from screens import door, guard, handed_out, session
from tests.geo_data.made import episodes, import_into

HOST = ("host", "127.0.0.1:8501")
OWN = ("origin", "http://127.0.0.1:8501")
TOKEN = "a-token-of-this-start"  # noqa: S105 - of this test
COOKIE = ("cookie", f"scoping_8501={TOKEN}")
HTML = ("accept", "text/html,*/*")


async def inner(scope, receive, send):
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": scope.get("answers", [])})
    await send({"type": "http.response.body", "body": b"ok"})


def ask(way, headers, *, kind="http", path="/", query="", **more):
    sent = []

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        sent.append(message)

    scope = {"type": kind, "path": path, "query_string": query.encode(), "method": "GET", "scheme": "http",
             "headers": [(k.encode(), v.encode()) for k, v in headers], **more}
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, guard.Guard(inner, door=way)(scope, receive, send)).result()
    return sent


def local(asks=True):
    return door.LocalDoor(TOKEN, lambda: asks)


def status(sent):
    return sent[0].get("status", sent[0]["type"])


def test_the_token_is_traded_for_a_cookie_that_scripts_cannot_read():
    sent = ask(local(), [HOST, HTML], query=f"token={TOKEN}&eps=150")
    headers = dict(sent[0]["headers"])
    assert status(sent) == 303
    assert headers[b"location"] == b"/?eps=150"
    assert dict(ask(local(), [HOST], path="//evil.test", query=f"token={TOKEN}")[0]["headers"])[b"location"] == b"/evil.test"
    cookie = headers[b"set-cookie"].decode()
    assert f"scoping_8501={TOKEN}" in cookie and "HttpOnly" in cookie and "SameSite=strict" in cookie


def test_without_it_a_page_says_where_to_find_it():
    sent = ask(local(), [HOST, HTML])
    assert status(sent) == 403
    assert b"scoping address" in sent[1]["body"] and TOKEN.encode() not in sent[1]["body"]
    assert b"content-security-policy" in dict(sent[0]["headers"])


@pytest.mark.parametrize("headers", [[], [("cookie", "scoping_8501=wrong")], [("cookie", f"scoping_8502={TOKEN}")]])
@pytest.mark.parametrize("query", ["", "token=wrong", "token="])
def test_nothing_of_the_data_is_given_without_it(headers, query):
    for path in ("/", "/import", "/hotspots", "/hotspots/_stcore/stream", "/media/x.csv", "/_stcore/upload_file/1/2"):
        assert status(ask(local(), [HOST, *headers], path=path, query=query)) == 403
    refused = ask(local(), [HOST, OWN, *headers], kind="websocket", path="/_stcore/stream", query=query)
    assert refused == [{"type": "websocket.close", "code": 1008}]
    assert ask(local(), [HOST, OWN], kind="websocket", path="/_stcore/stream", query=f"token={TOKEN}") == refused


def test_the_cookie_lets_in_and_code_is_free():
    assert status(ask(local(), [HOST, COOKIE])) == 200
    assert ask(local(), [HOST, OWN, COOKIE], kind="websocket") == [{"type": "websocket.accept"}]
    for path in ("/assets/map/map.js", "/static/js/index.js", "/_stcore/health", "/healthz"):
        assert status(ask(local(), [HOST], path=path)) == 200


@pytest.mark.parametrize("headers", [
    [("host", "evil.test:8501"), COOKIE], [HOST, COOKIE, ("origin", "http://evil.test")], [HOST, COOKIE, ("origin", "null")],
    [HOST, COOKIE, ("origin", "http://127.0.0.1:1234")]])
def test_the_cookie_opens_nothing_for_a_foreign_host_or_origin(headers):
    assert status(ask(local(), headers)) == 403


def test_the_cookie_opens_no_door_that_stays_shut():
    for path in ("/_stcore/metrics", "/_stcore/agent/openapi.json"):
        assert status(ask(local(), [HOST, COOKIE], path=path)) == 403
    assert ask(local(), [HOST, COOKIE], kind="websocket") == [{"type": "websocket.close", "code": 1008}]


def test_once_asked_for_it_stays_asked_for():
    answers = iter([False, True, False])
    way = door.LocalDoor(TOKEN, lambda: next(answers))
    assert [status(ask(way, [HOST])) for _ in range(3)] == [200, 403, 403]


def test_it_is_asked_for_once_there_are_records(empty):
    assert session.holds_records() is False
    import_into(session.opened(), "a", episodes(["R-1"]), "demo")
    assert session.holds_records() is False
    import_into(session.opened(), "a", episodes(["R-1"]))
    assert session.holds_records() is True


def test_the_token_is_kept_for_its_user_alone(empty, monkeypatch):
    door.token.cache_clear()
    monkeypatch.delenv(door.TOKEN_VARIABLE, raising=False)
    made = door.token()
    door.token.cache_clear()
    kept = empty / door.TOKEN_FILE
    assert len(made) >= 32 and kept.read_text().split()[1] == made
    if os.name == "posix":
        assert kept.stat().st_mode & 0o777 == 0o600


def test_a_store_that_cannot_be_read_may_hold_anything(monkeypatch):
    def broken():
        raise door.ScopingError("no")

    monkeypatch.setattr(session, "holds_records", broken)
    assert door._holds_records() is True


@pytest.fixture
def making(monkeypatch):
    """Makes a file in the memory of all pages as the page of a browser with these cookies does: its address."""
    for name in ("load_and_get_id", "delete_file"):
        monkeypatch.setattr(MemoryMediaFileStorage, name, getattr(MemoryMediaFileStorage, name))
    monkeypatch.setattr(MemoryMediaFileStorage, "watched", False, raising=False)
    handed_out.watch()
    memory = MemoryMediaFileStorage("/media")

    def make(content, cookies):
        monkeypatch.setattr(handed_out, "get_script_run_ctx", lambda **_: object())
        monkeypatch.setattr(handed_out, "st", SimpleNamespace(context=SimpleNamespace(cookies=cookies)))
        return memory.get_url(memory.load_and_get_id(content, "text/csv", MediaFileKind.DOWNLOADABLE, "x.csv"))

    make.memory = memory
    return make


def test_in_a_team_files_are_handed_out_to_living_sign_ins_only(making):
    asked = []
    way = door.TeamDoor(lambda sign_in: asked.append(sign_in) or len(asked) == 1)
    mine = making(b"mine", {"_streamlit_user": "abc"})
    for path in (mine, "/media/x.csv", upload("ann's", "2")):
        assert status(ask(way, [HOST], path=path)) == 401
    assert asked == []
    cookie = ("cookie", "_streamlit_user=abc")
    assert status(ask(way, [HOST, cookie], path=mine)) == 200
    assert status(ask(way, [HOST, cookie], path=mine)) == 401
    assert status(ask(way, [HOST], path="/")) == 200  # the pages themselves ask


def test_a_file_is_given_to_the_sign_in_that_made_it_and_to_no_other(making):
    way = door.TeamDoor(lambda sign_in: True)
    ann, ben = ("cookie", "_streamlit_user=ann"), ("cookie", "_streamlit_user=ben")
    hers, both = making(b"hers", {"_streamlit_user": "ann"}), making(b"both", {"_streamlit_user": "ann"})
    assert making(b"both", {"_streamlit_user": "ben"}) == both
    nobodys = making(b"nobody's", {})
    asked = [(path, who) for path in (hers, both, nobodys, "/media/never.csv") for who in (ann, ben)]
    assert [status(ask(way, [HOST, who], path=path)) for path, who in asked] == [200, 404, 200, 200, 404, 404, 404, 404]
    making.memory.delete_file(hers.removeprefix("/media/").removesuffix(".csv"))
    assert status(ask(way, [HOST, ann], path=hers)) == 404


ANN, BEN = {"_streamlit_user": "ann"}, {"_streamlit_user": "ben"}
LONG = {"_streamlit_user": "chunks-2", "_streamlit_user_1": "x", "_streamlit_user_2": "y"}
OPEN = {"ann's": ANN, "ben's": BEN, "long": LONG, "nobody's": {}}  # pages that are open: the session, its websocket's cookies


@pytest.fixture
def open_pages(monkeypatch):
    clients = {name: SimpleNamespace(client_context=SimpleNamespace(cookies=cookies)) for name, cookies in OPEN.items()}
    monkeypatch.setattr(handed_out.runtime, "get_instance", lambda: SimpleNamespace(get_client=clients.get))


def upload(session_id, file):
    return f"/_stcore/upload_file/{session_id}/{file}"


def told(cookies, path, method, alive=True):
    carried = [("cookie", "; ".join(f"{name}={value}" for name, value in cookies.items()))] if cookies else []
    return status(ask(door.TeamDoor(lambda sign_in: alive), [HOST, *carried], path=path, method=method))


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS"])
@pytest.mark.usefixtures("open_pages")
def test_an_upload_is_put_and_dropped_by_the_sign_in_whose_page_is_open_and_by_no_other(method):
    file = "0c4d7a52-0b3e-4f7e-8d5a-0e5f1f7f7a11"
    assert [told(ANN, upload(whose, file), method) for whose in OPEN] == [200, 404, 404, 404]
    assert [told(BEN, upload(whose, file), method) for whose in OPEN] == [404, 200, 404, 404]
    assert told(LONG, upload("long", file), method) == 200
    assert told(LONG | {"_streamlit_user_2": "z"}, upload("long", file), method) == 404
    assert [told({}, upload(whose, file), method) for whose in OPEN] == [401] * 4
    for whose, cookies in OPEN.items():  # ended, or a copy of one that ended
        assert told(cookies, upload(whose, file), method, alive=False) == 401
    for path in (upload("closed", file), upload("", file), upload("ben's/../ann's", file), upload("ann's%2F", file),
                 "/_stcore/upload_file/", "/_stcore/upload_file//ann's/x", upload("ben's#", file), upload("ben's?", file)):
        assert told(ANN, path, method) == 404, path


def test_a_sign_in_cookie_ends_with_the_browser_and_is_secure_on_https():
    answers = [(b"set-cookie", b"_streamlit_user=x; Max-Age=2592000; expires=Thu; Path=/; HttpOnly"),
               (b"set-cookie", b"_streamlit_user_1=\"\"; Max-Age=0; Path=/"), (b"set-cookie", b"other=1; Max-Age=60")]
    plain = ask(local(False), [HOST], answers=answers)[0]["headers"]
    assert [v for k, v in plain if k == b"set-cookie"] == [
        b"_streamlit_user=x; Path=/; HttpOnly", b"_streamlit_user_1=\"\"; Max-Age=0; Path=/", b"other=1; Max-Age=60"]
    secured = ask(local(False), [HOST, ("x-forwarded-proto", "https")], answers=answers)[0]["headers"]
    assert all(v.endswith(b"; Secure") for k, v in secured if k == b"set-cookie")
    assert (b"strict-transport-security", b"max-age=63072000") in secured
