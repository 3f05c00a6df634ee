"""SQL, one file a step. It runs on the connection it is given, and neither starts threads nor ends transactions."""
