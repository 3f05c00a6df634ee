"""Who changes something and when: one value that goes with every change of configuration or money."""

from dataclasses import dataclass

from hongyan.model.ids import IdSource


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes configuration or money: goes into the audit row of the same transaction."""

    kind: str  # cli, staff, token, customer, system
    name: str

    def __str__(self) -> str:
        """The actor as rows hold it."""
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True)
class Act:
    """One change, or several in one transaction."""

    actor: Actor
    now_ms: int
    ids: IdSource

    def new_id(self) -> int:
        """Returns an id of the moment of the act."""
        return self.ids.one(self.now_ms)
