from hongyan.settings.kinds import Days
from hongyan.settings.section import Section


class Retention(Section):
    messages_days: Days = 155
    """How long ended messages are kept, with their reports, replies, pushes, tasks and ledger entries, whose sums are carried over."""
    carrier_refs_days: Days = 30
    """How long carriers' message ids are kept, and receipts that met no message."""
    media_days: Days = 35
    """How long pictures and sounds of MMS are kept after the last task that shows them was due."""
