"""The tensorreel command line: commands are imported when they run, so that help and mistakes are instant."""

from __future__ import annotations

import importlib
import io
import os
import sys
import warnings
from collections.abc import Callable
from typing import Any

import click

from tensorreel.cli.asked import settings
from tensorreel.core.errors import InputError, Interrupted, TensorreelError, Terminated, one_line, outside
from tensorreel.film.job.stopping import lose_none

INTERNAL, USAGE, ENVIRONMENT, INTERRUPTED, TERMINATED = 1, 2, 4, 130, 143

# name → where it is, and its line in the overview (so that the overview imports nothing)
COMMANDS = {
    "render": ("tensorreel.cli.render:render", "Render the film, or some of its stages."),
    "embed": ("tensorreel.cli.embed:embed", "Make a clip and say what to paste into your slides."),
    "verify": ("tensorreel.cli.verify:verify", "Say whether a file still shows what a model computes."),
    "deck": ("tensorreel.cli.deck:deck", "Make a lecture: PowerPoint, HTML, a PDF handout, manim-slides."),
    "export": (
        "tensorreel.cli.export:export",
        "Write the numbers: a workbook that computes, a notebook, arrays.",
    ),
    "watch": ("tensorreel.cli.watch:watch", "Render again at every save of the model or a storyboard."),
    "cache": ("tensorreel.cli.cache:cache", "Say what is kept, or let go of the oldest."),
    "sheet": ("tensorreel.cli.sheet:sheet", "Draw a contact sheet: one picture per beat with its caption."),
    "list": ("tensorreel.cli.tables:list_", "List the stages with their formulas and shapes."),
    "show": ("tensorreel.cli.tables:show", "Print the inputs and the output of a stage."),
    "diff": ("tensorreel.cli.diff:diff", "Say what is different between two models."),
    "model": ("tensorreel.cli.tables:model", "Write the built-in model for editing, or check a model file."),
    "evolve": ("tensorreel.cli.evolve:evolve", "Show a stage over a training, checkpoint by checkpoint."),
    "lint": ("tensorreel.cli.review:lint", "Check every picture against the rules of the film."),
    "audit": ("tensorreel.cli.review:audit", "Recompute every number that is drawn."),
    "doctor": ("tensorreel.cli.doctor:doctor", "Say what is installed, and how to install what is missing."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported on use, and whose every failure is one line and an exit code."""

    debug = False

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command, with the values that its options have where they are not typed."""
        name, command, rest = super().resolve_command(ctx, args)
        if name and command:
            if wrong := settings.unknown(lambda: {n: c for n in COMMANDS if (c := self.get_command(ctx, n))}):
                raise InputError(wrong)
            ctx.default_map = {name: settings.defaults(command, name)}
        return name, command, rest

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The overview, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def main(self, *args: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        """Run; failures become ``tensorreel: error: …`` on stderr and the exit code of their kind."""
        plain: Callable[..., Any] = super().main
        if not standalone_mode:
            return plain(*args, standalone_mode=False, **extra)
        try:
            _settle()
            sys.exit(self._guarded(lambda: plain(*args, standalone_mode=False, **extra)))
        except KeyboardInterrupt:  # once more, while the first was being answered
            sys.exit(INTERRUPTED)

    def _guarded(self, run: Callable[[], Any]) -> int:
        try:
            result = run()
            sys.stdout.flush()
            return result if isinstance(result, int) else 0
        except click.exceptions.Exit as err:
            return err.exit_code
        except (KeyboardInterrupt, click.Abort) as err:
            return _stopped(
                Interrupted("interrupted"), err.__cause__ if isinstance(err, click.Abort) else err
            )
        except Interrupted as err:
            return _stopped(err, err.__cause__)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        except Exception as err:
            return self._failed(err)

    def _failed(self, err: Exception) -> int:
        if self.debug:
            import traceback

            traceback.print_exc()
        if isinstance(err, TensorreelError):
            return _say(str(err), err.exit_code)
        if isinstance(err, click.exceptions.NoArgsIsHelpError):
            err.show()
            return USAGE
        if isinstance(err, click.ClickException):
            context = getattr(err, "ctx", None)
            hint = f" (see {context.command_path} --help)" if context else ""
            hint = settings.place_of(err) or hint
            return _say(err.format_message() + hint, USAGE)
        if isinstance(err, OSError | MemoryError):
            return _say(str(outside(err)), ENVIRONMENT)
        return _say(f"internal: {type(err).__name__}: {err} (run again with tensorreel --debug)", INTERNAL)


def _settle() -> None:
    """What holds for a whole run: how its streams, its warnings and a stop that nothing can raise are taken."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    warnings.showwarning = _shown(warnings.showwarning)
    lose_none()


def _stopped(said: Interrupted, cause: BaseException | None) -> int:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is done but saying so
    click.echo(f"tensorreel: {said}", err=True)
    return TERMINATED if isinstance(cause, Terminated) else INTERRUPTED


def _shown(before: Callable[..., None]) -> Callable[..., None]:
    """Warnings of our own as one line; others as ``before``."""

    def show(message: Warning | str, category: type[Warning], *args: Any, **kwargs: Any) -> None:
        if category.__module__.startswith("tensorreel."):
            click.echo(f"tensorreel: warning: {one_line(str(message))}", err=True)
        else:
            before(message, category, *args, **kwargs)

    return show


def _say(message: str, code: int) -> int:
    click.echo(f"tensorreel: error: {one_line(message)}", err=True)
    return code


def _set_debug(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    group = ctx.command
    if isinstance(group, LazyGroup):
        group.debug = value


@click.group(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(package_name="tensorreel", message="%(prog)s %(version)s")
@click.option(
    "--debug", is_flag=True, expose_value=False, callback=_set_debug, help="Show the traceback of an error."
)
def main() -> None:
    """Turn a Transformer's forward pass into a film in which every number is real.

    \b
    tensorreel render                       the whole film of the built-in model
    tensorreel render attn-weights          one stage as a clip of its own
    tensorreel show attn-weights --head 1   its numbers in the terminal
    """
