"""Forms from the description of fields (model/fields.py): a control for each field, and the change that a person typed.

Values are checked where they are declared: when the change is made. A form only turns text into what the kind of a field reads.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, replace
from enum import Enum
from typing import Any, TypeVar

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _, choice_word, yes_or_no
from hongyan.model.columns import ColumnKind, shown_as
from hongyan.model.errors import AdminError
from hongyan.model.fields import Change, Field, fields_for, fields_of, in_groups
from hongyan.model.kinds import MOMENT, Kind, number, word_of
from hongyan.model.times import moment_ms, moment_text
from hongyan.web.pages import STATUS, error_text, show
from hongyan.web.words import head, value_word

_MUCH = 10**12
"""The greatest number in a form."""

Changes = TypeVar("Changes", bound=Change)


@dataclass(frozen=True, slots=True)
class Control:
    """One field as a page shows it: the arguments of the macro `field`."""

    name: str
    label: str
    help: str = ""
    kind: str = "text"  # text, number, flag, long, password, account, day, moment
    value: Any = ""
    options: list[tuple[str, str]] | None = None
    many: bool = False
    wrong: str = ""
    required: bool = False
    hint: str = ""
    group: str = ""  # the title of the fields among which it stands, in English

    def holding(self, given: Mapping[str, Any]) -> "Control":
        """Returns the same with the value that was typed before, if any was."""
        value = given.get(self.name, self.value)
        return replace(self, value=[value] if self.many and isinstance(value, str) else value)


@dataclass(frozen=True, slots=True)
class FormPage:
    """A page with one form, which is posted to the page's own path. in_sections: with a section for each group of its fields"""

    title: str
    back: tuple[str, str]  # a path and its title
    button: str
    controls: list[Control]
    note: str = ""
    in_sections: bool = False

    @property
    def sections(self) -> dict[str, list[Control]]:
        """Returns its controls by the titles of their groups."""
        found: dict[str, list[Control]] = {}
        for one in self.controls if self.in_sections else ():
            found.setdefault(one.group, []).append(one)
        return found


def show_form(
    request: Request,
    page: FormPage,
    trouble: AdminError | None = None,
    template: str = "screens/form.html",
    beside: Mapping[str, Any] | None = None,
) -> Response:
    """Show the form with its values; after an error with the typed values, and what was wrong.

    template: one that extends screens/form.html, with what it shows beside the form
    """
    field = str(trouble.facts.get("field", "")) if trouble else ""
    shown = [replace(one, wrong=error_text(trouble)) if trouble and one.name == field else one for one in page.controls]
    at_field = any(one.wrong for one in shown)
    facts = {"form": replace(page, controls=shown), "trouble": error_text(trouble) if trouble and not at_field else ""}
    return show(request, template, facts | dict(beside or {}), STATUS.get(type(trouble), 400) if trouble else 200)


def controls(change: type[Change], values: Mapping[str, Any], names: Iterable[str] = ()) -> list[Control]:
    """Returns a control for each field, in the order of the names or, without any, of the groups and the description.

    values: of the thing as it is, or texts as they were typed; missing ones are as usual
    """
    by_name = {field.name: field for field in fields_of(change)}
    return [_control(by_name[name], values) for name in names or [field.name for field in in_groups(change, by_name.values())]]


def controls_for(change: type[Change], protocol: Enum, values: Mapping[str, Any], without: Iterable[str]) -> list[Control]:
    """Returns a control for each field that a thing of this protocol has. without: the names of those that are not asked for"""
    hidden = set(without)
    return [_control(field, values) for field in in_groups(change, fields_for(change, protocol)) if field.name not in hidden]


def _control(field: Field, values: Mapping[str, Any]) -> Control:
    kind = field.kind
    usual = "" if field.usual is MISSING else field.usual
    return Control(
        name=field.name,
        label=head(field.name),
        help=_(field.help),
        kind=_shape(field),
        value=_as_typed(kind, values.get(field.name, usual)),
        options=_options(field),
        many=kind.is_list,
        required=field.is_required,
        group=field.group,
    )


def _options(field: Field) -> list[tuple[str, str]] | None:
    kind = field.kind
    of_none = [("", _("as usual"))] if field.usual is None and not field.is_required else []
    if kind.of is bool:
        return [*of_none, ("yes", yes_or_no(True)), ("no", yes_or_no(False))] if of_none else None
    return of_none + words_of(field.name, map(word_of, kind.words)) if kind.words else None


def choice(name: str, names: Iterable[str], of_none: str | None = None, value: str = "") -> Control:
    """Returns a choice of one of these names. of_none: the meaning of choosing none, if that is allowed"""
    none = [] if of_none is None else [("", of_none)]
    return Control(name, head(name), value=value, options=none + [(one, one) for one in names])


