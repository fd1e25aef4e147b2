"""The one door: what may be shown to whom. `Release` is the only type that views, maps, sheets and files accept.

Three tiers: `operational` for the signed-in analyst (`operational`), `rmg` and `briefing` for what leaves the team
(`publication`). `Rules` are information governance's dials.
"""

from __future__ import annotations

from geo_data.errors import DisclosureError
from scoping.scope import Scoped
from scoping.showing import operational, publication
from scoping.showing.contents import HOURS, PROFILE, Release
from scoping.showing.publication import Chosen, Publication
from scoping.showing.rules import OPERATIONAL, Rules

__all__ = ["HOURS", "OPERATIONAL", "PROFILE", "Chosen", "Publication", "Release", "Rules", "release"]


def release(scoped: Scoped | Chosen, rules: Rules | None = None, tier: str = OPERATIONAL, *, synthetic: bool = False,
            publish: Publication | None = None) -> Release:
    """What of `scoped` the tier may see. `synthetic` stamps invented data in the marking.

    rmg and briefing need `publish`: the period, the grid's addresses and everything that was published before; of `scoped` they
    use the records, the role and the filters, never a cluster. Raises `DisclosureError` for a tier that does not exist and
    for a release that may not be made (see `publication`), with the reason.
    """
    rules = rules or Rules()
    rules.least(tier)
    if tier == OPERATIONAL:
        if not isinstance(scoped, Scoped):
            raise DisclosureError("The operational tier shows hotspots: analyse the records first.", where="tier")
        return operational.release(scoped, rules, synthetic=synthetic)
    if publish is None:
        raise DisclosureError(f"A release to '{tier}' needs a period and the register of releases.", where="tier")
    return publication.publish(scoped, rules, tier, publish, synthetic=synthetic)
