"""hongyan audit: who changed what."""

from hongyan.cli.lists import list_verb
from hongyan.cli.options import noun
from hongyan.services.queries.lists.people import AUDIT

app = noun("audit", "The audit: who changed what.")

list_verb(
    app, AUDIT, "hongyan audit list --most 20", "hongyan audit list --actor staff:nightshift --action account.change --json"
)
