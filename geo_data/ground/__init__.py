"""The base map under the hotspots."""
