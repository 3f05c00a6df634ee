"""What docs/sessions.md has an operator type is done; its programs are run in tests/interop."""

import json
import shlex

from tests.docs.pages import command_lines, text_of
from tests.survive.installations import InlineInstallation


def test_the_commands_of_the_page_open_listeners_and_let_the_account_in(tmp_path):
    with InlineInstallation(tmp_path / "data") as installation:
        installation.command("account", "add", "acme", "--userid", "7", "--secret-file", "-", stdin="abc123")
        for line in command_lines(text_of("docs/sessions.md")):
            installation.command(*shlex.split(line)[1:])

        listeners = json.loads(installation.command("listener", "list", "--json"))["listeners"]
        account = json.loads(installation.command("account", "show", "acme", "--json"))
    assert {one["protocol"]: one["port"] for one in listeners} == {"smpp": 2775, "cmpp": 7890}
    assert (account["protocols"], account["protocol_login"]) == ("smpp,cmpp", "900017")
