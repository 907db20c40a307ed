"""Make a mood model from the store, published files and the sample catalogue, and put it in use."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from timbral import wiring
from timbral.errors import TimbralError
from timbral.mood.artifact import METRICS_FILE, PREFIX, read_json
from timbral.mood.train import pin_heads, train_if_needed
from timbral.mood.training.settings import TrainingSettings
from timbral.mood.training.sources.reading import read_sources
from timbral.operations import events
from timbral.operations.interruption import noticed
from timbral.progress import Silent
from timbral.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the job; prints one JSON line.

    Returns:
        0, or 1 with the reason on the error stream.
    """
    parser = argparse.ArgumentParser(prog="mood_train", description=__doc__)
    parser.add_argument("--root", help="the store; otherwise the one of the settings")
    parser.add_argument(
        "--pins", type=json.loads, default={}, help="JSON: snapshot ids; otherwise as it is now"
    )
    parser.add_argument("--only-if-needed", action="store_true", help="not if labels and tags are as before")
    parser.add_argument("--run", default="by-hand", help="the run that this belongs to, for the log")
    parser.add_argument("--files", type=Path, nargs="*", default=[], help="published labels and tags as well")
    parser.add_argument(
        "--trees",
        choices=("tuned", "specified"),
        default="tuned",
        help="specified: 800 XGBoost trees of depth 10 at its own rate",
    )
    wanted = parser.parse_args(arguments)
    try:
        services = wiring.Services(load_settings(store_root=wanted.root))
        pins = events.pinned(services, {"pins": wanted.pins}) if wanted.pins else pin_heads(services.tables)
        settings = TrainingSettings(
            train_on_provider_content=services.settings.train_on_provider_content,
            workers_count=services.settings.threads_count,
            trees=wanted.trees,
        )
        published = read_sources(wanted.files, settings, Silent()).labelled.rows if wanted.files else ()
        artifacts, force = services.artifacts(PREFIX), not wanted.only_if_needed
        with noticed(services.stopping), services.job_log(wanted.run).step("mood/train") as outcome:
            version = train_if_needed(
                services.tables,
                pins,
                artifacts,
                Silent(),
                encoder=services.encoder,
                settings=settings,
                published=published,
                force=force,
                checkpoint=services.checkpoint("mood"),
            )
            outcome.notes = {"model": version}
        done = {"version": version, "metrics": read_json(artifacts.folder(version) / METRICS_FILE)}
    except TimbralError as error:
        print(f"mood_train: {error}", file=sys.stderr)  # noqa: T201  a job prints
        return 1
    print(json.dumps(done, sort_keys=True))  # noqa: T201  a job prints
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
