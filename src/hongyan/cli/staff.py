"""hongyan staff: the people who run the platform from the console, and their roles."""

from pathlib import Path
from typing import Annotated

from hongyan.cli.config import read_settings
from hongyan.cli.fields import Flag, check_named, options_of
from hongyan.cli.lists import list_verb
from hongyan.cli.ops_address import ops_address
from hongyan.cli.options import Config, Data, Json, SecretFile, argument, noun, option, verb
from hongyan.cli.out import form, print_one, say
from hongyan.cli.secrets import read_secret
from hongyan.cli.store import opened
from hongyan.model.staff import StaffChange
from hongyan.services.admin import staff
from hongyan.services.admin.bearer import Bearer, new_bearer
from hongyan.services.admin.passwords import hash_password
from hongyan.services.queries.lists import people as lists

app = noun("staff", "Staff: who runs the platform from the console, and what each may do.")

FLAGS: dict[str, Flag | None] = {"is_stopped": None}  # disable, enable

Name = Annotated[str, argument("Name that the person logs in with.")]
Address = Annotated[str, option("Address at which the person reaches the console, for the link.", "--address")]


@verb(
    app,
    "add",
    "Add one of the staff; prints a link that sets the password, once.",
    "hongyan staff add nightshift --role operations",
    "hongyan staff add books --role finance --title 'Accounts department'",
)
@options_of(StaffChange, FLAGS)
def add(
    name: Name,
    change: StaffChange,
    address: Address = "",
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    invitation = new_bearer()
    with opened(data, config) as admin:
        name = admin.change(staff.add_staff, name, change, invitation)
    print_one({"name": name, "link": link(invitation, address or console_address(data, config))}, form(as_json))


list_verb(app, lists.STAFF, "hongyan staff list", "hongyan staff list --json")


@verb(
    app,
    "set",
    "Change one of the staff, whose sessions end; what is not named stays as it is.",
    "hongyan staff set nightshift --role read-only",
    "hongyan staff set nightshift --title 'Operations, night shift'",
)
@options_of(StaffChange, FLAGS)
def set_(name: Name, change: StaffChange, data: Data = None, config: Config = None) -> None:
    check_named(change)
    _change(name, change, data, config)


@verb(
    app,
    "disable",
    "Let somebody log in no more; the open sessions end.",
    "hongyan staff disable nightshift",
    "hongyan staff disable nightshift --data d",
)
def disable(name: Name, data: Data = None, config: Config = None) -> None:
    _change(name, StaffChange(is_stopped=True), data, config)


@verb(
    app, "enable", "Let somebody log in again.", "hongyan staff enable nightshift", "hongyan staff enable nightshift --data d"
)
def enable(name: Name, data: Data = None, config: Config = None) -> None:
    _change(name, StaffChange(is_stopped=False), data, config)


@verb(
    app,
    "passwd",
    "Set somebody's password, or print a link by which the person sets it; the open sessions end.",
    "hongyan staff passwd nightshift --link",
    "hongyan staff passwd nightshift --secret-file - < password",
)
def passwd(
    name: Name,
    secret_file: SecretFile = None,
    as_link: Annotated[bool, option("Print a link instead, which opens once.", "--link")] = False,
    address: Address = "",
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    if as_link:
        invitation = new_bearer()
        with opened(data, config) as admin:
            admin.change(staff.invite, name, invitation)
        print_one({"name": name, "link": link(invitation, address or console_address(data, config))}, form(as_json))
        return
    hashed = hash_password(name, read_secret(secret_file, "password"))
    with opened(data, config) as admin:
        admin.change(staff.store_password, name, hashed)
    say("{name}: the new password holds", name=name)


@verb(
    app,
    "reset-2fa",
    "Forget somebody's second factor and recovery codes: the next login sets up new ones.",
    "hongyan staff reset-2fa nightshift",
    "hongyan staff reset-2fa nightshift --data d",
)
def reset_2fa(name: Name, data: Data = None, config: Config = None) -> None:
    with opened(data, config) as admin:
        admin.change(staff.reset_second_factor, name)
    say("{name}: the second factor is forgotten", name=name)


def link(invitation: Bearer, address: str) -> str:
    """Returns the link that sets a password."""
    return f"{address.rstrip('/')}/invitation/{invitation.plain}"


def console_address(data: Path | None, config: Path | None) -> str:
    """Returns the address of the console for a browser on this machine."""
    return ops_address(read_settings(data, config).settings.listen)


def _change(name: str, change: StaffChange, data: Path | None, config: Path | None) -> None:
    with opened(data, config) as admin:
        admin.change(staff.change_staff, name, change)
    say("{name}: changed", name=name)
