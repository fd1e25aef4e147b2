"""The guard lets in what is meant for this server and nothing else; errors say nothing of the data."""

import ast
import asyncio
import logging
import re
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import packages_distributions

import pytest
import streamlit as st
from streamlit.proto.BackMsg_pb2 import BackMsg

from screens import guard, messages, server

CANARY = "Zebedee Quill"


async def inner(scope, receive, send):
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    await send({"type": "http.response.start", "status": 200,
                "headers": [(b"server", b"uvicorn"), (b"cache-control", b"public"), (b"Content-Security-Policy", b"none")]})
    await send({"type": "http.response.body", "body": b"ok"})


def ask(headers, *, kind="http", path="/", hosts=guard.LOCAL_HOSTS):
    sent = []

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        sent.append(message)

    scope = {"type": kind, "path": path, "query_string": b"",
             "headers": [(k.encode(), v.encode()) for k, v in headers]}
    with ThreadPoolExecutor(1) as thread:  # a browser test may have left its own loop in this one
        thread.submit(asyncio.run, guard.Guard(inner, hosts)(scope, receive, send)).result()
    return sent


def status(headers, **more):
    return ask(headers, **more)[0].get("status")


SIGNED = "_streamlit_user=2|1:0|10:1|15:x|8:e30=|ff; HttpOnly; Path=/"


@pytest.mark.parametrize(("path", "query", "cookie", "leads"), [
    ("/oauth2callback", "code=1&state=2", "", "/?sign_in=failed"),
    ("/oauth2callback", "error=access_denied&state=2", "", "/?sign_in=failed"),
    ("/oauth2callback", "code=1&state=2", '_streamlit_user=""; Max-Age=0; Path=/', "/?sign_in=failed"),
    ("/oauth2callback", "code=1&state=2", "_streamlit_user_tokens=x; Path=/", "/?sign_in=failed"),
    ("/oauth2callback", "code=1&state=2", SIGNED, "/"),
    ("/oauth2callback", "", "", "/"),  # from signing out
    ("/oauth2callback", "state=2", "", "/"),
    ("/hotspots", "code=1", "", "/"),
])
def test_a_sign_in_that_let_nobody_in_leads_to_a_page_that_says_so(path, query, cookie, leads):
    sent = []

    async def stream(scope, receive, send):
        cookies = [(b"set-cookie", cookie.encode())] if cookie else []
        await send({"type": "http.response.start", "status": 302, "headers": [(b"location", b"/"), *cookies]})

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "path": path, "query_string": query.encode(), "headers": [(b"host", b"127.0.0.1")]}
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, guard.Guard(stream)(scope, None, send)).result()
    assert dict(sent[0]["headers"])[b"location"].decode() == leads


@pytest.mark.parametrize("host", ["127.0.0.1:8501", "localhost:8501", "LOCALHOST", "[::1]:8501", "127.0.0.1"])
def test_own_hosts_come_in(host):
    assert status([("host", host)]) == 200


@pytest.mark.parametrize("headers", [
    [], [("host", "evil.test")], [("host", "127.0.0.1.evil.test")], [("host", "localhost:8501"), ("host", "evil.test")],
    [("host", "127.0.0.1:8501"), ("origin", "http://evil.test")], [("host", "127.0.0.1:8501"), ("origin", "null")],
    [("host", "127.0.0.1:8501"), ("origin", "http://127.0.0.1:1234")], [("host", "127.0.0.1:8501"), ("origin", "")],
])
def test_other_hosts_and_origins_are_refused(headers):
    assert status(headers) == 403


def test_a_host_from_the_settings_comes_in():
    assert status([("host", "scoping.force.example")], hosts=(*guard.LOCAL_HOSTS, "scoping.force.example")) == 200


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/agent/openapi.json", "/_stcore/agent"])
def test_doors_that_stay_shut(path):
    assert status([("host", "localhost")], path=path) == 403


def test_a_websocket_needs_the_same_origin():
    own = ("host", "127.0.0.1:8501")
    assert ask([own, ("origin", "http://127.0.0.1:8501")], kind="websocket") == [{"type": "websocket.accept"}]
    for bad in ([own], [own, ("origin", "http://localhost:8501")], [own, ("origin", "http://evil.test")]):
        assert ask(bad, kind="websocket") == [{"type": "websocket.close", "code": 1008}]


def test_every_answer_carries_the_headers():
    for path, refused in (("/", False), ("/", True), ("/assets/x.js", False)):
        headers = dict(ask([("host", "evil.test" if refused else "localhost")], path=path)[0]["headers"])
        for name in guard.HEADERS:
            assert name.encode() in headers
        assert b"server" not in headers
        assert headers[b"content-security-policy"].decode() == guard.PAGE_CSP
    assert "unsafe-inline' 'unsafe-eval" not in guard.PAGE_CSP


def test_components_alone_may_run_inline_script():
    headers = dict(ask([("host", "localhost")], path="/component/streamlit_folium.st_folium/index.html")[0]["headers"])
    assert headers[b"content-security-policy"].decode() == guard.COMPONENT_CSP
    assert "connect-src 'self'" in guard.COMPONENT_CSP


def test_downloads_are_not_kept_by_the_browser():
    headers = dict(ask([("host", "localhost")], path="/media/abc.csv")[0]["headers"])
    assert headers[b"cache-control"] == b"no-store"


