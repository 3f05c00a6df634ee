"""Why a command or a process cannot begin, in one line with its cure."""

from hongyan.model.sentence import fill_gaps


class Trouble(Exception):
    """`cure` says what to do now. Both are English with gaps, which the facts fill, and are translated where they are printed."""

    def __init__(self, what: str, cure: str = "", **facts: object) -> None:
        super().__init__(fill_gaps(what, facts))
        self.what, self.cure, self.facts = what, cure, facts


class StoreNotReady(Trouble):
    """The data folder, its key or its schema is not what this release needs."""


class PeerUnreachable(Trouble):
    """The database does not answer or cannot be written, or a carrier does not answer."""


class AlreadyInUse(Trouble):
    """The port is in use, or it runs already."""
