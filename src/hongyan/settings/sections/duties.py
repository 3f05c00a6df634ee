from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode

from hongyan.settings.kinds import split
from hongyan.settings.section import Section


class Duty(StrEnum):
    """What a process does. By default one process does everything."""

    API = "api"
    LINK = "link"
    PUSH = "push"
    CLOCK = "clock"


class Duties(Section):
    run: Annotated[tuple[Duty, ...], NoDecode, BeforeValidator(split), Field(min_length=1)] = tuple(Duty)
    """Which of api, link, push, clock this process does."""
