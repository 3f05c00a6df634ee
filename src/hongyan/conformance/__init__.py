"""The wire contract as cases: every documented call, asked of any server, and the answer that stands in a manual."""
