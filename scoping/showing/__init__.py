"""The one door, and what is drawn from what passes it."""
