"""Customers' HTTP: one raw ASGI function a door, bytes by the wire contract."""
