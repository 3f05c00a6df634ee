"""The calls of the admin API, by subject."""
