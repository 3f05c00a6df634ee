"""Sockets to carriers. A protocol's PDUs become our values in `adapters`."""
