"""A secret of an account, as it is compared with what requests bring."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Secret:
    """An API secret in clear, since the protocols compute with it. Neither repr nor str shows it."""

    plain: str = field(repr=False)
    md5_upper: str = field(repr=False)
    spellings: tuple[bytes, bytes] = field(init=False, repr=False, compare=False)
    """Both as octets: requests are compared in octets."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "spellings", (self.plain.encode("utf-8", "surrogatepass"), self.md5_upper.encode()))

    def __str__(self) -> str:
        return "***"
