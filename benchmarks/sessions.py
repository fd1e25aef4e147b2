"""25 people at once: websocket sessions that each take a step every few seconds; how long a step takes.

    python benchmarks/sessions.py [--sessions 25] [--every 8] [--seconds 90] [--processes 1] [--alike] [--home FOLDER]

Each asks for another of some hundred sets of filters, so that little is at hand; with --alike of three. Target: p95 under 1.5 s.
Of several processes each serves as many people, as behind deploy/nginx.conf. Speaks Streamlit's own protocol, so that no browser
takes the processor's time. `home` is a folder with data (default: var).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import websockets
from serving import ROOT, Served, served
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

Dial = str | int | Sequence[str]
TOKEN = "benchmark-token-of-this-run"  # noqa: S105 - of this run


def session(port: int) -> websockets.connect:
    """A session's connection, signed in; one that waits long for a busy server is not given up."""
    here = f"127.0.0.1:{port}"
    return websockets.connect(f"ws://{here}/_stcore/stream", origin=f"http://{here}", subprotocols=["streamlit"],
                              additional_headers={"Cookie": f"scoping_{port}={TOKEN}"}, max_size=None, ping_timeout=None,
                              open_timeout=None)


class Screen:
    """What one person has before them: a connection, and the ids of the page's widgets by their keys."""

    def __init__(self, link: websockets.ClientConnection) -> None:
        self._link = link
        self._ids: dict[str, str] = {}

    async def step(self, query: str = "", **dials: Dial) -> float:
        """One step, in seconds: turn these dials and wait until the page has been drawn to its end.

        Raises KeyError for a dial that no page so far had: a query alone sets dials only when a session begins.
        """
        message = BackMsg()
        message.rerun_script.query_string = query
        for key, value in dials.items():
            state = message.rerun_script.widget_states.widgets.add(id=self._ids[key])
            if isinstance(value, str):
                state.string_value = value
            elif isinstance(value, int):
                state.double_array_value.data.append(value)
            else:
                state.string_array_value.SetInParent()
                state.string_array_value.data.extend(value)
        began = time.perf_counter()
        await self._link.send(message.SerializeToString())
        while True:
            told = ForwardMsg()
            told.ParseFromString(await self._link.recv())
            if told.WhichOneof("type") == "delta":
                self._learn(told)
            elif told.WhichOneof("type") == "script_finished" and told.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                return time.perf_counter() - began

    def knows(self, key: str) -> bool:
        """Whether a page so far had this dial: that of the data is there once there are two sets."""
        return key in self._ids

    def _learn(self, told: ForwardMsg) -> None:
        element = told.delta.new_element
        kind = element.WhichOneof("type")
        _, _, key = getattr(getattr(element, kind), "id", "").rpartition("-") if kind else ("", "", "")
        if key:
            self._ids[key] = getattr(element, kind).id


@asynccontextmanager
async def screen(port: int) -> AsyncIterator[Screen]:
    async with session(port) as link:
        yield Screen(link)


def wish(chance: random.Random, alike: bool) -> dict[str, Dial]:
    """What somebody asks for next: of three neighbourhoods, or of some hundred sets of filters."""
    if alike:
        return {"eps": chance.choice((200, 250, 300))}
    return {"eps": chance.choice(range(200, 401, 25)),
            "strand": [each for each in ("Home", "Care", "Education") if chance.random() < 0.3],
            "age": [each for each in ("12-14", "15-17") if chance.random() < 0.3]}


async def person(port: int, given: argparse.Namespace, together: asyncio.Barrier, seed: int, took: list[float]) -> None:
    chance = random.Random(seed)  # noqa: S311 - when they click
    async with screen(port) as page:
        await page.step()  # the first reads everything, and waits in vain for a map to speak: it is not a step
        await together.wait()
        until = time.perf_counter() + given.seconds
        while time.perf_counter() < until:
            await asyncio.sleep(chance.uniform(0.5, 1.5) * given.every)
            took.append(await page.step(**wish(chance, given.alike)))


async def crowd(ports: Sequence[int], given: argparse.Namespace) -> list[float]:
    took: list[float] = []
    together = asyncio.Barrier(given.sessions)
    people = [person(ports[seed % len(ports)], given, together, seed, took) for seed in range(given.sessions)]
    await asyncio.gather(*people)
    return took


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sessions", type=int, default=25)
    options.add_argument("--every", type=float, default=8.0)
    options.add_argument("--seconds", type=float, default=90.0)
    options.add_argument("--processes", type=int, default=1)
    options.add_argument("--alike", action="store_true", help="they ask for three different views in all, not for some hundred")
    options.add_argument("--home", type=Path, default=ROOT / "var")
    given = options.parse_args()
    with ExitStack() as all_of_them:
        servers = [all_of_them.enter_context(served(given.home, TOKEN)) for _ in range(given.processes)]
        before = sum(map(_processor, servers))
        took = sorted(asyncio.run(crowd([server.port for server in servers], given)))
        cpu = sum(map(_processor, servers)) - before
        print(f"{given.sessions} sessions, {given.processes} processes, {len(took)} steps: median {statistics.median(took):.2f} s, "
              f"p95 {took[int(0.95 * (len(took) - 1))]:.2f} s, most {took[-1]:.2f} s; "
              f"{cpu:.0f} s of processor, {max(each.resident_mb for each in servers):.0f} MB each; load {os.getloadavg()[0]:.1f}")


def _processor(server: Served) -> float:
    """Seconds of the processor that it has used."""
    used = Path(f"/proc/{server.process}/stat").read_text().split()
    return (int(used[13]) + int(used[14])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
