"""What the steps about parts of long texts, which customers submit over sessions, do inside their transactions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from hongyan.model.session_submit import SessionSubmit, StoredPart
from hongyan.ports.tx.shared import EndingTx, NewMessagesTx, WalletsTx


class StoredSession(NamedTuple):
    """Of a session: whether and why it ended, and when the customer was heard."""

    owner: str
    """The process that holds or held it."""
    why: str | None
    """Why it ended, "" where the customer said goodbye; None while it is open."""
    heard_ms: int
    """When the customer was heard last, as far as it is stored."""


SessionEnds = Mapping[int, StoredSession]
"""By session."""

TextKey = tuple[int, str]
"""An account, and what the parts of one text of it have in common."""


class SessionSubmitsTx(Protocol):
    def add_session_submits(self, rows: Sequence[SessionSubmit]) -> None: ...

    def join_parts(self, rows: Sequence[tuple[int, int]]) -> None:
        """Store to which tasks waiting parts belong: (part, task)."""
        ...


class SessionPartsTx(NewMessagesTx, EndingTx, SessionSubmitsTx, WalletsTx, Protocol):
    def parts_of_texts(self, keys: Iterable[TextKey]) -> list[StoredPart]:
        """Returns all parts of some texts, in the order in which they came."""
        ...

    def session_ends(self, ids: Iterable[int]) -> SessionEnds: ...

    def key_of_part(self, account_id: int, part_id: int) -> TextKey | None:
        """Returns the text of a waiting part; None if there is none."""
        ...

    def open_parts(self, account_ids: Iterable[int], most: int) -> dict[int, int]:
        """Returns how many parts of each account wait for others; it counts up to `most`."""
        ...

    def add_parts(self, parts: Sequence[StoredPart]) -> None: ...

    def move_parts(self, parts: Sequence[StoredPart]) -> None:
        """Store the keys and the tasks that these stored parts have now."""
        ...

    def stale_texts(self, before_ms: int) -> list[TextKey]:
        """Returns up to 100 waiting texts whose first part came before then."""
        ...
