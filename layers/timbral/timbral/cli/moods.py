"""The command that measures mood models on labelled files."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from timbral.cli.context import context_of
from timbral.cli.watching import watching
from timbral.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from timbral.mood.training.benchmark import Protocol

commands = typer.Typer(no_args_is_help=True)

_COLUMNS = ("level", "what", "model", "value", "interval", "counted")
_PROTOCOLS = ("folds", "split")
_TREES = ("tuned", "specified")


@commands.callback()
def _mood() -> None:
    """Measure how well moods are predicted."""


@commands.command("evaluate")
def evaluate(  # noqa: PLR0917  typer makes options of them
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Files and folders with labels and tags.")],
    protocol: Annotated[
        str | None, typer.Option(help="folds (of artists) or split (the files' own); chosen if not given.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the intervals.")] = 0,
    trees: Annotated[str, typer.Option(help="tuned or specified (800 rounds, depth 10).")] = "tuned",
    audio: Annotated[bool, typer.Option(help="Measure the audio-assisted level too.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object.")] = False,
) -> None:
    """Measure energy, valence and moods on artists not met, beside ridge and constants; keep nothing."""
    from timbral.mood.training.benchmark import benchmark, choose_protocol
    from timbral.mood.training.settings import TrainingSettings
    from timbral.mood.training.sources.reading import read_sources

    own = context_of(context)
    _check("protocol", protocol, (None, *_PROTOCOLS))
    _check("trees", trees, _TREES)
    # A provider's terms forbid models that are used; these are measured and thrown away.
    settings = TrainingSettings(
        train_on_provider_content=True,
        audio_inputs=audio,
        trees=cast("Any", trees),
        workers_count=own.services.settings.threads_count,
    )
    with watching(as_json=own.output.as_json or as_json) as progress:
        found = read_sources(paths, settings, progress)
        chosen = choose_protocol(found.labelled, cast("Protocol | None", protocol))
        document = benchmark(found.labelled, settings, chosen, seed, progress)
    document |= {"files": found.files, "skipped": found.skipped}
    if as_json or own.output.as_json:
        own.output.document(document)
        return
    title = f"{chosen}: {document['tracks']:,} tracks of {document['artists']:,} artists"
    own.output.rows(title, list(_rows(document)), _COLUMNS)
    for name, file in found.files.items():
        for reason, count in cast("Mapping[str, int]", file["set_aside"]).items():
            own.output.say(f"{name}: {count:,} rows set aside: {reason}")
    for name, reason in found.skipped.items():
        own.output.say(f"{name} {reason}")


def _check(name: str, value: str | None, allowed: tuple[str | None, ...]) -> None:
    if value not in allowed:
        msg = f"--{name} {value!r} is none of {', '.join(filter(None, allowed))}"
        raise InvalidInput(msg, name)


def _rows(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for level, targets in document["levels"].items():
        for target, measured in targets.items():
            count = measured.get("tracks_count", measured["labels_count"])
            yield from _figures(level, f"{target} micro-F1", measured.get("micro_f1", {}), count)
            yield from _figures(level, f"{target} RMSE", measured.get("track", {}), count)
            means = measured.get("artist_mean", {})
            counted = means.get("artists_count", 0)
            yield from _figures(level, f"{target} RMSE of artists' means", means, counted)


def _figures(level: str, what: str, found: Mapping[str, Any], counted: int) -> Iterator[dict[str, Any]]:
    for model, figures in found.items():
        if isinstance(figures, dict):
            low, high = figures["interval"]
            yield {
                "level": level,
                "what": what,
                "model": model,
                "value": figures.get("rmse", figures.get("micro_f1")),
                "interval": f"{low:.3f} to {high:.3f}",
                "counted": counted,
            }
