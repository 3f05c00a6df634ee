"""Labels of the facts in a receipt that is a text, in SMPP and SMGP: `submit date:`, `stat:`, `err:` and their variants."""

LABEL = rb"(?:sub|dlvrd|(?:submit|done|final)[ _]?(?:date|time)|stat(?:us|e)?|err(?:or)?|text)"
"""One label without its colon, in lower case. The label of the id differs between the protocols."""

NAMES = {
    b"submittime": b"submitdate",
    b"donetime": b"donedate",
    b"finaldate": b"donedate",
    b"finaltime": b"donedate",
    b"status": b"stat",
    b"state": b"stat",
    b"error": b"err",
}
"""Labels, without blanks and in lower case, that are variants of another one."""
