"""Arguments and options that several commands share, as decorators."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from tensorreel.core.errors import InputError, UsageProblem
from tensorreel.core.model import Model
from tensorreel.core.stages import ARTICLE
from tensorreel.core.variation import CAUSAL, SET, WITHOUT
from tensorreel.models import BUILTIN, SAMPLE, tiny_model
from tensorreel.models.foreign import ENDINGS
from tensorreel.models.reading import MAX_BYTES, read_model
from tensorreel.models.stated import CHOICES
from tensorreel.words.languages import LANGUAGES

Command = TypeVar("Command", bound=Callable[..., Any])


SIZES = "K, M, G count in thousands (4MB is 4,000,000), Ki, Mi, Gi in 1024s."
_POWERS = {letter: power for power, letter in enumerate("KMGT", start=1)}
_SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,15})?)(?:([KMGT])(I?))?B?")


class SizeParam(click.ParamType[int]):
    """A number of bytes, ``least`` or more. KB and K are 1,000, as limits of websites are meant; KiB and Ki 1,024."""

    name = "size"

    def __init__(self, least: int = 1) -> None:
        self.least = least

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The bytes."""
        if isinstance(value, int):
            return value
        size = _bytes(str(value))
        if size is None or not self.least <= size < 10**15:
            self.fail(f"{value!r}, expected a size such as 4MB or 500KB", param, ctx)
        return size


def _bytes(text: str) -> int | None:
    """What a size says; None where it is none."""
    found = _SIZE.fullmatch(text.upper().replace(" ", ""))
    if found is None:
        return None
    number, letter, binary = found.groups()
    return int(Fraction(number) * (1024 if binary else 1000) ** _POWERS.get(letter, 0))


class StageParam(click.ParamType[str]):
    """A stage by name or number, as it was typed: which one it is, the model's table says once the model is read.

    The shell completes the names of the article, whatever the model.
    """

    name = "stage"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """What was typed."""
        return str(value)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Names that begin with what was typed, each with its formula."""
        typed = incomplete.replace("_", "-")
        return [
            CompletionItem(s.cli_name, help=s.formula_plain)
            for s in ARTICLE.stages
            if s.cli_name.startswith(typed)
        ]


def stage_argument(fn: Command) -> Command:
    """One STAGE, by name or number; the command receives ``stage: str``, as it was typed."""
    return click.argument("stage", type=StageParam())(fn)


def sample_option(told: str) -> Callable[[Command], Command]:
    """``--sample LANG``, of which help says ``told``; the command receives ``sample: str | None``."""
    return click.option("--sample", type=click.Choice(list(BUILTIN)), help=told)


def model_option(told: str) -> Callable[[Command], Command]:
    """``--model FILE`` or ``--sample``, of which help says ``told``.

    The command receives ``model_file: Path | None`` and ``sample: str | None``.
    """
    file = click.option(
        "--model",
        "model_file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help=f"{told} One of {', '.join(ENDINGS)}.",
    )
    sample = sample_option(f"The built-in model with a sentence in this language ({SAMPLE}).")
    return lambda fn: with_options(fn, (file, sample))


_OF = "Where the file of a model does not say it:"
_STATED: Mapping[str, Callable[[Command], Command]] = {
    "n_heads": click.option(
        "--n-heads", "n_heads", type=click.IntRange(min=1), metavar="N", help=f"{_OF} the number of heads."
    ),
    "norm": click.option(
        "--norm",
        type=click.Choice(CHOICES["norm"]),
        help=f"{_OF} norms after (post) or before (pre) attention and FFN.",
    ),
    "final_norm": click.option(
        "--final-norm", type=click.Choice(CHOICES["final_norm"]), help=f"{_OF} a norm behind the last layer."
    ),
    "activation": click.option(
        "--activation", type=click.Choice(CHOICES["activation"]), help=f"{_OF} the activation of its FFN."
    ),
    "eps": click.option("--eps", type=float, metavar="X", help=f"{_OF} ε in the root of LayerNorm."),
    "causal": click.option(
        "--causal/--no-causal",
        default=None,
        help=f"{_OF} whether tokens cannot look at later ones. Of any other model: what if they could not.",
    ),
}


def stated_options(fn: Command) -> Command:
    """What a checkpoint's tensors do not tell; the command receives ``said: dict``, what is given of it by name."""

    @functools.wraps(fn)
    def collected(*args: Any, **rest: Any) -> Any:
        given = {name: rest.pop(name) for name in _STATED}
        said = {name: value for name, value in given.items() if value is not None}
        return fn(*args, said=said, **rest)

    return with_options(collected, tuple(_STATED.values()))  # type: ignore[return-value]


