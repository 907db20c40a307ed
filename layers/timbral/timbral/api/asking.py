"""One request's view of the world: one release, one listener, one day."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Protocol

from fastapi import Depends, Request

from timbral.api.problems import NotReady
from timbral.errors import NotFound
from timbral.recommender.release.view import ListenerProfile, ReleaseView


class ReleaseSource(Protocol):
    """Where the current release is found."""

    def current(self) -> ReleaseView:
        """Return the release to answer from now, opened for reading.

        It may be another one at the next call; a view once returned stays good for as long as any
        request holds it.

        Raises:
            NotFound: None is served yet.
        """


class Clock(Protocol):
    """Tells the time."""

    def __call__(self) -> datetime:
        """Return now, in UTC."""


@dataclass(frozen=True)
class Asking:
    """What every answer starts from.

    Attributes:
        view: The one release that this request is answered from.
        listener_id: Who asks, as verified.
        profile: What the release knows of them; None for a newcomer.
        day: Today (UTC).
    """

    view: ReleaseView
    listener_id: str
    profile: ListenerProfile | None
    day: date


def begin(request: Request) -> Asking:
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
    return Asking(view, listener_id, view.listener(listener_id), request.app.state.clock().date())


Asked = Annotated[Asking, Depends(begin)]
