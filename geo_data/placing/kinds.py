"""The kinds of features, one list for all sources; the place type each stands for; and how stations are called.

A local name has a place type as its kind, so that every kind here that is a place type is one already.
"""

from __future__ import annotations

from collections.abc import Container

from geo_data.placing.street_name import normal
from geo_data.schema import PLACE_TYPES

PLACE_TYPE: dict[str, str] = {code: code for code in PLACE_TYPES} | {
    "rail_station": "transport_hub",
    "tram_stop": "transport_hub",
    "bus_station": "transport_hub",
    "bus_stop": "transport_hub",
    "ferry_terminal": "transport_hub",
    "airport": "transport_hub",
    "services": "other_public",
}
_TAILS = {  # the first is how the station is shown
    "rail_station": ("railway station", "station", "rail station", "train station"),
    "tram_stop": ("tram stop", "station", "stop", "tram", "tram station", "metro", "metro station", "metro stop", "metrolink",
                  "metrolink station", "metrolink stop", "tube", "tube station", "underground station", "dlr", "dlr station"),
    "bus_station": ("bus station", "bus and coach station", "coach station", "interchange", "bus interchange"),
}
_SHOWN = {"metrolink": "Metrolink stop", "metro": "Metro station", "underground": "Underground station", "dlr": "DLR station",
          "interchange": "Interchange"}
_GENERIC = set("station railway rail train metro metrolink tram stop stops bus coach underground tube dlr interchange entrance "
               "and platform bay stand".split())


def station_names(name: str, kind: str, locality: str, settlements: Container[str]) -> tuple[str, list[str]]:
    """How a station is shown ("Rochdale railway station") and the other names that lead to it.

    The bare name ("Manchester Piccadilly") leads to it only when no settlement has that name: "Rochdale" alone
    is the town. A name that says nothing but its kind ("Railway Station") takes the locality's.
    """
    words = name.partition("(")[0].split()
    core = _core(words) or _core(locality.split()) or words
    if kind not in _TAILS or not core:
        return name, []
    said = next((shown for word, shown in _SHOWN.items() if word in name.lower()), _TAILS[kind][0])
    bare = " ".join(core)
    others = [f"{bare} {tail}" for tail in _TAILS[kind]]
    others += [other for other in (name, bare) if normal(other) not in settlements]
    return f"{bare} {said}", others


def _core(words: list[str]) -> list[str]:
    end = len(words)
    while end and normal(words[end - 1]) in _GENERIC:
        end -= 1
    return words[:end]
