from enum import StrEnum
from typing import Annotated

from pydantic import Field

from hongyan.settings.section import Section


class Environment(StrEnum):
    LIVE = "live"
    SANDBOX = "sandbox"
    DEMO = "demo"


class Console(Section):
    environment: Environment = Environment.LIVE
    """What the platform is for: live, sandbox or demo. Every page of the console says it where it is not live."""
    second_factor: bool = True
    """Ask staff who may touch money, secrets or people for a code of their authenticator at each login."""
    session_idle_min: Annotated[int, Field(ge=1, le=24 * 60)] = 30
    """How long a session of the console may lie unused."""
    session_hours: Annotated[int, Field(ge=1, le=30 * 24)] = 12
    """How long a session of the console lasts at most."""
    alone_points: Annotated[int, Field(ge=0, le=10**12)] = 1_000_000
    """The most points that one person adds or gives as credit at once, in the console or by the admin API; more waits for another."""
    alone_prices: bool = False
    """Whether one person may change a price there without another."""
