"""hongyan site: in whose words a host answers requests without a known account."""

from typing import Annotated

from hongyan.cli.fields import options_of
from hongyan.cli.lists import list_verb
from hongyan.cli.options import Config, Data, argument, noun, verb
from hongyan.cli.out import say
from hongyan.cli.store import opened
from hongyan.model.site import SiteChange
from hongyan.services.admin import sites
from hongyan.services.queries.lists import customers as lists

app = noun("site", "Sites: whose words a host answers to requests that name no known account.")

Host = Annotated[str, argument("The host as clients write it, without a port; any for all that have no site of their own.")]


@verb(
    app,
    "set",
    "Add a site, or change one; what is not named stays as it is.",
    "hongyan site set sms.example --dialect wl",
    "hongyan site set any --dialect wl-000",
)
@options_of(SiteChange, {})
def set_(host: Host, change: SiteChange, data: Data = None, config: Config = None) -> None:
    with opened(data, config) as admin:
        admin.change(sites.set_site, host, change)
    say("{host}: set", host=host)


list_verb(app, lists.SITES, "hongyan site list", "hongyan site list --json")


@verb(app, "remove", "Remove a site.", "hongyan site remove sms.example", "hongyan site remove any --data d")
def remove(host: Host, data: Data = None, config: Config = None) -> None:
    with opened(data, config) as admin:
        admin.change(sites.drop_site, host)
    say("{host}: removed", host=host)
