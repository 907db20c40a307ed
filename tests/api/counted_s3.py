"""An S3 server on loopback that writes down what it is asked: a forwarder before the real one."""

from __future__ import annotations

import http.client
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "date", "server"}


class Forwarder(BaseHTTPRequestHandler):
    """Sends each request on, and notes it in the server's ``asked``."""

    protocol_version = "HTTP/1.1"

    def forward(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.asked.append(f"{self.command} {self.path} {self.headers.get('range', '')}".strip())
        connection = http.client.HTTPConnection(self.server.behind)
        connection.request(self.command, self.path, body, dict(self.headers))
        answer = connection.getresponse()
        data = answer.read()
        length = answer.headers.get("content-length") if self.command == "HEAD" else str(len(data))
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", length or "0")
        self.end_headers()
        self.wfile.write(data)
        connection.close()

    def log_message(self, *_):
        """Say nothing."""


for _method in ("GET", "PUT", "POST", "DELETE", "HEAD"):
    setattr(Forwarder, f"do_{_method}", Forwarder.forward)


class CountedServer:
    """A server that counts, while the block lasts; `asked` is what it was asked since it was cleared."""

    def __init__(self, endpoint):
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Forwarder)
        self._server.behind = urlsplit(endpoint).netloc
        self._server.asked = []
        self._server.daemon_threads = True

    def __enter__(self):
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def asked(self):
        return self._server.asked
