"""The transaction object that steps get: one connection, the SQL of every step."""

from collections import Counter, defaultdict
from collections.abc import Callable

from hongyan.store.engine.connection import Connection
from hongyan.store.sql.accept import AcceptSql
from hongyan.store.sql.alarms import AlarmsSql
from hongyan.store.sql.codes import CodesSql
from hongyan.store.sql.config import ConfigSql
from hongyan.store.sql.customer_sessions import CustomerSessionsSql
from hongyan.store.sql.dispatch import DispatchSql
from hongyan.store.sql.ending import EndingSql
from hongyan.store.sql.hourly import HourlySql, KnownCodes
from hongyan.store.sql.inbound import InboundSql
from hongyan.store.sql.jobs import JobsSql
from hongyan.store.sql.leases import LeaseSql
from hongyan.store.sql.ledger import LedgerSql
from hongyan.store.sql.link_figures import LinkFiguresSql
from hongyan.store.sql.lists import ListsSql
from hongyan.store.sql.lost_answers import LostAnswersSql
from hongyan.store.sql.media import MediaSql
from hongyan.store.sql.owed import OwedSql
from hongyan.store.sql.pruning import PruningSql
from hongyan.store.sql.recordings import RecordingsSql
from hongyan.store.sql.release import ReleaseSql
from hongyan.store.sql.report import ReportSql
from hongyan.store.sql.reroute import RerouteSql
from hongyan.store.sql.retention import RetentionSql
from hongyan.store.sql.rules import RulesSql
from hongyan.store.sql.session_notices import SessionNoticesSql
from hongyan.store.sql.session_parts import SessionPartsSql
from hongyan.store.sql.session_queries import SessionQueriesSql
from hongyan.store.sql.session_replace import SessionReplaceSql
from hongyan.store.sql.statements import StatementsSql
from hongyan.store.sql.statistics import StatisticsSql
from hongyan.store.sql.stopping import StoppingSql
from hongyan.store.sql.task_lists import TaskListsSql
from hongyan.store.sql.tickets import TicketSql
from hongyan.store.sql.trace import TraceSql
from hongyan.store.sql.usage import UsageSql


class SqlTx(
    AcceptSql,
    LostAnswersSql,
    UsageSql,
    ReleaseSql,
    StoppingSql,
    DispatchSql,
    RerouteSql,
    TicketSql,
    MediaSql,
    EndingSql,
    HourlySql,
    ReportSql,
    InboundSql,
    OwedSql,
    CustomerSessionsSql,
    SessionPartsSql,
    SessionNoticesSql,
    SessionReplaceSql,
    SessionQueriesSql,
    LeaseSql,
    LinkFiguresSql,
    RecordingsSql,
    AlarmsSql,
    JobsSql,
    RetentionSql,
    PruningSql,
    ConfigSql,
    LedgerSql,
    CodesSql,
    RulesSql,
    TraceSql,
    ListsSql,
    TaskListsSql,
    StatisticsSql,
    StatementsSql,
):
    """Implements ports.tx.Tx over one connection, inside a transaction that its opener ends."""

    def __init__(self, db: Connection, known_codes: KnownCodes | None = None) -> None:
        """known_codes: kept by who makes one transaction after another"""
        self.db = db
        self.counts = defaultdict(int)
        self.calls: list[Callable[[], None]] = []
        self.counted = {}
        self.codes_counted = Counter()
        self.counted_ms = 0
        self.known_codes = known_codes or KnownCodes()
        self.turnover = {}

    def after_commit(self, call: Callable[[], None]) -> None:
        self.calls.append(call)
