"""Names and notes that people type. They stand in lists, logs and metrics, so each is one line."""

from hongyan.model.kinds import name, text

NAME = name(64)
"""The name of an account, a channel, a listener or a token."""

TITLE = name(128)
"""The name of an enterprise or a brand."""

NOTE = name(200)
"""A reason that must be given."""

REMARK = text(200)
"""A reason that may be left out."""
