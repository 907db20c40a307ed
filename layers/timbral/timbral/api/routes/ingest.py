"""``/ingest``: listening history from where the listener has it."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from timbral.api.asking import Desk, Importer
from timbral.api.contract.accounts import Account, Connected, ImportJob, LastfmImport, SpotifyConnection
from timbral.api.routes.feedback import Now
from timbral.api.routes.json_route import JsonRoute
from timbral.pulling.jobs import Job

router = APIRouter(prefix="/ingest", tags=["ingest"], route_class=JsonRoute)
JobId = Annotated[
    str,
    Path(pattern=r"^[0-9a-f]{32}$", description="An import.", examples=["3f2a9c0d5b7e41868c0f5f0b9a1d2e4c"]),
]


PROBLEMS: dict[int | str, dict[str, Any]] = {
    409: {"description": "Another account of the listener's is being imported."},
    429: {"description": "Another account of theirs was asked for a moment ago; Retry-After says when."},
}


@router.post(
    "/lastfm",
    status_code=202,
    operation_id="importLastfm",
    summary="Import a Last.fm account",
    responses=PROBLEMS,
)
def post_lastfm(
    http: Request, importer: Importer, now: Now, response: Response, request: LastfmImport
) -> ImportJob:
    """Begin to import an account; asked for again while that goes on, it is the same import.

    Whether the account exists, shows what it plays and honours the token is told by the import.
    """
    account = (request.username or "").lower()
    job = importer.begin(http.state.listener_id, "lastfm", now, account=account, token=request.token)
    return accepted(job, response)


@router.post(
    "/spotify", status_code=202, operation_id="connectSpotify", summary="Connect Spotify", responses=PROBLEMS
)
def post_spotify(
    http: Request, desk: Desk, now: Now, response: Response, request: SpotifyConnection
) -> ImportJob:
    """Keep the listener's permission, and begin to import what they play most and their playlists.

    That speaks for them as long as no listening history does. Codes last minutes and count once.
    """
    job = desk.connect(http.state.listener_id, now, request.code, request.redirect_uri, request.code_verifier)
    return accepted(job, response)


@router.get("/connections", operation_id="getConnections", summary="Which accounts are connected")
def get_connections(http: Request, importer: Importer) -> Connected:
    """The listener's accounts at Last.fm and Spotify, and whether they may still be asked."""
    return Connected(accounts=[Account.of(one) for one in importer.accounts(http.state.listener_id)])


@router.get(
    "/jobs/{job_id}",
    operation_id="getImport",
    summary="How an import goes",
    responses={404: {"description": "The listener has no such import."}},
)
def get_job(http: Request, importer: Importer, job_id: JobId) -> ImportJob:
    """Pages, scrobbles, rate and state of one of the listener's own imports."""
    return ImportJob.of(importer.get(http.state.listener_id, job_id))


def accepted(job: Job, response: Response) -> ImportJob:
    """Answer with an import, and say where it can be watched."""
    response.headers["Location"] = f"/ingest/jobs/{job.job_id}"
    return ImportJob.of(job)
