"""Office files are zip archives that note when they were made. Here they are packed anew without it: same content, same bytes."""

from __future__ import annotations

import io
import re
import zipfile

EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip archive knows
_STAMPS = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")


def fixed(data: bytes) -> bytes:
    """The archive with every member dated alike, and the document's own dates set to the first day of 2000."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _STAMPS.sub(lambda found: found[1] + b"2000-01-01T00:00:00Z" + found[3], content)
            member = zipfile.ZipInfo(name, EPOCH)
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            new.writestr(member, content)
    return out.getvalue()
