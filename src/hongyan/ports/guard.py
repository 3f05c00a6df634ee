from typing import Protocol

Whose = int | tuple[str, int]
"""The owner of the secret that a request has to prove: an account's id, or ("customer", its number) if no account is named."""


class Guard(Protocol):
    """Slows down those who try secrets.

    A door calls `check` before it looks at a secret, a signature or encrypted octets. So during a pause neither its answer nor
    its time depends on them. Afterwards the door calls `right` or `wrong`.

    whose:      None if there is no such account or customer
    is_trusted: whether the address stands in the address list of that account or customer
    """

    def check(self, whose: Whose | None, address: str, *, is_trusted: bool) -> None:
        """Raise Refusal LOGIN_SLOWED while an address must wait."""
        ...

    def right(self, whose: Whose, address: str) -> None: ...

    def wrong(self, whose: Whose | None, address: str, guess: str, *, is_trusted: bool) -> None: ...
