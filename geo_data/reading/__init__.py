"""From a file of some source to checked episodes."""
