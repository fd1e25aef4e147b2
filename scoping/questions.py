"""The fifteen questions that a missing children's group asks, each as a view: which filters, layers and way of comparing.

The sentence that answers one is made by `scoping.showing.answers`; the caveat stands here, because it is always true.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ROLLING = "rolling:91d:28d"


@dataclass(frozen=True)
class Question:
    """`sets`: values of the screen's filters by their key (others return to their defaults); `layers`: further layers of the
    map; `compare`: the map's way of comparing windows (compare.js).
    """

    number: int
    short: str
    text: str
    caveat: str
    sets: Mapping[str, object] = field(default_factory=dict)
    layers: tuple[str, ...] = ()
    compare: str = "now"


QUESTIONS = (
    Question(1, "New places", "Which places are new this window, and on how many different children do they rest?",
             "New means no hotspot here in the last twelve months. Chance alone makes some: see what chance would give, below.",
             {"window": ROLLING}),
    Question(2, "What changed", "Which places grew, shrank, moved or faded, beyond chance?",
             "Growing and reducing are said only when the 90 % interval against the past year leaves out no change.",
             {"window": ROLLING}, compare="change"),
    Question(3, "Several children or one", "Is this cluster several children, or one child or one home many times?",
             "Places in which one child makes more than half of the episodes are never shown: refer to the child's plan.",
             {"window": ROLLING, "count": "children"}),
    Question(4, "Picked up, last seen, found",
             "Where are children collected, as against last seen or found, and how good is the source?",
             "Pickups are known mostly from return home interviews: sparse, late, and only from children who accepted one.",
             {"window": ROLLING, "role": "pickup"}, layers=("roles",)),
    Question(5, "Pickup to found", "Which pickup places lead to which found places?",
             "Only episodes with both places known can be joined, and only lines of enough different children are drawn.",
             {"window": ROLLING, "role": "pickup"}, layers=("flows", "roles")),
    Question(6, "Hours and days", "At which hours and days is each place active?",
             "Only records with a known minute. Found times say when a child was found, not when they arrived.",
             {"window": ROLLING}),
    Question(7, "Kinds of place", "Which kinds of place are rising, and which guardian can make them safer?",
             "Records counted, not tested against chance. A kind says which guardian to talk to; it is never a mark of suspicion.",
             {"window": ROLLING}, compare="change"),
    Question(8, "Where they went missing from", "Which homes, placements or schools feed each hotspot?",
             "Kinds of home and school only: no home is named, and groups of too few children are not told.",
             {"window": ROLLING}),
    Question(9, "Out of area", "How many children are out of their area, and which authority or force must be told?",
             "As recorded; a child without a placing authority may still be out of area. Of released places: Across borders.",
             {"window": ROLLING}),
    Question(10, "What is not on the map",
             "What share of episodes is unlocated, imprecise or lacks an interview, and where could that hide a hotspot?",
             "The circles are as large as the places are uncertain. Records not placed at all are in no circle.",
             {"window": ROLLING}, layers=("unplaced",)),
    Question(11, "Picture or recording", "Did the picture change, or the recording?",
             "A feed gap, a new system or an absent category looks like a change of the picture. Ask the source before the place.",
             {"window": "month"}),
    Question(12, "After an action", "After an action, did activity fall, or move nearby?",
             "One place before and after cannot show cause. Review meeting compares an action's place with similar places.",
             {"window": "days:91"}, compare="two"),
    Question(13, "Open longest", "Which places have been open longest with no action, owner or live review date?",
             "Open means a hotspot in this window. Actions are as entered; what nobody wrote down is not known here.",
             {"window": ROLLING}),
    Question(14, "Other sources", "Do health, school or third-sector referrals point to the same areas as police data?",
             "Sources as recorded; referrals are of whole areas. What one source alone knows may be real, and unseen by others.",
             {"window": ROLLING}, layers=("roles",)),
    Question(15, "May it be shown, does it last", "What may be shown to whom, and does the result survive other settings?",
             "A hotspot that vanishes under slightly other settings is a weak one. What leaves the team needs more children.",
             {"window": ROLLING}, layers=("cells",)),
)


def numbered(number: int) -> Question | None:
    """The question of that number; None when there is none."""
    return next((question for question in QUESTIONS if question.number == number), None)
