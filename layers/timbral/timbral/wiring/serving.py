"""The API's application, who may ask it, and what it answers from."""

from __future__ import annotations

import datetime as dt
import json
import time
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from timbral.api.application import Application
    from timbral.api.asking import Relevance
    from timbral.api.identity import Identity, TokenVerifier
    from timbral.api.keeping import FeedbackLog, Keeping
    from timbral.api.listeners.port import Item, Listeners, Receipt
    from timbral.mood.serving import MoodService
    from timbral.pulling.aoty.requests import AlbumWishes
    from timbral.queues import OrderedQueue
    from timbral.recommender.release.source import CurrentRelease
    from timbral.recommender.release.view import ReleaseView
    from timbral.wiring.foundation import Foundation
    from timbral.wiring.outside import Outside
    from timbral.wiring.spotify import SpotifyWiring


class Serving:
    """What answers listeners.

    Args:
        foundation: Settings and the store.
        outside: Services of others.
        spotify: What asks Spotify.
    """

    def __init__(self, foundation: Foundation, outside: Outside, spotify: SpotifyWiring) -> None:
        self._own = foundation
        self._outside = outside
        self._spotify = spotify

    @cached_property
    def current_release(self) -> CurrentRelease:
        """The release that is served."""
        from timbral.recommender.release.source import CurrentRelease

        return CurrentRelease(
            self._own.releases,
            self._own.scratch / "releases",
            lambda: self._own.encoder,
            time.monotonic,
        )

    def app(self, *, development: bool = False) -> Application:
        """Return the API's application.

        Args:
            development: Whether callers on this machine are believed who they say they are.
        """
        from timbral.api.application import create_app

        return create_app(
            LazyRelease(self),
            self.identity(development=development),
            lambda: dt.datetime.now(dt.UTC),
            keeping=self.keeping,
            listeners=self.listeners,
            imports=lambda: self._outside.imports,
            wishes=self._wishes(),
            moods=lambda: self.moods,
            relevance=self._relevance(),
            spotify=self._spotify.desk,
        )

    def _wishes(self) -> Callable[[Sequence[tuple[str, str]]], None] | None:
        if not self._own.settings.aoty_scraping:
            return None

        def ask(albums: Sequence[tuple[str, str]]) -> None:
            from timbral.pulling.aoty.requests import WantedAlbum

            self._album_wishes.ask(WantedAlbum(*names) for names in albums)

        return ask

    def _relevance(self) -> Callable[[], Relevance] | None:
        return (lambda: self._own.cross_encoder) if self._own.settings.search_cross_encoder else None

    @cached_property
    def _album_wishes(self) -> AlbumWishes:
        from timbral.pulling.aoty.requests import AlbumWishes

        return AlbumWishes(lambda: self._own.objects)

    @cached_property
    def keeping(self) -> Keeping:
        """What is kept of listeners between releases."""
        from timbral.api.keeping import Keeping

        def log() -> FeedbackLog:
            from timbral.api.listeners.log import FeedbackTable

            return FeedbackTable(self._own.tables)

        return Keeping(lambda: self._own.objects, log)

    @cached_property
    def moods(self) -> MoodService:
        """What predicts moods, one request at a time."""
        from timbral.mood.artifact import PREFIX
        from timbral.mood.serving import MoodService

        return MoodService(self._own.artifacts(PREFIX), lambda: self._own.encoder)

    @cached_property
    def listeners(self) -> Listeners:
        """What takes out and erases what is kept of listeners."""

        def look_again() -> None:
            self.current_release.look_again()  # opened no sooner than then

        return LazyListeners(self, self._own, look_again)

    def erase(self, listener_id: str, erased_at_uts: int) -> Receipt:
        """Erase a listener, and what opens their accounts.

        Args:
            listener_id: The listener.
            erased_at_uts: Since when they are erased.
        """
        from timbral.api.listeners.erasure import Erasure
        from timbral.pulling.connections import secret_names

        own = self._own
        for name in secret_names(listener_id):
            self._outside.listener_secrets.delete(name)
        erasure = Erasure(own.tables, own.releases, own.scratch, own.versions)
        return erasure.erase(listener_id, erased_at_uts)

    @property
    def erasures(self) -> OrderedQueue | None:
        """Who is asked to erase listeners; None where it is done at once."""
        if self._own.settings.erasure_queue_url is None:
            return None
        from timbral.queues import FifoQueue

        return FifoQueue(self._own.sqs, self._own.settings.erasure_queue_url)

    def identity(self, *, development: bool = False) -> Identity:
        """Return what tells who is asking.

        Args:
            development: Whether callers on this machine are believed who they say they are.

        Raises:
            InvalidInput: There is an issuer of tokens, but nobody whom they are meant for.
        """
        from timbral.api.identity import Identity

        known = self._own.settings
        return Identity(
            self._token_verifier(), development, known.listener_claim, known.roles_claim, known.operator_role
        )

    def _token_verifier(self) -> TokenVerifier | None:
        from timbral.errors import InvalidInput

        known = self._own.settings
        if known.jwt_issuer is None:
            return None
        if not known.jwt_audiences:
            msg = "TIMBRAL_JWT_AUDIENCES must name whom tokens of TIMBRAL_JWT_ISSUER are meant for"
            raise InvalidInput(msg, "TIMBRAL_JWT_AUDIENCES")
        from timbral.api.tokens import Expected, IssuerKeys, JwtVerifier
        from timbral.issuer import fetch_document

        expected = Expected(known.jwt_issuer, known.jwt_audiences, known.jwt_keys_address, known.jwt_leeway_s)
        return JwtVerifier(expected, IssuerKeys(expected, fetch_document, time.monotonic), time.time)


