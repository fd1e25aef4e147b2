"""The peers: other DBSCANs, each fitted window by window; those that are not installed are left out.

A peer takes the coordinates of each window's points, and the dials, and gives for each window its labels and, where it
tells them, its core flags.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import DBSCAN

from racing.clock import timed
from scoping.parameters import Parameters

Array = NDArray[Any]
Answer = list[tuple[Array, Array | None]]  # of each window: labels, core flags
NOTHING: tuple[Array, Array | None] = (np.empty(0, np.int64), None)


@dataclass(frozen=True)
class Run:
    """Seconds of processor and clock for the windows that ran, and the answer. `peak_mb` when another process ran them."""

    cpu_s: float
    wall_s: float
    answer: Answer
    peak_mb: int | None = None


@dataclass(frozen=True)
class Peer:
    """`exact`: its noise and its partition of cores must be the engine's."""

    name: str
    run: Callable[[list[Array], Parameters], Run]
    exact: bool = True
    consecutive: bool = False  # it goes on from window to window, so evenly spaced ones would be unfair
    most: int = 10**9  # points in all the windows that it is asked for, at most


def _here(fit: Callable[[Array, Parameters], tuple[Array, Array | None]]) -> Callable[[list[Array], Parameters], Run]:
    def run(windows: list[Array], told: Parameters) -> Run:
        return Run(*timed(lambda: [fit(xy, told) if len(xy) else NOTHING for xy in windows]))

    return run


def _sklearn(xy: Array, told: Parameters) -> tuple[Array, Array | None]:
    fit = DBSCAN(eps=told.eps_m, min_samples=told.min_children, algorithm="kd_tree").fit(xy)
    core = np.zeros(len(xy), dtype=bool)
    core[fit.core_sample_indices_] = True
    return fit.labels_, core


def _weighted(xy: Array, told: Parameters) -> tuple[Array, Array | None]:
    place, back, count = np.unique(xy, axis=0, return_inverse=True, return_counts=True)
    fit = DBSCAN(eps=told.eps_m, min_samples=told.min_children, algorithm="kd_tree").fit(place, sample_weight=count)
    core = np.zeros(len(place), dtype=bool)
    core[fit.core_sample_indices_] = True
    return fit.labels_[back.ravel()], core[back.ravel()]


def _wang(xy: Array, told: Parameters) -> tuple[Array, Array | None]:
    from dbscan import DBSCAN as wang_dbscan

    labels, core = wang_dbscan(xy, eps=told.eps_m, min_samples=told.min_children)
    return labels, core.astype(bool)


def _hdbscan(xy: Array, told: Parameters) -> tuple[Array, Array | None]:
    import hdbscan

    if len(xy) <= told.min_children:
        return np.full(len(xy), -1), None
    fit = hdbscan.HDBSCAN(min_samples=told.min_children - 1, min_cluster_size=2, core_dist_n_jobs=1).fit(xy)
    return fit.dbscan_clustering(told.eps_m, min_cluster_size=2), None


def _incremental(windows: list[Array], told: Parameters) -> Run:
    """incdbscan-rs: what left the window before is deleted, what is new inserted."""
    import incdbscan_rs

    def job() -> Answer:
        engine = incdbscan_rs.IncrementalDBSCAN(eps=told.eps_m, min_pts=told.min_children)
        answer: Answer = []
        before = np.empty((0, 2))
        for xy in windows:
            gone, new = _less(before, xy), _less(xy, before)
            if len(gone):
                engine.delete(gone)
            if len(new):
                engine.insert(new)
            labels = np.nan_to_num(np.asarray(engine.get_cluster_labels(xy), float), nan=-1) if len(xy) else np.empty(0)
            answer.append((labels.astype(np.int64), None))
            before = xy
        return answer

    return Run(*timed(job))


