"""hongyan ledger: the proof that the money adds up."""

from dataclasses import asdict

from hongyan.cli.exits import Exit, Stop
from hongyan.cli.options import Config, Data, Json, noun, verb
from hongyan.cli.out import Form, form, give_json, give_rows, say
from hongyan.cli.store import opened
from hongyan.services.admin import billing

app = noun("ledger", "The ledger: points, and the proof that they add up.")


@verb(
    app,
    "verify",
    "Recompute every wallet from its entries and name those that differ.",
    "hongyan ledger verify",
    "hongyan ledger verify --data d --json",
)
def verify(data: Data = None, config: Config = None, as_json: Json = False) -> None:
    with opened(data, config) as admin:
        wallets, differing = admin.read(billing.verify)
    rows = [asdict(one) for one in differing]
    if form(as_json) is Form.JSON:
        give_json({"wallets": wallets, "differences": len(rows), "differing": rows})
    elif rows:
        give_rows("differing", rows, Form.TABLE)
    if rows:
        raise Stop(
            Exit.FOUND,
            "{count} of {wallets} wallets differ from their entries",
            "stop changes and keep a copy of the store",
            count=len(rows),
            wallets=wallets,
        )
    say("{wallets} wallets, 0 differences", wallets=wallets)
