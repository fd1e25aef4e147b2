"""What the engine's benchmark is made of: its data, its peers, its clock, its plots."""
