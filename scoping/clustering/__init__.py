"""Windowed DBSCAN over distinct children, exactly, all windows at once."""