def test_an_error_shows_and_logs_a_reference_only(monkeypatch, caplog):
    shown = []
    monkeypatch.setattr(st, "error", shown.append)
    with caplog.at_level(logging.ERROR):
        try:
            raise KeyError(CANARY)
        except KeyError as error:
            assert server.redacted(error) is True
    reference = shown[0].split("Reference ")[1][:8]
    assert reference in caplog.text and "KeyError" in caplog.text and "test_server.py" in caplog.text
    assert CANARY not in caplog.text + shown[0]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_error_beside_the_pages_is_logged_without_its_text(monkeypatch, caplog, capsys):
    def fails():
        raise ValueError(CANARY)

    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    server.quiet_logs()
    with caplog.at_level(logging.ERROR):
        thread = threading.Thread(target=fails)
        thread.start()
        thread.join()
    assert "ValueError at test_server.py:" in caplog.text
    assert CANARY not in caplog.text + capsys.readouterr().err


def test_streamlits_own_log_of_an_error_withholds_it():
    server.quiet_logs()
    logger = logging.getLogger("streamlit.error_util")
    lines = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(logging.Formatter().format(record))
    logger.addHandler(handler)
    try:
        raise ValueError(CANARY)
    except ValueError as error:
        logger.error("Uncaught app execution", exc_info=error)
    finally:
        logger.removeHandler(handler)
    assert lines == ["ValueError: details withheld"]


def test_it_is_not_served_under_a_path_that_guard_and_door_do_not_know(monkeypatch):
    monkeypatch.setattr(st, "get_option", {"server.baseUrlPath": "scoping"}.get)
    with pytest.raises(server.ParameterError, match="root of a host"):
        server.middleware()


def test_no_answer_waits_for_the_word_that_the_last_one_came() -> None:
    async def accepted() -> int:
        found: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        class Told(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                found.set_result(transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

        with socket.socket(socket.AF_INET) as bound:  # as Streamlit binds it: without a word of TCP
            bound.bind(("127.0.0.1", 0))
            listening = await asyncio.get_running_loop().create_server(Told, sock=bound)
            with socket.create_connection(bound.getsockname()):
                told = await found
            listening.close()
        return told

    server.answer_at_once()
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(asyncio.run, accepted()).result() == 1


def test_no_page_stands_before_a_package_of_the_same_name():
    """The server puts the folder of its script first on Python's path: nothing there may hide a module of Python or a package."""
    script = server.ROOT / re.search(r'st\.App\("(.+?)"', (server.ROOT / "app.py").read_text("utf-8"))[1]
    assert script.is_file()
    beside = {path.stem for path in script.parent.glob("*.py")}
    assert not beside & (set(sys.stdlib_module_names) | {name for name in packages_distributions() if name not in beside_ours()})


def beside_ours():
    """Modules that this program itself installs."""
    return {"app", "cli", "settings", "start"}


def test_no_room_that_the_start_loads_brings_the_map_component_in() -> None:
    """Loaded outside a page, the component is unknown to the server and every map stays empty."""
    for path in (server.ROOT / "screens").glob("*.py"):
        loaded = [node.module for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.ImportFrom)]
        assert "streamlit_folium" not in loaded, path.name


@pytest.mark.parametrize(("kind", "passes"), [
    ("rerun_script", True), ("stop_script", True), ("app_heartbeat", True), ("file_urls_request", True), ("clear_cache", False),
    ("load_git_info", False), ("set_run_on_save", False), ("debug_shutdown_runtime", False), ("backend_operation_request", False)])
def test_a_browser_may_say_what_a_page_needs_and_no_more(kind, passes):
    message, last = BackMsg(), {"type": "websocket.disconnect"}
    if message.DESCRIPTOR.fields_by_name[kind].message_type:
        getattr(message, kind).SetInParent()
    else:
        setattr(message, kind, True)
    said = {"type": "websocket.receive", "bytes": message.SerializeToString()}
    assert heard(said, last) == [said, last] if passes else [last]


def test_every_kind_of_message_is_let_on_or_refused_by_name():
    """A kind that Streamlit adds is refused until somebody has looked at it."""
    assert set(messages.ALLOWED) < {field.name for field in BackMsg.DESCRIPTOR.fields}
    last = {"type": "websocket.disconnect"}
    assert heard({"type": "websocket.receive", "text": "rerun"}, last) == [last]
    broken = {"type": "websocket.receive", "bytes": b"\x0a\xff\xff\xff\xff\x7f"}
    assert heard(broken) == [broken]  # Streamlit ends the connection


def heard(*said):
    """What of it the server hears through the guard, as the websocket's own code asks for it."""
    waiting, got = [{"type": "websocket.connect"}, *said], []

    async def ear(scope, receive, send):
        assert (await receive())["type"] == "websocket.connect"
        while waiting:
            got.append(await receive())
            if got[-1]["type"] == "websocket.disconnect":
                return

    async def receive():
        return waiting.pop(0)

    scope = {"type": "websocket", "path": "/_stcore/stream", "query_string": b"",
             "headers": [(b"host", b"127.0.0.1:8501"), (b"origin", b"http://127.0.0.1:8501")]}
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, guard.Guard(ear)(scope, receive, None)).result()
    return got
