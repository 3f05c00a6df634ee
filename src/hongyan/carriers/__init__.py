"""Sockets to carriers: carrier words meet ours only in this room's protocol files."""
