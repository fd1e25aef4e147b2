"""What a command answers, as JSON values and as text for people."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

TEXT_WIDTH = 100  # characters of a line of plain answers


def _plain(value: Any) -> Any:
    """A JSON value: missing becomes null, numpy scalars and times become plain."""
    if value is None or isinstance(value, str | bool):
        return value
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None  # JSON has neither NaN nor infinity
    return value if isinstance(value, int) else str(value)


def as_json(value: Any) -> Any:
    """Plain values that JSON can hold, names as text."""
    if isinstance(value, Mapping):
        return {str(name): as_json(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(member) for member in value]
    return _plain(value)


def as_text(answer: Any, indent: int = 0) -> str:
    """A readable form of the same answer: lists of records as tables, the rest as lines."""
    pad = "  " * indent
    if _records(answer):
        deep = any(_records(value) or _deep(value) for value in answer[0].values())
        return "\n\n".join(as_text(record, indent) for record in answer) if deep else _table(answer, pad)
    if isinstance(answer, Mapping):
        lines = []
        for name, value in answer.items():
            nested = _records(value) or _deep(value) or (isinstance(value, Mapping) and len(_cell(value)) > TEXT_WIDTH)
            lines.append(f"{pad}{name}:\n{as_text(value, indent + 1)}" if nested else f"{pad}{name}: {_cell(value)}")
        return "\n".join(lines)
    return f"{pad}{_cell(answer)}"


def _records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


def _deep(value: Any) -> bool:
    return isinstance(value, Mapping) and any(isinstance(member, Mapping) for member in value.values())


def _table(records: list[Mapping[str, Any]], pad: str) -> str:
    names = list(records[0])
    rows = [[_cell(record.get(name)) for name in names] for record in records]
    widths = [max(len(name), *(len(row[i]) for row in rows)) for i, name in enumerate(names)]
    lines = [names, ["-" * width for width in widths], *rows]
    padded = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "\n".join(pad + line.rstrip() for line in padded)


def _cell(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{k} {_cell(v)}" for k, v in value.items())
    if isinstance(value, list | tuple):
        return (" " if all(isinstance(v, str) and v.endswith(".") for v in value) else ", ").join(_cell(v) for v in value)
    value = _plain(value)
    if isinstance(value, float):
        return f"{value:,.5g}" if abs(value) < 1000 else f"{value:,.0f}"
    return "" if value is None else str(value)
