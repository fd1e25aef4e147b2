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
TOLD = {  # what a reader of what is released is told -> the changes that it stands for, the one it is drawn as first
    "new": ("born",), "shown again": ("reactivated",), "growing": ("grew",),
    "continuing": ("stable", "first", "moved", "merged", "split"),
    "reducing": ("shrank",), "no longer shown": ("below", "dissolved"),
}
TOLD_AS = {change: name for name, changes in TOLD.items() for change in changes}
TOLD_MEANING = {
    "new": "Not shown in the periods before.",
    "shown again": "Shown in an earlier period, not in the one before, and shown now.",
    "growing": "More children than in the periods before, beyond chance for every count that may have been withheld.",
    "continuing": "Shown; neither new nor changed beyond chance, or too little was released before to say.",
    "reducing": "Fewer children than in the periods before, beyond chance for every count that may have been withheld.",
    "no longer shown": "Shown in the period before and not in this one: gone, or too few children to be shown.",
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
