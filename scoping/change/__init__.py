"""Identity through windows, and what of a change can be believed."""
