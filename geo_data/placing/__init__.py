"""From what was written down to a point with an honest precision, offline."""
