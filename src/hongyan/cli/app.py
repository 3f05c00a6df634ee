"""The command `hongyan`: its nouns and verbs, and how errors become one line and an exit code."""

import os
import secrets
import sys
from collections.abc import Sequence
from typing import Annotated

import structlog
import typer

from hongyan.cli import out
from hongyan.cli.commands import stop_of
from hongyan.cli.exits import Exit, Stop
from hongyan.cli.main_command import MainCommand
from hongyan.cli.options import HELP_SETTINGS, option
from hongyan.cli.streams import OutputFailed, set_up_streams
from hongyan.compose.troubles import AlreadyInUse, PeerUnreachable, StoreNotReady, Trouble
from hongyan.i18n import _, column_head, language, refusal_cause
from hongyan.logs.lines import set_up_logs
from hongyan.model.errors import AdminError, Conflict, Forbidden, Invalid, NotFound
from hongyan.model.masking import without_password
from hongyan.model.refusal import Refusal
from hongyan.services.admin.sealing import KeyWrong
from hongyan.settings.problems import Sentence, SettingsInvalid
from hongyan.settings.sections.log import LogFormat, LogLevel

app = typer.Typer(
    name="hongyan",
    cls=MainCommand,
    help=_("Hongyan 鸿雁: an SMS platform server."),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings=HELP_SETTINGS,
)


@app.callback()
def everywhere(
    color: Annotated[bool | None, option("Colours always or never; else on terminals only.", "--color/--no-color")] = None,
) -> None:
    out.set_colour(color)


def run(words: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code. Nothing escapes but the end of the process."""
    set_up_logs(LogLevel.WARNING, LogFormat.AUTO)
    try:
        code = app(words, prog_name="hongyan", standalone_mode=False)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else Exit.DONE
    except (KeyboardInterrupt, typer.Abort):
        return Exit.INTERRUPTED
    except Exception as error:  # noqa: BLE001  the last place that can turn it into words
        return _explained(error)
    return code or Exit.DONE


def _explained(error: Exception) -> Exit:
    """Print what happened and what to do now; returns the code."""
    match error:
        case typer.TyperException(message=message) if type(error).__name__ == "NoArgsIsHelpError":
            out.print_exact(message)
            return Exit.USAGE
        case typer.TyperException():
            return _explained(stop_of(error))
        case Stop(code=code, what=what, cure=cure, facts=facts):
            return _report(code, _(what, **facts), cure=_(cure, **facts))
        case SettingsInvalid(problems=problems):
            return _report(Exit.SETTINGS, *[without_password(_sentence(problem)) for problem in problems])
        case KeyWrong(sentence=sentence, facts=facts):
            return _report(Exit.SETTINGS, _(sentence, **facts), cure=_("use the hongyan.key that this store was made with"))
        case AdminError(sentence=sentence, cure=cure, facts=facts):
            shown = facts | ({"field": column_head(str(facts["field"]))} if "field" in facts else {})
            return _report(_CODES[type(error)], _(sentence, **shown), cure=_(cure, **shown))
        case OutputFailed():
            return _report(Exit.FAILED, _("cannot write the output: {error}", error=error))
        case Refusal():
            return _report(Exit.REFUSED, refusal_cause(error, language()), cure=_(error.code.words.cure))
        case Trouble(what=what, cure=cure, facts=facts):
            return _report(_CODES[type(error)], _(what, **facts), cure=_(cure, **facts))
        case OSError(filename=file) if file is not None:
            return _report(Exit.FAILED, _("cannot use {file}: {reason}", file=os.fsdecode(file), reason=error))
    return _unexpected(error)


def _sentence(problem: Sentence) -> str:
    facts = {name: _sentence(fact) if isinstance(fact, Sentence) else fact for name, fact in problem.facts.items()}
    return _(problem.english, **facts)


_CODES: dict[type[Exception], Exit] = {
    StoreNotReady: Exit.SETTINGS,
    PeerUnreachable: Exit.UNREACHED,
    AlreadyInUse: Exit.CONFLICT,
    NotFound: Exit.MISSING,
    Invalid: Exit.USAGE,
    Conflict: Exit.CONFLICT,
    Forbidden: Exit.REFUSED,
}


def _report(code: Exit, what: str, *more: str, cure: str = "") -> Exit:
    for line in (f"hongyan: {what}", *more):
        out.say_line(line, "red")
    if cure:
        out.say_line(f"→ {cure}")
    return code


def _unexpected(error: Exception) -> Exit:
    """Print a bug: a short id for the person, and the same id in the log with our source lines."""
    error_id = secrets.token_hex(4)
    structlog.get_logger().error("unexpected_error", error_id=error_id, exc_info=error)
    what = _("something broke on our side ({error_id})", error_id=error_id)
    return _report(Exit.FAILED, what, cure=_("tell the operator this number"))


def main() -> None:
    os.umask(0o077)  # phones and secrets: only we may read what we write
    set_up_streams()
    sys.exit(run())
