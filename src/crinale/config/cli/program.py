"""The program `crinale`: its contents, and errors as sentences instead of traces."""

from __future__ import annotations

import os
import sys
import tomllib

import click

from crinale.config.cli import contents
from crinale.config.node import REPOSITORY
from crinale.kernel.errors import CrinaleError


class Contents(click.Group):
    """A group whose commands are modules, loaded when called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands."""
        del ctx
        return contents.names()

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command."""
        del ctx
        return contents.load(cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of contents."""
        del ctx
        for title, entries in contents.sections().items():
            with formatter.section(title):
                formatter.write_dl([(entry.name, entry.summary) for entry in entries], col_max=16)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; what does not exist is answered with what is near."""
        import difflib

        name = args[0]
        if name not in contents.names():
            near = difflib.get_close_matches(name, contents.names(), n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            ctx.fail(f"There is no command {name}.{hint} `crinale --help` lists them all.")
        return super().resolve_command(ctx, args)


def _tell_version(context: click.Context, _option: click.Parameter, wanted: object) -> None:
    if wanted:
        project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        click.echo(project["version"])
        context.exit()


@click.command(
    cls=Contents, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_tell_version,
    help="Show the version.",
)
def program() -> None:
    """Crinale, the shared digital town hall of a union of small municipalities.

    `./crinale demo` shows it at work on this machine, with a network of four nodes.
    """


def main() -> None:
    """Run the program."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crinale.config.settings")
    try:
        program(prog_name="crinale")
    except CrinaleError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
