"""The kinds of features, one list for all sources, and the place type (`schema.PLACE_TYPES`) each stands for.

A local name has a place type as its kind, so that every kind here that is a place type is one already.
"""

from __future__ import annotations

from geo_data.schema import PLACE_TYPES

PLACE_TYPE: dict[str, str] = {code: code for code in PLACE_TYPES} | {
    "rail_station": "transport_hub",
    "tram_stop": "transport_hub",
    "bus_station": "transport_hub",
    "bus_stop": "transport_hub",
    "taxi_rank": "taxi_rank_phv",
    "ferry_terminal": "transport_hub",
    "airport": "transport_hub",
    "services": "other_public",
}
