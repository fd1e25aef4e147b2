"""The commands of `scoping`, one module a room; each registers its own. `cli.py` is the door."""
