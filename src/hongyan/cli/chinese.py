"""The Chinese texts of the help, by their English."""

CHINESE: dict[str, str] = {}
