from enum import StrEnum
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_settings import NoDecode

from hongyan.settings.kinds import split
from hongyan.settings.problems import Expected
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
    processes: Annotated[int, Field(ge=1, le=2)] = 1
    """How many processes serve on SQLite: 2 for the customers' doors in one of their own, beside the one that does all else."""

    @model_validator(mode="after")
    def _doors_are_there(self) -> Self:
        if self.processes > 1 and Duty.API not in self.run:
            raise Expected("processes = 2 is for the doors: it needs the duty api in run")
        return self
