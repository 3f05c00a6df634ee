from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from hongyan.settings.problems import Expected


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    @model_validator(mode="after")
    def _secrets_are_given_once(self) -> Self:
        for name in type(self).model_fields:
            path = getattr(self, f"{name}_file", None)
            if path is not None and name in self.model_fields_set:
                raise Expected("{name} and {name}_file are both given", name=name)
        return self
