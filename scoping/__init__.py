"""The analysis: frames in, frames or bytes out; no file, socket, database, clock or widget."""
