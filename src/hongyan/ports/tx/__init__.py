"""What steps may do inside their transactions: one Protocol for each step, in a file with the step's name.

Steps know nothing else of the database. Every call may be repeated in a transaction that is run again. The lane, or another
caller that opened the transaction, begins and ends it.
"""

from typing import Protocol

from hongyan.ports.tx.accept import AcceptTx
from hongyan.ports.tx.alarms import JudgeAlarmsTx, ObserveTx, SetAlarmsTx
from hongyan.ports.tx.billing import BillingTx, RefundTx
from hongyan.ports.tx.codes import CodesTx
from hongyan.ports.tx.config import ConfigTx
from hongyan.ports.tx.customer_sessions import CustomerSessionsTx, SessionListTx
from hongyan.ports.tx.dispatch import DispatchTx
from hongyan.ports.tx.inbound import InboundTx
from hongyan.ports.tx.jobs import ExportsTx, JobsTx, RunJobsTx
from hongyan.ports.tx.key import KeyTx
from hongyan.ports.tx.leases import LeasesTx
from hongyan.ports.tx.link_figures import LinkFiguresTx
from hongyan.ports.tx.lost_answers import LostAnswersTx
from hongyan.ports.tx.owed import OwedTx, ReplayTx
from hongyan.ports.tx.pruning import PruningTx
from hongyan.ports.tx.queries import ListsTx, PagesTx, TraceTx
from hongyan.ports.tx.recordings import RecordingsTx
from hongyan.ports.tx.refused_numbers import RefusedNumbersTx
from hongyan.ports.tx.release import ReleaseTx
from hongyan.ports.tx.report import ReportTx
from hongyan.ports.tx.reroute import RerouteTx
from hongyan.ports.tx.retention import RetentionTx
from hongyan.ports.tx.rules import RulesTx
from hongyan.ports.tx.session_cancelling import SessionCancellingTx
from hongyan.ports.tx.session_notices import SessionNoticesTx
from hongyan.ports.tx.session_parts import SessionPartsTx
from hongyan.ports.tx.session_queries import SessionQueriesTx
from hongyan.ports.tx.session_replace import SessionReplaceTx
from hongyan.ports.tx.snapshot import SnapshotTx
from hongyan.ports.tx.statements import StatementsTx
from hongyan.ports.tx.statistics import StatisticsTx
from hongyan.ports.tx.stopping import StoppingTx
from hongyan.ports.tx.sums import SumsTx


class Tx(
    AcceptTx,
    LostAnswersTx,
    ReleaseTx,
    RefundTx,
    BillingTx,
    SessionReplaceTx,
    SessionCancellingTx,
    StoppingTx,
    DispatchTx,
    RerouteTx,
    ReportTx,
    InboundTx,
    OwedTx,
    ReplayTx,
    CustomerSessionsTx,
    SessionListTx,
    SessionPartsTx,
    SessionNoticesTx,
    RefusedNumbersTx,
    SessionQueriesTx,
    LeasesTx,
    LinkFiguresTx,
    RecordingsTx,
    RetentionTx,
    PruningTx,
    CodesTx,
    RulesTx,
    ConfigTx,
    RunJobsTx,
    JobsTx,
    ExportsTx,
    KeyTx,
    SnapshotTx,
    SetAlarmsTx,
    JudgeAlarmsTx,
    ObserveTx,
    TraceTx,
    SumsTx,
    StatisticsTx,
    StatementsTx,
    ListsTx,
    PagesTx,
    Protocol,
):
    """All of them: what a store provides."""
