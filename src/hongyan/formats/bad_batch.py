"""Why a batch of BatchSms.ashx cannot be read."""

from enum import Enum


class Step(Enum):
    """The steps at which reading a batch can fail, in order."""

    BASE64 = "Base64"
    INFLATE = "inflate"
    SIZE = "size"  # a bomb, or too much for one request
    NUMBERS = "numbers"  # more than are wanted
    CHARSET = "charset"  # the lines are not in it


class BadBatch(ValueError):
    """Not a batch. `step` says where reading failed."""

    def __init__(self, step: Step) -> None:
        super().__init__(step.value)
        self.step = step