_VARIATIONS = (
    click.option(
        "--without",
        "left_out",
        multiple=True,
        metavar="PART",
        help="What if: without position, scale, attention, residual, norm, relu or head:N. Again for more.",
    ),
    click.option(
        "--set",
        "cells",
        multiple=True,
        metavar="CELL=VALUE",
        help="What if: another number, as in layers.0.W_Q[0,2,1]=0.8, counted from 0. Again for more.",
    ),
)


def variation_options(fn: Command) -> Command:
    """``--without --set``; the command receives ``asked: tuple[str, ...]``, the changes as ``variations.change``
    reads them.
    """

    @functools.wraps(fn)
    def collected(*args: Any, left_out: tuple[str, ...], cells: tuple[str, ...], **rest: Any) -> Any:
        asked = (*(f"{WITHOUT} {part}" for part in left_out), *(f"{SET} {cell}" for cell in cells))
        return fn(*args, asked=asked, **rest)

    return with_options(collected, _VARIATIONS)  # type: ignore[return-value]


def chosen_model(
    model_file: Path | None,
    max_bytes: int | None,
    said: Mapping[str, Any],
    sample: str | None,
    asked: Sequence[str] = (),
) -> Model:
    """The model of a file, or a built-in one, of which there is nothing to state; with the changes that are asked for.

    ``--causal`` of a model that is complete without it, and has no mask, is one of them.
    """
    masks = [CAUSAL] if said.get(CAUSAL) else []
    plain = {name: value for name, value in said.items() if not (masks and name == CAUSAL)}
    if model_file is not None and sample is not None:
        raise UsageProblem("--model and --sample together, expected one of them")
    if model_file is None and plain:
        raise UsageProblem(f"{next(iter(plain))} stated without --model, expected a model file")
    if model_file is None:
        model = tiny_model(sample or SAMPLE)
    else:
        model = _read(model_file, max_bytes or MAX_BYTES, plain, masks)
    if not masks and not asked:
        return model
    from tensorreel.variations.change import varied

    return varied(model, (*masks, *asked))


def _read(model_file: Path, max_bytes: int, said: dict[str, Any], masks: Sequence[str]) -> Model:
    """The model as it is; where a checkpoint leaves open whether it has a mask, ``masks`` states it."""
    if masks:
        with suppress(InputError):
            return read_model(model_file, max_bytes, said)
    return read_model(model_file, max_bytes, said | dict.fromkeys(masks, True))


def font_option(told: str) -> Callable[[Command], Command]:
    """``--font FILE``, one that can be read."""
    kind = click.Path(exists=True, dir_okay=False, readable=True)
    return click.option("--font", type=kind, metavar="FILE", help=told)


class _Languages(click.ParamType[tuple[str, ...]]):
    """Languages of the film, with commas between them."""

    name = "languages"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """``en,ja`` as a tuple; a ``UsageProblem`` names what is no language of the film."""
        wanted = value if isinstance(value, tuple) else tuple(part.strip() for part in value.split(","))
        if unknown := [lang for lang in wanted if lang not in LANGUAGES]:
            raise UsageProblem(
                f"--subtitle-langs {unknown[0] or '(empty)'}, expected some of {', '.join(LANGUAGES)}"
            )
        return wanted


def subtitle_langs_option(told: str) -> Callable[[Command], Command]:
    """``--subtitle-langs en,ja``; the command receives ``subtitle_langs: tuple[str, ...]``, empty where not given."""
    told = f"{told} (by default the film's own and English)."
    return click.option("--subtitle-langs", type=_Languages(), default=(), metavar="LANG,LANG", help=told)


def json_option(told: str) -> Callable[[Command], Command]:
    """``--json``; the command receives ``as_json: bool``."""
    return click.option("--json", "as_json", is_flag=True, help=told)


