"""What a simulated carrier counts."""

from dataclasses import dataclass


@dataclass(slots=True)
class Counts:
    connections: int = 0
    logins: int = 0
    logins_refused: int = 0
    calls: int = 0  # connections to clients that logged in
    calls_refused: int = 0
    submits: int = 0
    accepted: int = 0
    refused: int = 0
    repeats: int = 0  # submits with the name of an earlier one
    delivered: int = 0  # reports and texts written to a connection
    taken: int = 0  # deliveries that were answered with status 0
    turned_down: int = 0  # deliveries that were answered with another one
    given_up: int = 0
    held_most: int = 0  # answers held back at the same time
    odd: int = 0  # what the protocol does not foresee
