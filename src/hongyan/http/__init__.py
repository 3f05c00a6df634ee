"""HTTP for both sides, every part of it bounded: the server behind all our listeners. It knows nothing of messages."""
