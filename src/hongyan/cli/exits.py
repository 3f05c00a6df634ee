"""The exit codes of commands. Scripts depend on them; they never change."""

from enum import IntEnum

from hongyan.model.sentence import fill_gaps


class Exit(IntEnum):
    DONE = 0
    FAILED = 1
    USAGE = 2
    MISSING = 3  # there is no such account, channel, task, message …
    SETTINGS = 4  # settings, data folder, sealing key or schema do not fit
    REFUSED = 5  # by a rule: balance, content, route …; the wire code is printed
    FOUND = 6  # a check found problems
    UNREACHED = 7  # server or database
    CONFLICT = 8  # the name is taken, the port is in use, it runs already
    INTERRUPTED = 130


class Stop(Exception):
    """Ends the command with a code and one line for the person; `cure` says what to do now.

    Both are English with gaps, `there is no command {name}`, and are translated where they are printed.
    """

    def __init__(self, code: Exit, what: str, cure: str = "", **facts: object) -> None:
        super().__init__(fill_gaps(what, facts))
        self.code, self.what, self.cure, self.facts = code, what, cure, facts
