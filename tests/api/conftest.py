"""An application over the planted release, and somebody to ask it."""

import time
from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from tests.api.memory_release import MemoryRelease
from timbral.api.application import create_app
from timbral.api.identity import Identity
from timbral.api.keeping import Keeping
from timbral.api.listeners.port import Item, Receipt
from timbral.errors import NotFound
from timbral.mood.tracks import TrackMood
from timbral.pulling.connections import PROVIDERS, Connections
from timbral.pulling.imports import Imports
from timbral.pulling.jobs import Jobs
from timbral.queues import LocalQueue
from timbral.store.obstore_objects import open_objects
from timbral.tables.columns import MOODS

LISTENER = "listener000003"


class Shelf:
    """A release source whose release and time a test can change."""

    def __init__(self, view):
        self.view = view
        self.now = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)

    def current(self):
        if self.view is None:
            msg = "no release is served yet"
            raise NotFound(msg)
        return self.view

    def moved_from(self, release):
        return self.view is not None and self.view.release != release

    def __call__(self):
        return self.now


@pytest.fixture(scope="session")
def view():
    return MemoryRelease()


@pytest.fixture
def shelf(view):
    return Shelf(view)


class Log:
    """A table of events in memory."""

    def __init__(self):
        self.rows = {}

    def append(self, listener_id, events):
        self.rows |= {(listener_id, event.event_id): event for event in events}


class Office:
    """Takes out and erases nothing, in the shape of what is kept."""

    def export(self, listener_id, offset, limit):
        items = [Item("feedback", {"listener_id": listener_id, "event_id": f"e{n}"}) for n in range(3)]
        return items[offset : offset + limit], len(items)

    def erase(self, listener_id):
        del listener_id
        return Receipt("0" * 32, 1_790_000_000, {"feedback": 3}, 2)

    def receipt(self, listener_id, receipt_id):
        if receipt_id != "0" * 32:
            msg = "there is no such receipt of yours"
            raise NotFound(msg)
        return self.erase(listener_id)


@pytest.fixture
def log():
    return Log()


@pytest.fixture
def keeping(log):
    return keeping_in_memory(log)


def keeping_in_memory(log=None):
    objects = open_objects("memory://")
    return Keeping(lambda: objects, lambda: log or Log())


class Moods:
    """Says of all tracks the same."""

    def predict(self, tracks):
        shares = dict.fromkeys(MOODS, 0.25)
        return "planted", [TrackMood(0.5, 0.5, shares, [], "low") for _ in tracks]


class MemorySecrets(dict):
    """Secrets in memory."""

    put = dict.__setitem__

    def delete(self, name):
        self.pop(name, None)


def imports_in_memory():
    """Return what begins imports that nobody does."""
    queues = {provider: LocalQueue(time.monotonic) for provider in PROVIDERS}
    objects = open_objects("memory://")
    imports = Imports(Jobs(objects), Connections(objects), MemorySecrets(), queues)
    return lambda: imports


@pytest.fixture
def app(shelf, keeping):
    identity, imports = Identity(development=True), imports_in_memory()
    return create_app(
        shelf, identity, shelf, keeping=keeping, listeners=Office(), imports=imports, moods=Moods
    )


@pytest.fixture
def ask(app):
    return client_of(app, LISTENER)


@pytest.fixture
def newcomer(app):
    return client_of(app, "somebody-new")


def client_of(app, listener=None):
    """Return a client on this machine."""
    headers = {"Authorization": f"Bearer dev:{listener}"} if listener else {}
    return TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 50_000), headers=headers)
