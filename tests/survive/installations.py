"""Installations whose commands run inside the test's own process: starting Python for each would take most of the time."""

from pathlib import Path

from bench.installation import CommandError, Installation, Measured
from typer.testing import CliRunner

from hongyan.cli.app import app


class _Inside:
    folder: Path

    def command(self, *words, stdin=""):
        done = CliRunner().invoke(app, [*words, "--data", str(self.folder)], input=stdin)
        if done.exit_code:
            raise CommandError(f"hongyan {' '.join(words)}: exit code {done.exit_code}\n{done.output}") from done.exception
        return done.stdout


class InlineInstallation(_Inside, Installation):
    pass


class InlineMeasured(_Inside, Measured):
    pass
