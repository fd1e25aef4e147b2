"""PostGIS: `ST_ClusterDBSCAN` over all windows in one statement, in a server of its own that is thrown away."""

from __future__ import annotations

import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from racing.clock import of_process

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the tests' own throwaway server

from tests.geo_data.postgres import server

Array = NDArray[Any]
QUERY = """create temporary table found as
select id, window_no, ST_ClusterDBSCAN(place, %s, %s) over (partition by window_no) as label from point"""


def run(windows: list[Array], eps_m: float, minimum: int) -> tuple[float, float, list[Array], int]:
    """Processor and clock seconds of the query, labels by window, peak MiB of the server's process. Loading is outside."""
    number = np.repeat(np.arange(len(windows)), [len(xy) for xy in windows])
    xy = np.vstack(windows)
    with server() as folder, psycopg.connect(host=folder, user="postgres", dbname="postgres", autocommit=True) as link:
        link.execute("create extension postgis")
        link.execute("create temporary table point (id integer, window_no integer, x float8, y float8, place geometry(point))")
        with link.cursor().copy("copy point (id, window_no, x, y) from stdin") as copy:
            for row in zip(range(len(xy)), number.tolist(), xy[:, 0].tolist(), xy[:, 1].tolist(), strict=True):
                copy.write_row(row)
        link.execute("update point set place = ST_MakePoint(x, y)")
        process = link.info.backend_pid
        before, clock = of_process(process)[0], time.perf_counter()
        with psycopg.ClientCursor(link) as cursor:
            cursor.execute(QUERY, (eps_m, minimum))
        spent, wall = of_process(process)[0] - before, time.perf_counter() - clock
        labels = np.array([-1 if label is None else label for (label,) in link.execute("select label from found order by id")])
        peak = of_process(process)[1]
    edges = np.cumsum([0, *(len(each) for each in windows)])
    return spent, wall, [labels[a:z] for a, z in pairwise(edges.tolist())], peak
