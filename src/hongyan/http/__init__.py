"""HTTP for both sides, every part bounded: the server behind all our listeners, and the client. It knows nothing of messages."""
