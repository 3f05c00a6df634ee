"""What SMPP and SMGP call the facts of a receipt that is written as text: `submit date:`, `stat:`, `err:` and their variants."""

LABEL = rb"(?:sub|dlvrd|(?:submit|done|final)[ _]?(?:date|time)|stat(?:us|e)?|err(?:or)?|text)"
"""One label without its colon, in lower case; the id's is another thing in either protocol."""

NAMES = {
    b"submittime": b"submitdate",
    b"donetime": b"donedate",
    b"finaldate": b"donedate",
    b"finaltime": b"donedate",
    b"status": b"stat",
    b"state": b"stat",
    b"error": b"err",
}
"""Labels without blanks and in lower case that mean another one."""
