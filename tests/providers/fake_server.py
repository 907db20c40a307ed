"""A provider's stand-in: real HTTP on loopback, with every fault that real ones have."""

import json
import struct
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SO_LINGER, SOL_SOCKET
from urllib.parse import parse_qsl, urlsplit

HTML = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Service down</body></html>"
DRIP_S = 0.005


@dataclass(frozen=True)
class Asked:
    """A request: query and form fields alike are in ``params``."""

    method: str
    path: str
    params: dict
    headers: dict
    body: bytes = b""

    def json(self):
        return json.loads(self.body)


@dataclass(frozen=True)
class Said:
    """An answer: ``value`` goes out as JSON, bytes as they are."""

    value: object = None
    status: int = 200
    headers: dict = field(default_factory=dict)

    @property
    def body(self):
        return self.value if isinstance(self.value, bytes) else json.dumps(self.value).encode()


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one answer.

    ``status`` (with ``headers``) replaces it by an error; ``html`` by a page; ``truncated`` cuts its JSON in
    two; ``short`` closes the connection in its middle; ``reset`` resets the connection before it;
    ``drip`` sends it byte by byte.
    """

    kind: str
    status: int = 503
    headers: dict = field(default_factory=dict)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *_):
        """Say nothing."""

    def _answer(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        params = dict(parse_qsl(parts.query, keep_blank_values=True))
        if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            params |= dict(parse_qsl(body.decode(), keep_blank_values=True))
        asked = Asked(self.command, parts.path, params, headers, body)
        with self.server.lock:
            self.server.asked.append(asked)
            fault = self.server.choose_fault(asked)
            said = self.server.app(asked)
        if fault is None:
            self._send(said)
        else:
            getattr(self, f"_{fault.kind}")(said, fault)

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815  as http.server names them

    def _send(self, said, *, length=None):
        body = said.body
        self.send_response(said.status)
        kind = "text/html" if body == HTML else "application/json"
        for name, value in {"content-type": kind, **said.headers}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _status(self, _said, fault):
        self._send(Said(b"", fault.status, fault.headers))

    def _html(self, _said, _fault):
        self._send(Said(HTML))

    def _truncated(self, said, _fault):
        self._send(Said(said.body[: len(said.body) // 2], said.status))

    def _short(self, said, _fault):
        self._send(Said(said.body[: len(said.body) // 2], said.status), length=len(said.body))
        self.close_connection = True

    def _reset(self, _said, _fault):
        self.connection.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def _drip(self, said, _fault):
        body = said.body
        self.send_response(said.status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        try:
            for at in range(len(body)):
                self.wfile.write(body[at : at + 1])
                self.wfile.flush()
                time.sleep(DRIP_S)
        except OSError:
            self.close_connection = True  # who asked has gone


class FakeServer(ThreadingHTTPServer):
    """Answers as ``app`` says, but for the faults that ``choose_fault`` picks.

    Attributes:
        asked: Every request, in order.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, app, choose_fault=lambda _asked: None):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.app = app
        self.choose_fault = choose_fault
        self.asked = []
        self.lock = threading.Lock()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_):
        """Say nothing: broken connections are what this server is for."""


@contextmanager
def serving(app, choose_fault=lambda _asked: None):
    """Run a provider's stand-in as long as the block lasts."""
    server = FakeServer(app, choose_fault)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def in_turn(*faults):
    """Return a choice of faults: these one after the other, then none."""
    left = list(faults)
    return lambda _asked: left.pop(0) if left else None