SENTENCE_OPTIONS = (
    click.option(
        "--tokens",
        metavar="LIST",
        help='The sentence as token ids (from 0) or words: --tokens "1 2 3". Without it: the model\'s own.',
    ),
    click.option(
        "--text",
        metavar="TEXT",
        help="The sentence as text, cut by the model's tokenizer, or into the longest words that fit.",
    ),
)


def sentence_options(fn: Command) -> Command:
    """``--tokens --text``; the command receives ``tokens: str | None`` and ``text: str | None``, for ``asked_tokens``."""
    return with_options(fn, SENTENCE_OPTIONS)


MODEL_OPTIONS = (
    model_option("A model: a file, or a folder with its config.json. Without it: the built-in tiny model."),
    stated_options,
    variation_options,
    *SENTENCE_OPTIONS,
    click.option(
        "--max-bytes",
        type=click.IntRange(min=1),
        metavar="N",
        help="Refuse a model file of more than N bytes, packed or unpacked (1 GiB).",
    ),
)


def model_options(fn: Command) -> Command:
    """``--model --sample --tokens --text --max-bytes``, what is stated of a checkpoint and what is changed, read and
    checked.

    The command receives ``model: Model``, ``tokens: tuple[int, ...]`` and ``model_file: Path | None``.
    """

    @functools.wraps(fn)
    def loaded(
        *args: Any,
        model_file: Path | None,
        tokens: str | None,
        text: str | None,
        max_bytes: int | None,
        said: dict[str, Any],
        sample: str | None,
        asked: tuple[str, ...],
        **rest: Any,
    ) -> Any:
        model = chosen_model(model_file, max_bytes, said, sample, asked)
        ids = asked_tokens(model, tokens, text)
        if "before" in rest:  # of a command with ``--against``
            rest["before"] = rest["before"](model, model_file, max_bytes, said, sample)
        return fn(*args, model=model, tokens=ids, model_file=model_file, **rest)

    return with_options(loaded, MODEL_OPTIONS)  # type: ignore[return-value]


def asked_tokens(model: Model, tokens: str | None, text: str | None) -> tuple[int, ...]:
    """The token ids that were asked for, or the model's own."""
    if tokens is not None and text is not None:
        raise UsageProblem("--tokens and --text together, expected one of them")
    return model.sentence(text, tokens)


def _from_one(ctx: click.Context, param: click.Parameter, value: int | None) -> int | None:
    return None if value is None else value - 1


def _place(name: str, text: str) -> Callable[[Command], Command]:
    return click.option(f"--{name}", type=click.IntRange(min=1), metavar="N", callback=_from_one, help=text)


def place_options(fn: Command) -> Command:
    """``--layer --head --token``, counted from 1 by people and handed on 0-based, None where not given.

    They cannot be checked before the model is known: ``check_place`` does that.
    """
    options = (
        _place("layer", "The layer to look at, counted from 1."),
        _place("head", "The attention head to look at, counted from 1."),
        _place("token", "The token of the sentence to look at, counted from 1."),
    )
    return with_options(fn, options)


def with_options(fn: Command, options: Sequence[Callable[[Command], Command]]) -> Command:
    """The options on a function, in the order in which help lists them."""
    for option in reversed(options):
        fn = option(fn)
    return fn


jobs_option = click.option(
    "--jobs", "-j", type=click.IntRange(1, 256), metavar="N", help="Processes (one per processor)."
)


def output_dir_option(told: str = "") -> Callable[[Command], Command]:
    """``--output-dir``; ``told`` is what help adds to it."""
    return click.option(
        "--output-dir",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path("renders"),
        show_default=True,
        metavar="DIR",
        help=f"The folder to write to{told}.",
    )


def check_place(
    model: Model, tokens: Sequence[int], layer: int | None, head: int | None, token: int | None
) -> None:
    """``UsageProblem`` if the model has no such layer or head, or the sentence no such token (all 0-based)."""
    if found := model.beyond(tokens, layer=layer, head=head, token=token):
        what, index, size, of = found
        raise UsageProblem(f"--{what} {index + 1}, expected 1 to {size} ({of} has {size})")
