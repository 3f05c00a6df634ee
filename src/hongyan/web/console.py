"""The console: all its pages behind the same middleware."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from hongyan.model.approval import AloneRule
from hongyan.model.errors import AdminError
from hongyan.model.refusal import Refusal
from hongyan.ports.admin import AdminStore
from hongyan.services.admin.logins import Logins
from hongyan.web.access import Page
from hongyan.web.header import HeaderMiddleware
from hongyan.web.live import Live, ServerFacts
from hongyan.web.login import LoginPages
from hongyan.web.middleware import EncryptedOnly, LanguageMiddleware, SecurityHeaders, SessionMiddleware
from hongyan.web.pages import show_admin_error, show_bug, show_refusal, show_trouble
from hongyan.web.people import PeoplePages
from hongyan.web.screens.accounts import AccountScreen
from hongyan.web.screens.alarms import AlarmScreen
from hongyan.web.screens.approvals import ApprovalScreen
from hongyan.web.screens.audit import AuditScreen
from hongyan.web.screens.black_lists import BlackListScreen
from hongyan.web.screens.channels import ChannelScreen
from hongyan.web.screens.codes import CodeScreen
from hongyan.web.screens.customer_sessions import CustomerSessionScreen
from hongyan.web.screens.customers import CustomerScreen
from hongyan.web.screens.delivery import DeliveryScreen
from hongyan.web.screens.explorer import ExplorerScreen
from hongyan.web.screens.file_imports import FileImportScreen
from hongyan.web.screens.imports import ImportScreen
from hongyan.web.screens.jobs import JobScreen
from hongyan.web.screens.listeners import ListenerScreen
from hongyan.web.screens.messages import MessageScreen
from hongyan.web.screens.money import MoneyScreen
from hongyan.web.screens.opening import OpeningScreen
from hongyan.web.screens.overview import OverviewScreen
from hongyan.web.screens.routes import RouteScreen
from hongyan.web.screens.signatures import SignatureScreen
from hongyan.web.screens.sites import SiteScreen
from hongyan.web.screens.statements import StatementScreen
from hongyan.web.screens.statistics import StatisticsScreen
from hongyan.web.screens.suggestions import SuggestionScreen
from hongyan.web.screens.system import SettingRows, SystemScreen
from hongyan.web.screens.tasks import TaskScreen
from hongyan.web.screens.templates import TemplateScreen
from hongyan.web.screens.tokens import TokenScreen
from hongyan.web.screens.traffic import TrafficScreen
from hongyan.web.screens.words import WordScreen
from hongyan.web.trials import Trials

_TROUBLES = {HTTPException: show_trouble, AdminError: show_admin_error, Refusal: show_refusal, Exception: show_bug}


def console(
    admin: AdminStore,
    logins: Logins,
    server: ServerFacts,
    trials: Trials,
    alone: AloneRule,
    settings: SettingRows = list,
    environment: str = "live",
) -> Starlette:
    """Returns the application of the console's pages.

    server:   asks the process that serves
    trials:   what people try out beyond this process
    alone:    what one person may change alone
    settings: of the installation: key, value, and where the value comes from
    environment: what the platform is for: live, sandbox or demo
    """
    middleware = [
        Middleware(SecurityHeaders),
        Middleware(LanguageMiddleware),
        Middleware(EncryptedOnly),
        Middleware(SessionMiddleware, logins),
        Middleware(HeaderMiddleware, admin, environment),
    ]
    return Starlette(
        routes=_pages(admin, logins, server, trials, alone, settings), middleware=middleware, exception_handlers=_TROUBLES
    )


def _pages(
    admin: AdminStore,
    logins: Logins,
    server: ServerFacts,
    trials: Trials,
    alone: AloneRule,
    settings: SettingRows,
) -> list[Page]:
    live = Live(server, admin)
    screens = (
        LoginPages(logins),
        PeoplePages(admin, logins),
        OverviewScreen(admin, live),
        MessageScreen(admin, live),
        TaskScreen(admin),
        OpeningScreen(admin, alone),
        CustomerScreen(admin),
        AccountScreen(admin, alone, trials),
        MoneyScreen(admin, alone),
        ListenerScreen(admin, live),
        CustomerSessionScreen(admin, live),
        ChannelScreen(admin, live, trials),
        RouteScreen(admin),
        SignatureScreen(admin),
        TemplateScreen(admin),
        WordScreen(admin),
        BlackListScreen(admin),
        CodeScreen(admin),
        DeliveryScreen(admin),
        TrafficScreen(admin),
        StatisticsScreen(admin),
        StatementScreen(admin),
        JobScreen(admin),
        AlarmScreen(admin, trials),
        ImportScreen(admin),
        FileImportScreen(admin),
        SiteScreen(admin),
        SystemScreen(admin, server, settings),
        ApprovalScreen(admin),
        TokenScreen(admin),
        AuditScreen(admin),
        SuggestionScreen(admin),
        ExplorerScreen(),
    )
    return [page for screen in screens for page in screen.pages()]
