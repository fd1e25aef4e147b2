"""What the server writes about itself: one line an event, as text or as JSON, and never a value of a row.

An exception's text may carry a row, so only its type is written.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime


class Json(logging.Formatter):
    """One JSON object a line: at, level, from, said."""

    def format(self, record: logging.LogRecord) -> str:
        said = {"at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"), "level": record.levelname,
                "from": record.name, "said": record.getMessage()}
        if record.exc_info and record.exc_info[0]:
            said["error"] = record.exc_info[0].__name__
        return json.dumps(said)


def start(form: str) -> None:
    """Send the program's own log, and the server's, to standard error in this form (text or json)."""
    handler = logging.StreamHandler()
    handler.setFormatter(Json() if form == "json" else logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    for name in ("scoping", "uvicorn"):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.setLevel(logging.INFO)
