"""BYTES to carriers, sans-IO: no clock, no socket, no account."""
