"""What chance does to good bytes: `mutated` to any, `rezipped` to archives."""

from __future__ import annotations

import io
import random
import struct
import zipfile

TOKENS = [
    b"",
    b'"',
    b"'",
    b'""',
    b",",
    b";",
    b"\t",
    b"|",
    b"\n",
    b"\r",
    b"\r\n",
    b"\0",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\x1a",
    b"\x80",
    b"\xff",
    b"\xc3\x28",
    b"\xed\xa0\x80",
    b"\xe2\x80\xae",
    b"\xe2\x80\xa8",
    b"\xf0\x9f\x9a\x93",
    b"\xc2\x85",
    b"\x0b",
    b"\x0c",
    b"=cmd|' /C calc'!A0",
    b"<script>alert(1)</script>",
    b"${7*7}",
    b"{{7*7}}",
    b"%s%n",
    b"../../x",
    b"sep=;\n",
    b"-0",
    b"1e999",
    b"NaN",
    b"inf",
    b"9" * 400,
    b"0x1F",
    b"1_000",
    b"\xd9\xa3\xd9\xa4",
    b"99999999-99-99",
    b"0000-00-00",
    b"9999-12-31T23:59:60Z",
    b"2025-03-30T01:30",
    b"2025-10-26T01:30:00+14:00",
    b"31/02/2025 25:61",
    b"12/31/2025",
    b"45000.5",
    b"OL16 1LU",
    b"SD 896 134",
    b"53.6, -2.15",
    b"-1.8 53.6",
    b"TRUE",
    b"#REF!",
    b"a" * 5000,
    b"[" * 300,
    b"(" * 300,
    b"\\" * 50,
    b"&lt;&#0;&#x110000;",
]
BOUND = [0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF]


def mutated(chance: random.Random, data: bytes, most: int = 8) -> bytes:
    """`data` with a few cuts, copies, flips and hostile pieces."""
    out = bytearray(data)
    for _ in range(chance.randint(1, most)):
        at, size = chance.randint(0, len(out)), min(int(chance.expovariate(0.1)), 400)
        how = chance.randrange(8)
        if how == 0:
            out[at:at] = chance.choice(TOKENS)
        elif how == 1:
            out[at : at + size] = chance.choice(TOKENS)
        elif how == 2:
            del out[at : at + size]
        elif how == 3:
            to = chance.randint(0, len(out))
            out[to:to] = out[at : at + size]
        elif how == 4 and at < len(out):
            out[at] ^= 1 << chance.randrange(8)
        elif how == 5:
            out[at:at] = chance.randbytes(min(size, 20))
        elif how == 6:
            lines = bytes(out).split(b"\n")
            chance.shuffle(lines)
            out = bytearray(b"\n".join(lines))
        elif chance.random() < 0.2:
            del out[at:]
    return bytes(out)


def rezipped(chance: random.Random, data: bytes) -> bytes:
    """A good archive with a member's content, the list of members or the archive's own records made wrong."""
    how = chance.randrange(10)
    if how == 0:
        return mutated(chance, data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    victim = chance.randrange(len(members))
    name, content = members[victim]
    if how == 1:
        members.pop(victim)
    elif how == 2:
        members.append(
            (
                chance.choice(["../../x", "/etc/x", "a" * 300, "xl/vbaProject.bin", "xl/sharedStrings.xml", name, "é\u202e"]),
                content,
            )
        )
    elif how == 3:
        bomb = chance.choice([b" " * 3_000_000, content * 200, b"<row/>" * 300_000, b"<c/>" * 1_000, b"\0" * 100])
        members[victim] = (name, (content[: chance.randint(0, len(content))] + bomb)[:4_000_000])
    elif how == 4:
        entity = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/hostname">]>'
        members[victim] = (name, content.replace(b"?>", b"?>" + entity, 1).replace(b"</t>", b"&b;&c;</t>"))
    else:
        members[victim] = (name, mutated(chance, content, 5))
    out = io.BytesIO()
    method = zipfile.ZIP_STORED if chance.random() < 0.1 else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(out, "w", method, compresslevel=1) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, method)
    made = out.getvalue()
    return _with_wrong_records(chance, made) if how == 9 else made


def _with_wrong_records(chance: random.Random, data: bytes) -> bytes:
    """A few numbers of local headers, the directory or its end overwritten."""
    out = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        mark, width = chance.choice([(b"PK\x03\x04", 30), (b"PK\x01\x02", 46), (b"PK\x05\x06", 22)])
        places = [at for at in range(len(out)) if out.startswith(mark, at)]
        if places:
            at = chance.choice(places) + chance.randrange(4, width - 3)
            struct.pack_into("<I", out, min(at, len(out) - 4), chance.choice(BOUND))
    return bytes(out)
