"""The names of what can happen to a hotspot between two windows, for the data and for the reader."""

CHANGES = {  # code in the data, word for the reader; the order is the legend's
    "first": "in first window",
    "forming": "forming",
    "born": "new",
    "reactivated": "active again",
    "grew": "growing",
    "stable": "continuing",
    "shrank": "reducing",
    "moved": "moved",
    "merged": "merged",
    "split": "split",
    "below": "below threshold",
    "dissolved": "gone",
    "no_data": "no data",
}
TRANSITIONS = ("born", "reactivated", "grew", "shrank", "moved", "merged", "split", "dissolved")  # something happened
MEANING = {
    "first": "Present in the first window of the data, so it cannot be said whether it is new.",
    "forming": "Enough children to be seen together, too few to be called a new hotspot: by itself this says little.",
    "born": "No hotspot here in the last twelve months, and clearly enough children now.",
    "reactivated": "A hotspot was here within the last twelve months, had gone, and is back.",
    "grew": "More children than at this place over the past year, beyond chance (90 % interval above 1).",
    "stable": "Continues; the number of children is within chance of the past year's, or too little is known to say.",
    "shrank": "Fewer children than at this place over the past year, beyond chance (90 % interval below 1).",
    "moved": "Its centre has shifted by more than chance.",
    "merged": "Two or more hotspots have run together.",
    "split": "One hotspot has divided.",
    "below": "No hotspot in this window, but not yet gone.",
    "dissolved": "No hotspot and fewer than two children near it in two windows running.",
    "no_data": "The window has no data or is not yet complete: nothing can be said.",
}
