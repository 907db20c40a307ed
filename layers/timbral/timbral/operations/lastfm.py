"""Last.fm's own of pulling: a listener's account, and tags that the catalogue lacks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import orjson

from timbral.errors import NotFound
from timbral.operations.importing import Provider
from timbral.providers.lastfm import PROVIDER
from timbral.pulling.connections import Connection, secret_name
from timbral.pulling.lastfm.account import LastfmPull
from timbral.pulling.lastfm.tags import pull_tags

if TYPE_CHECKING:
    from timbral.operations.importing import Importing
    from timbral.providers.lastfm import Lastfm
    from timbral.pulling.lastfm.account import Pulled
    from timbral.wiring import Services

REFUSED = {
    "unknown": "Last.fm knows no account of that name.",
    "private": "The account hides what it plays: connect it with a token, or show recent listening.",
    "expired": "The token is forged, used up or too old, or permission was taken back: connect again.",
    "forbidden": "Last.fm doesn't let us ask that.",
    "invalid": "Last.fm could make nothing of the question.",
}


def _pull_tags(services: Services, count: int, until_s: float) -> dict[str, Any]:
    outside = services.outside
    api = outside.lastfm(outside.run(until_s))
    return dict(pull_tags(api, services.tables, outside.clock, count, keep=outside.keep_answer))


def _pull_account(services: Services, job: Importing, until_s: float) -> bool:
    api, account = _open_account(services, job, until_s)
    pulled = LastfmPull(
        api,
        services.objects,
        listener_id=job.listener_id,
        username=account,
        clock=services.outside.clock,
        until_s=until_s,
        land=services.outside.land_answer,
        watch=lambda pulled: _note(job, pulled),
    ).run()
    _note(job, pulled, is_urgent=True)
    return pulled.is_done


def _note(job: Importing, pulled: Pulled, *, is_urgent: bool = False) -> None:
    total = {} if pulled.total is None else {"total_count": pulled.total}
    counts = {"pages_count": pulled.pages_count, "rows_count": pulled.scrobbles_count}
    job.note(counts, total, is_urgent=is_urgent)


def _open_account(services: Services, job: Importing, until_s: float) -> tuple[Lastfm, str]:
    """Return who asks for the account, and its name: a token is turned into a session that lasts.

    The answer with the session is the one that isn't kept as JSON: it is a secret.

    Raises:
        SourceError: The token isn't accepted, or Last.fm failed.
        NotFound: Nobody has said which account it is.
    """
    outside, secrets = services.outside, services.outside.listener_secrets
    run = outside.run(until_s)
    token_name = secret_name(job.listener_id, PROVIDER, "token")
    permission_name = secret_name(job.listener_id, PROVIDER, "permission")
    if token := secrets.get(token_name):
        secrets.delete(token_name)  # it can be used once, and a forged one not at all
        session = outside.lastfm(run).open_session(token).json()["session"]
        secrets.put(permission_name, orjson.dumps([session["name"], session["key"]]).decode())
        job.know_account(session["name"].lower())
    account = job.account
    if not account:
        raise NotFound("the job names no account, and there is no token to tell")
    kept = orjson.loads(secrets.get(permission_name) or "[null, null]")
    session_key = kept[1] if kept[0] is not None and kept[0].lower() == account.lower() else None
    services.outside.connections.put(
        Connection(job.listener_id, PROVIDER, account, "connected", math.floor(outside.clock.now_s()))
    )
    return outside.lastfm(run, session_key), account


LASTFM = Provider(PROVIDER, "Last.fm", REFUSED, _pull_account, _pull_tags)
