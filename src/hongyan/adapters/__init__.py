"""Carriers' PDUs and our values, turned into each other, for both ends of a connection."""
