"""What a name may be: it stands in lists, logs and metrics, one line each, and is typed by people."""

from hongyan.model.errors import Invalid

NAME_MOST = 64
"""Characters of the name of an account or a channel."""

TITLE_MOST = 128
"""Characters of the name of an enterprise, or of a brand; of a note."""


def check_name(name: str, most: int = NAME_MOST) -> str:
    """The name, as it may be. raises: Invalid for control characters, marks that are not seen, and blanks round it"""
    if not 0 < len(name) <= most or not name.isprintable() or name != name.strip():
        raise Invalid("a name has 1 to {most} characters that can be seen, and no blanks round it", most=most)
    return name


def check_note(note: str) -> str:
    """A note, as it may be. raises: Invalid as `check_name`"""
    if not 0 < len(note) <= TITLE_MOST or not note.isprintable() or note != note.strip():
        raise Invalid("a note has 1 to {most} characters that can be seen, and no blanks round it", most=TITLE_MOST)
    return note
