"""What people may name and note: it stands in lists, logs and metrics, one line each, and is typed by people."""

from hongyan.model.fields import name, text

NAME = name(64)
"""Name of an account, a channel, a listener or a token."""

TITLE = name(128)
"""Name of an enterprise, or of a brand."""

NOTE = name(200)
"""Why something is done, where that has to be said."""

REMARK = text(200)
"""The same where it may be left out."""
