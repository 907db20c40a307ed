"""Commands that pull from outside services."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import typer

from timbral.cli.context import context_of
from timbral.cli.watching import watching

if TYPE_CHECKING:
    from collections.abc import Callable

    from timbral.progress import Progress
    from timbral.pulling.lastfm.account import Pulled

commands = typer.Typer(no_args_is_help=True, help="Pull listening history from outside services.")


@commands.callback()
def _pull() -> None:
    """Pull listening history from outside services."""


@commands.command("lastfm")
def pull_lastfm(
    context: typer.Context,
    username: Annotated[str, typer.Argument(metavar="USER", help="The account's name.")],
    listener: Annotated[str | None, typer.Option(help="Who listened; USER if not given.")] = None,
) -> None:
    """Pull a Last.fm account: whole at first, then what is new or has changed. Run again, it goes on."""
    from timbral.providers.lastfm_names import checked_username
    from timbral.pulling.lastfm.account import LastfmPull

    own = context_of(context)
    services, username = own.services, checked_username(username)
    begun_s = services.outside.clock.now_s()
    with watching(as_json=own.output.as_json) as progress:
        pulled = LastfmPull(
            services.outside.lastfm(services.outside.run(math.inf)),
            services.objects,
            listener_id=listener or username,
            username=username,
            clock=services.outside.clock,
            until_s=math.inf,
            land=services.outside.land_answer,
            watch=_watcher(progress, username),
        ).run()
    elapsed_s = services.outside.clock.now_s() - begun_s
    row = {
        "username": username,
        "listener": listener or username,
        "pages": pulled.pages_count,
        "scrobbles": pulled.scrobbles_count,
        "seconds": round(elapsed_s, 2),
        "scrobbles_per_second": round(pulled.scrobbles_count / elapsed_s) if elapsed_s else None,
    }
    own.output.rows("pulled", [row])


def _watcher(progress: Progress, username: str) -> Callable[[Pulled], None]:
    seen = 0
    has_begun = False

    def watch(pulled: Pulled) -> None:
        nonlocal seen, has_begun
        if not has_begun and pulled.total is not None:
            progress.begin(f"pull {username}", pulled.total or None, "scrobbles")
            has_begun = True
        if has_begun and pulled.scrobbles_count > seen:
            progress.advance(pulled.scrobbles_count - seen)
            seen = pulled.scrobbles_count

    return watch


@commands.command("tags")
def pull_tags(
    context: typer.Context,
    count: Annotated[int, typer.Option(min=1, max=1_000_000, help="Questions at most.")] = 200,
) -> None:
    """Ask Last.fm for tags of tracks and artists that have none, the most played first."""
    from timbral.pulling.lastfm import tags as lastfm_tags

    own = context_of(context)
    outside = own.services.outside
    api = outside.lastfm(outside.run(math.inf))
    done = lastfm_tags.pull_tags(api, own.services.tables, outside.clock, count, keep=outside.keep_answer)
    own.output.rows("tags", [done])
