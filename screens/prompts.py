"""Questions for a meeting by kind of place: who looks after it, and what of it could change. Patrol comes last."""

from __future__ import annotations

PATROL = "Only then: what would a patrol add, when, and until which date?"
PROMPTS: dict[str, tuple[str, ...]] = {
    "school_college": ("Which gate and minute? Could staff be at the gate, and could the school tell whom it saw?",
                       "Does the school's safeguarding lead know of all of these children?"),
    "childrens_home_vicinity": ("What has the home seen: callers, cars, times? Has its location risk assessment been reviewed?",
                                "Would the provider change staffing, lighting or cameras at these hours?"),
    "taxi_rank_phv": ("What do licence conditions say of lone children, and who trains the drivers?",
                      "Can licensing ask operators for bookings at these hours?"),
    "takeaway_food": ("What would licensing, environmental health or the owner change: hours, staff, sight lines?",
                      "Would a warning, or a closure power, be proportionate?"),
    "hotel_bnb": ("Has the hotel been told what to look for, and whom to call?", "Is an information notice (section 116) due?"),
    "transport_hub": ("What do the operator and British Transport Police see at these hours: staff, cameras, last trains?",
                      "Is there somewhere warm and staffed to wait?"),
    "shopping_leisure": ("What has centre management seen, and may youth workers use a room there?",
                         "Which shops stay open at these hours?"),
    "park_open_space": ("Would light, sight lines, or something to do there change who uses it at these hours?",
                        "Could detached youth work be there at the hours shown?"),
    "street": ("Which premises, stops or corners on this street draw the children?",
               "Who lives or works there, and would tell what they see?"),
    "car_park": ("Who owns it, who locks it, and what do its cameras see?",),
    "night_time_venue": ("Are age checks and door staff what the licence asks for?", "What would licensing review?"),
    "petrol_carwash": ("Who works there, and have trading standards or labour inspectors visited?",),
    "hospital_health": ("Does the provider's safeguarding team know how many children pass through?",),
    "private_address_concern": ("Which power protects a child there, and who decides? Name no address outside the team.",),
    "friend_address": ("What does the child find there that is missing elsewhere? Refer to the child's plan.",),
    "relative_address": ("Could contact be agreed, so that the child need not go missing to have it?",),
    "other_public": ("Who looks after this place, and have they been asked?",),
}
