"""What the rows are, where they come from, where they lie on the ground, where they are kept."""
