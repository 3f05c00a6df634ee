"""The Protocols between rooms: what a room needs of another, without naming it."""