class LazyRelease:
    """The release that is served; what opens it is imported at the first question to it: health asks none.

    Args:
        serving: What has it.
    """

    def __init__(self, serving: Serving) -> None:
        self._serving = serving

    def current(self) -> ReleaseView:
        """Return the release to answer from now; see `timbral.api.asking.ReleaseSource`."""
        return self._serving.current_release.current()

    def moved_from(self, release: str) -> bool:
        """Return whether another one is served than one that failed; see there."""
        return self._serving.current_release.moved_from(release)


class LazyListeners:
    """Takes out and erases what is kept of listeners; what that needs is imported when it is asked for.

    Args:
        serving: What erases, or who is asked to.
        foundation: Settings and the store.
        look_again: Has what is served be looked up anew.
    """

    def __init__(self, serving: Serving, foundation: Foundation, look_again: Callable[[], None]) -> None:
        self._serving = serving
        self._own = foundation
        self._look_again = look_again

    def export(self, listener_id: str, offset: int, limit: int) -> tuple[list[Item], int]:
        """Return some of what is kept; see `timbral.api.listeners.port.Listeners.export`."""
        from timbral.api.listeners.takeout import Takeout

        return Takeout(self._own.tables).page(listener_id, offset, limit)

    def erase(self, listener_id: str) -> Receipt:
        """Erase everything, or have it done; see `timbral.api.listeners.port.Listeners.erase`."""
        now_uts = int(time.time())
        queue = self._serving.erasures
        if queue is None:
            receipt = self._serving.erase(listener_id, now_uts)
            self._look_again()
            return receipt
        from timbral.api.listeners.receipts import accept

        receipt = accept(self._own.objects, self._own.releases, listener_id, now_uts)
        asked = {"listener_id": listener_id, "erased_at_uts": receipt.erased_at_uts}
        queue.send(json.dumps(asked), receipt.receipt_id)
        return receipt

    def receipt(self, listener_id: str, receipt_id: str) -> Receipt:
        """Return a receipt; see `timbral.api.listeners.port.Listeners.receipt`."""
        from timbral.api.listeners.receipts import read_receipt

        return read_receipt(self._own.objects, listener_id, receipt_id)
