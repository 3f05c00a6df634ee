"""Customers' HTTP: each door is an ASGI function, and answers by the octets of the wire contract."""
