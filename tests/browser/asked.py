"""What the server says to whom it knows by a cookie, without a browser: the messages of Streamlit's own protocol."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from google.protobuf.message import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

WITHIN_S = 120


class Asking:
    """A session of its own, as a page of the browser context has one; `pages` are those the menu offers, by address."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.pages: set[str] = set()

    def head(self, address: str) -> str:
        """The title of the page that the server gives for this address, or every text of the page where it has none."""
        asked = BackMsg()
        asked.rerun_script.page_name = address
        self.connection.send(asked.SerializeToString())
        begun, said = False, []
        while True:
            message = ForwardMsg()
            message.ParseFromString(self.connection.recv(timeout=WITHIN_S))
            kind = message.WhichOneof("type")
            begun, said = begun or kind == "new_session", [] if kind == "new_session" else said
            if kind == "navigation":
                self.pages = {page.url_pathname for page in message.navigation.app_pages}
            if not begun:
                continue
            said += texts(message)
            title = re.search(r"<h1[^>]*>(.*?)</h1>", " ".join(said), re.DOTALL)
            if title:
                return html.unescape(title[1])
            if kind == "script_finished":
                return " ".join(said)

    def upload_to(self, name: str) -> str:
        """Where a form of this session is told to put a file of this name: the path."""
        asked = BackMsg()
        asked.file_urls_request.request_id = name
        asked.file_urls_request.file_names.append(name)
        self.connection.send(asked.SerializeToString())
        while True:
            message = ForwardMsg()
            message.ParseFromString(self.connection.recv(timeout=WITHIN_S))
            if message.WhichOneof("type") == "file_urls_response":
                return str(message.file_urls_response.file_urls[0].upload_url)


@contextmanager
def asking(context, url: str, resume: str = "") -> Iterator[Asking]:
    """Ask with the cookies of a browser context; `resume`: the session that the page says it had."""
    cookies = {cookie["name"]: cookie["value"] for cookie in context.cookies(url)}
    with connect(f"ws://{urlsplit(url).netloc}/_stcore/stream", origin=url, max_size=None, open_timeout=WITHIN_S,
                 subprotocols=[Subprotocol(each) for each in ("streamlit", cookies.get("_streamlit_xsrf", "none"), resume) if each],
                 additional_headers={"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}) as connection:
        yield Asking(connection)


def texts(message: Message) -> Iterator[str]:
    """Every text of a message."""
    for _, value in message.ListFields():
        for one in value if hasattr(value, "append") or hasattr(value, "add") else [value]:
            if isinstance(one, Message):
                yield from texts(one)
            elif isinstance(one, str):
                yield one
