"""The invented county and its invented children: SYNTHETIC, in the open sea."""
