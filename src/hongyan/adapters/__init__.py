"""Turns carriers' PDUs into our values and our values into PDUs, for both ends of a connection."""
