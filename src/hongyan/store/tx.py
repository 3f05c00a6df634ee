"""The transaction object that steps get: one connection, the SQL of every step."""

from collections import Counter

from hongyan.store.accept import AcceptSql
from hongyan.store.billing import BillingSql
from hongyan.store.codes import CodesSql
from hongyan.store.config import ConfigSql
from hongyan.store.connection import Connection
from hongyan.store.dispatch import DispatchSql
from hongyan.store.inbound import InboundSql
from hongyan.store.media import MediaSql
from hongyan.store.owed import OwedSql
from hongyan.store.reading import ReadingSql
from hongyan.store.release import ReleaseSql
from hongyan.store.report import ReportSql
from hongyan.store.retention import RetentionSql
from hongyan.store.rules import RulesSql
from hongyan.store.tickets import TicketSql


class SqlTx(
    AcceptSql,
    ReleaseSql,
    DispatchSql,
    TicketSql,
    MediaSql,
    ReportSql,
    InboundSql,
    OwedSql,
    ConfigSql,
    BillingSql,
    CodesSql,
    RulesSql,
    ReadingSql,
    RetentionSql,
):
    """Implements ports.tx.Tx over one connection, inside a transaction that somebody else ends."""

    def __init__(self, db: Connection) -> None:
        self.db = db
        self.returned = {}
        self.outcomes = Counter()