def account_box(of_none: str = "", value: str = "") -> Control:
    """Returns a box for the name of an account, which is suggested while one types. of_none: the meaning of naming none, if
    that is allowed
    """
    return Control("account", head("account"), kind="account", value=value, required=not of_none, hint=of_none)


def words_of(name: str, words: Iterable[str]) -> list[tuple[str, str]]:
    """Returns the options of a field that holds one of these words."""
    return [(word, value_word(name, word)) for word in words]


def _shape(field: Field) -> str:
    kind = field.kind
    if kind.is_secret:
        return "password"
    if kind is MOMENT:
        return "moment"
    if kind.of is bool:
        return "text" if field.usual is None else "flag"  # yes, no, or not set
    if kind.is_list:
        return "long"
    return "number" if kind.of in {int, float} else "text"


def _as_typed(kind: Kind, value: Any) -> Any:
    """Returns a value as a person would type it."""
    if kind.words:
        given = value if kind.is_list else [value]
        words = [one if isinstance(one, str) else word_of(one) for one in given if one is not None]
        return words if kind.is_list else "".join(words)
    if kind is MOMENT and isinstance(value, int):
        return moment_text(value)
    if isinstance(value, Mapping):
        return "\n".join(f"{name}={said}" for name, said in value.items())
    if kind.is_list and not isinstance(value, str):
        return "\n".join(value)
    return "" if value is None else value


Sections = Mapping[str, Sequence[tuple[str, str]]]
"""Settings as people read them, name and value, by the titles of their groups in English."""


def shown(
    change: type[Change], values: Mapping[str, Any], without: Iterable[str] = (), protocol: Enum | None = None
) -> Sections:
    """Returns the settings of a thing.

    values:   by the names of fields; one that is missing is shown as not set
    protocol: that of the thing, where its fields depend on one
    """
    hidden, found = set(without), dict[str, list[tuple[str, str]]]()
    for field in in_groups(change, fields_for(change, protocol) if protocol else fields_of(change)):
        if field.name not in hidden:
            found.setdefault(field.group, []).append((head(field.name), _shown(field, values.get(field.name, ""))))
    return found


def _shown(field: Field, value: Any) -> str:
    kind = field.kind
    if kind.of is bool:
        return yes_or_no(bool(value))
    if kind.words:
        return ", ".join(choice_word(field.name, word_of(one)) for one in (value if kind.is_list else [value]))
    if shown_as(field.name, value) is ColumnKind.ID:
        return str(value)
    typed_value = _as_typed(kind, value)
    return typed_value.replace("\n", ", ") if isinstance(typed_value, str) else f"{typed_value:,g}"


def read_form(change: type[Changes], form: FormData, names: Iterable[str] = (), **others: Any) -> Changes:
    """Returns the change that was typed: the fields that the form has. raises: Invalid

    others: values that are not typed, such as the protocol of a channel
    """
    wanted = set(names)
    fields = [field for field in fields_of(change) if not wanted or field.name in wanted]
    return change(**{field.name: _read_value(field, form) for field in fields if _is_in(field, form)} | others)


def typed(form: FormData) -> dict[str, Any]:
    """Returns what was typed, to be shown again."""
    return {name: form.getlist(name) if len(form.getlist(name)) > 1 else form[name] for name in form}


def _is_in(field: Field, form: FormData) -> bool:
    """Returns whether the form has a value for the field.

    An unticked box is not sent, so the form says with `has` which boxes it shows. Choosing nothing sets nothing. An empty
    number sets nothing if there is no usual one.
    """
    if field.kind.of is bool and field.usual is None:
        return form.get(field.name) in {"yes", "no"}
    is_one_of = bool(field.kind.words) or field.kind.of in {int, float}
    if field.usual is None and is_one_of and not field.kind.is_list and not form.get(field.name):
        return False
    return field.name in form or field.name in form.getlist("has")


def _read_value(field: Field, form: FormData) -> Any:
    kind, text = field.kind, str(form.get(field.name, ""))
    if kind.of is bool:
        return text == "yes"
    if kind.words and kind.is_list:
        return [str(one) for one in form.getlist(field.name)]
    if kind is MOMENT:
        return moment_ms(text, field.name)
    if not kind.is_list:
        return text if kind.is_secret else text.strip()
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines if isinstance(field.usual, tuple) else dict(_pair(line) for line in lines)


def _pair(line: str) -> tuple[str, str]:
    name, _equals, value = line.partition("=")
    return name.strip(), value.strip()


def whole(text: object, field: str, least: int = -_MUCH, most: int = _MUCH) -> int:
    """Returns the number that was typed. raises: Invalid"""
    return int(number(least, most).checked(field, str(text).strip()))