def _less(one: Array, other: Array) -> Array:
    """The points of `one` that `other` has not, each as often as it has more of them."""
    both = np.vstack((one, other))
    _, code = np.unique(both, axis=0, return_inverse=True)
    code = code.ravel()
    kinds = int(code.max(initial=0)) + 1
    surplus = np.bincount(code[:len(one)], minlength=kinds) - np.bincount(code[len(one):], minlength=kinds)
    order = np.argsort(code[:len(one)], kind="stable")
    mine = code[:len(one)][order]
    rank = np.arange(len(mine)) - np.searchsorted(mine, mine)
    return one[order][rank < surplus[mine]]


R_SCRIPT = """
suppressPackageStartupMessages(library(dbscan))
told <- commandArgs(TRUE); size <- scan(file.path(told[1], 'sizes'), quiet = TRUE)
data <- readBin(file.path(told[1], 'xy'), 'double', 2 * sum(size)); at <- 0; all <- list()
start <- proc.time()
for (k in seq_along(size)) {
  x <- matrix(data[at + seq_len(2 * size[k])], ncol = 2, byrow = TRUE); at <- at + 2 * size[k]
  all[[k]] <- if (size[k] > 0) dbscan(x, eps = as.numeric(told[2]), minPts = as.integer(told[3]))$cluster else integer(0)
}
spent <- proc.time() - start
writeBin(as.integer(unlist(all)), file.path(told[1], 'labels'))
peak <- sub('[^0-9]*([0-9]+).*', '\\\\1', grep('VmHWM', readLines('/proc/self/status'), value = TRUE))
cat(spent[['user.self']] + spent[['sys.self']], spent[['elapsed']], peak)
"""


def _r(windows: list[Array], told: Parameters) -> Run:
    """R's package dbscan, in a process of its own; reading the data is outside its clock, its own peak is the whole process's."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "sizes").write_text(" ".join(str(len(xy)) for xy in windows), encoding="ascii")
        (place / "xy").write_bytes(np.ascontiguousarray(np.vstack(windows)).tobytes())
        (place / "run.R").write_text(R_SCRIPT, encoding="ascii")
        said = subprocess.run(["Rscript", place / "run.R", folder, str(told.eps_m), str(told.min_children)], check=True,
                              capture_output=True, text=True).stdout.split()
        labels = np.frombuffer((place / "labels").read_bytes(), np.int32).astype(np.int64) - 1  # R's noise is 0
    edges = np.cumsum([0, *(len(xy) for xy in windows)])
    answer: Answer = [(labels[a:z], None) for a, z in pairwise(edges.tolist())]
    return Run(float(said[0]), float(said[1]), answer, int(said[2]) // 1024)


def _postgis(windows: list[Array], told: Parameters) -> Run:
    from racing.postgis import run

    spent, wall, answer, peak = run(windows, told.eps_m, told.min_children)
    return Run(spent, wall, [(labels, None) for labels in answer], peak)


def _r_is_there() -> bool:
    if not shutil.which("Rscript"):
        return False
    return not subprocess.run(["Rscript", "-e", "library(dbscan)"], capture_output=True, check=False).returncode


def _postgis_is_there() -> bool:
    return bool(list(Path("/usr/share/postgresql").glob("*/extension/postgis.control")))


def installed() -> list[Peer]:
    """The peers that this machine has."""
    found = [Peer("scikit-learn", _here(_sklearn), most=1_500_000), Peer("scikit-learn, weighted sites", _here(_weighted))]
    if importlib.util.find_spec("dbscan"):
        found.append(Peer("PyPI dbscan", _here(_wang)))
    if _r_is_there():
        found.append(Peer("R dbscan", _r, most=1_500_000))
    if _postgis_is_there():
        found.append(Peer("PostGIS", _postgis, most=400_000))
    if importlib.util.find_spec("incdbscan_rs"):
        found.append(Peer("incdbscan-rs", _incremental, exact=False, consecutive=True, most=150_000))
    if importlib.util.find_spec("hdbscan"):
        found.append(Peer("hdbscan", _here(_hdbscan), exact=False, most=150_000))
    return found
