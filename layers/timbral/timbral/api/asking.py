"""One request's view of the world: one release, one listener, one day.

What routes depend on are coroutine functions that never wait, as `timbral.api.straight` says: plain ones the
framework would hand to threads.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Protocol

from fastapi import Depends, Request

from timbral.api.answers.wishes import Basis
from timbral.api.keeping import NOTHING, Keeping, Seeds
from timbral.api.listeners.port import Listeners
from timbral.api.problems import NotReady
from timbral.errors import InvalidInput, InvalidRequest, NotFound
from timbral.pulling.imports import Imports
from timbral.pulling.spotify.desk import SpotifyDesk
from timbral.recommender.release.view import ListenerProfile, ReleaseView

if TYPE_CHECKING:
    from timbral.mood.tracks import KnownTrack, TrackMood
    from timbral.recommender.release.view import Floats


class ReleaseSource(Protocol):
    """Where the current release is found."""

    def current(self) -> ReleaseView:
        """Return the release to answer from now, opened for reading.

        It may be another one at the next call; a view once returned stays good for as long as any
        request holds it.

        Raises:
            NotFound: None is served yet.
        """

    def moved_from(self, release: str) -> bool:
        """Return whether another release is served than one that failed, looking again if need be."""


class Clock(Protocol):
    """Tells the time."""

    def __call__(self) -> datetime:
        """Return now, in UTC."""


class Moods(Protocol):
    """Predicts how tracks feel."""

    def predict(self, tracks: "Sequence[KnownTrack]") -> "tuple[str, list[TrackMood]]":
        """Return the model's version, and a mood a track.

        Raises:
            NotFound: No model has been made yet.
        """


class Relevance(Protocol):
    """Reads a query and texts together."""

    def relevance(self, query: str, texts: Sequence[str]) -> "Floats":
        """Return ``(len(texts),)`` how well each answers the query, 0..1."""


@dataclass(frozen=True)
class Asking:
    """What every answer starts from.

    Attributes:
        view: The one release that this request is answered from.
        listener_id: Who asks, as verified.
        profile: What is known of them, by the release and since; None for a newcomer.
        day: Today (UTC).
        basis: What they are known by.
        seeds: What has become known since the release.
        wishes: Asks for albums of which nothing is known, by artist and title; None where nobody does.
    """

    view: ReleaseView
    listener_id: str
    profile: ListenerProfile | None
    day: date
    basis: Basis = "popular"
    seeds: Seeds = field(default=NOTHING)
    wishes: Callable[[Sequence[tuple[str, str]]], None] | None = None


async def begin(request: Request) -> Asking:
    """Take the current release once, for the whole request, and look the listener up in it.

    Raises:
        NotReady: There is none yet.
    """
    try:
        view = request.app.state.releases.current()
    except NotFound as error:
        raise NotReady(str(error)) from error
    request.state.release = view.release
    listener_id = request.state.listener_id
    keeping: Keeping | None = request.app.state.keeping
    seeds = keeping.seeds(listener_id) if keeping else NOTHING
    profile = view.listener(listener_id)
    basis: Basis = "history" if profile else "popular"
    if seeds is not NOTHING:
        from timbral.api.answers.fresh import known_by  # noqa: PLC0415  numpy comes with it

        profile, basis = known_by(view, profile, seeds)
    return Asking(
        view, listener_id, profile, request.app.state.clock().date(), basis, seeds, request.app.state.wishes
    )


async def keeper(request: Request) -> Keeping:
    """Return what keeps what listeners tell.

    Raises:
        NotReady: Nothing is kept here.
    """
    keeping: Keeping | None = request.app.state.keeping
    if keeping is None:
        msg = "nothing that listeners tell is kept here"
        raise NotReady(msg)
    return keeping


async def listeners_office(request: Request) -> Listeners:
    """Return what takes out and erases what is kept of listeners.

    Raises:
        NotReady: There is nothing of the kind here.
    """
    office: Listeners | None = request.app.state.listeners
    if office is None:
        msg = "nothing can be taken out or erased here"
        raise NotReady(msg)
    return office


async def importer(request: Request) -> Imports:
    """Return what begins imports.

    Raises:
        NotReady: There is nothing of the kind here.
    """
    make = request.app.state.imports
    if make is None:
        msg = "nothing is imported here"
        raise NotReady(msg)
    imports: Imports = make()
    return imports


def desk_of(request: Request) -> SpotifyDesk:
    """Return what asks Spotify while the listener waits.

    Raises:
        NotReady: Nobody does, or the operator has no app there.
    """
    make = request.app.state.spotify
    msg = "Spotify can't be asked here"
    if make is None:
        raise NotReady(msg)
    try:
        desk: SpotifyDesk = make()
    except InvalidInput as error:
        raise NotReady(msg) from error
    return desk


async def spotify_desk(request: Request) -> SpotifyDesk:
    """Return what asks Spotify; see `desk_of`."""
    return desk_of(request)


async def mood_model(request: Request) -> Moods:
    """Return what predicts moods.

    Raises:
        NotReady: There is nothing of the kind here.
    """
    make = request.app.state.moods
    if make is None:
        msg = "no moods are predicted here"
        raise NotReady(msg)
    moods: Moods = make()
    return moods


async def text_reader(request: Request) -> Callable[[], Relevance]:
    """Return what opens the reader of a search's best tracks, for whoever needs one."""

    def opened() -> Relevance:
        make = request.app.state.relevance
        if make is None:
            msg = "rerank_by is 'text', but no cross-encoder is in use here; allowed is 'taste'"
            raise InvalidRequest(msg, "body.rerank_by")
        try:
            reader: Relevance = make()
        except NotFound as error:
            raise NotReady(str(error)) from error
        return reader

    return opened


Keeps = Annotated[Keeping, Depends(keeper)]
Desk = Annotated[SpotifyDesk, Depends(spotify_desk)]
Importer = Annotated[Imports, Depends(importer)]
MoodModel = Annotated[Moods, Depends(mood_model)]
Office = Annotated[Listeners, Depends(listeners_office)]
Reading = Annotated[Callable[[], Relevance], Depends(text_reader)]
Asked = Annotated[Asking, Depends(begin)]
