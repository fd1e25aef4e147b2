"""Everything that is found out about a review, in one call. Results with personal detail: only `showing.review` shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from scoping import coverage
from scoping.change import agencies, attention, flows, review, rhythm, sensitivity, stability
from scoping.change.review import Reviewed
from scoping.change.rhythm import Rhythm
from scoping.change.school_year import Span
from scoping.scope import Scoped

ROBUST = 0.5  # of the neighbouring settings under which a hotspot should be seen


@dataclass(frozen=True)
class Findings:
    """`evidence`, `stability`, `attention`, `grid`, `rhythm`, `flows`, `feeders`: as the modules of these names give them.

    `attention` has also `unstable` and `settings`. `agencies`: whose recording changed in the window. `late`: may records still
    come in.
    """

    at: Reviewed
    evidence: pd.DataFrame
    stability: pd.DataFrame
    attention: pd.DataFrame
    grid: pd.DataFrame
    kept: pd.DataFrame
    rhythm: Rhythm
    flows: pd.DataFrame
    feeders: pd.DataFrame
    agencies: pd.DataFrame
    late: bool


def find(by_role: Mapping[str, Scoped], role: str, *, month: str | None = None, episodes: pd.DataFrame | None = None,
         breaks: tuple[Span, ...] = (), runs: int = stability.RUNS,
         beyond: attention.Beyond | None = None) -> Findings:
    """The findings of the review of `month` (else the latest) for one role; `by_role` holds the same windows in every role.

    `beyond`: as `attention` takes it. Raises `ParameterError` when there is no such review.
    """
    scoped = by_role[role]
    at = review.reviewed(scoped, month)
    steady = stability.stability(scoped, at.now, runs=runs)
    grid, kept = sensitivity.sensitivity(scoped, at.now)
    watch = attention.attention(scoped, at.now, episodes, beyond)
    jaccard = steady.set_index("hotspot_id")["jaccard"].reindex(watch["hotspot_id"]).to_numpy()
    share = (kept["kept"] / kept["settings"]).set_axis(kept["hotspot_id"]).reindex(watch["hotspot_id"]).to_numpy()
    odd = agencies.measure(scoped.locations, scoped.windows, coverage.no_data(scoped.locations, scoped.windows)).odd
    return Findings(
        at=at, evidence=review.evidence(scoped, at), stability=steady,
        attention=watch.assign(unstable=jaccard < stability.DOUBTFUL, settings=share < ROBUST), grid=grid, kept=kept,
        rhythm=rhythm.rhythm(scoped, at.now, episodes, breaks), flows=flows.flows(by_role, at.now),
        feeders=flows.feeders(scoped, at.now), agencies=odd[odd["window"] == at.now].reset_index(drop=True),
        late=attention.late(scoped, at.now, episodes))
