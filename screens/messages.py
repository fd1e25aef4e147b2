"""What a browser may say over the websocket: run the page, stop it, that it lives, where to put an upload.

Streamlit takes more than its own page needs here, from whoever may open the websocket and beside the page's own questions
about who is asking: to drop the caches of everybody, to tell of the checkout, to write files into the project's folder.
"""

from __future__ import annotations

import logging

from google.protobuf.message import DecodeError
from starlette.types import Message, Receive
from streamlit.proto.BackMsg_pb2 import BackMsg

ALLOWED = ("rerun_script", "stop_script", "app_heartbeat", "file_urls_request")
LOG = logging.getLogger("scoping.messages")


def listening(receive: Receive) -> Receive:
    """`receive` of a websocket without the messages that no page of ours sends; broken ones go on to be refused."""

    async def next_message() -> Message:
        while True:
            message = await receive()
            if message["type"] == "websocket.receive" and message.get("bytes") is None:
                continue  # a text: pages speak in bytes
            kind = _kind(message.get("bytes"))
            if kind is None or kind in ALLOWED:
                return message
            LOG.warning("refused a message: %s", kind)

    return next_message


def _kind(data: bytes | None) -> str | None:
    """Which message of a browser this is; None when it is none."""
    if not data:
        return None
    try:
        return BackMsg.FromString(data).WhichOneof("type")
    except DecodeError:
        return None
