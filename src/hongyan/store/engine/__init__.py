"""Connections, statements, and the lanes that commit in groups. It knows no table of ours but its own mark of a commit."""
