"""A reverse proxy on this machine that writes down what goes through it."""

import http.client
import socket
import struct
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

# They belong to one connection, and there are two here.
HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


@dataclass
class Exchange:
    """One request and its answer; the status is 0 when the connection broke instead."""

    method: str
    target: str
    headers: dict
    body: bytes
    status: int = 0
    answer_headers: dict = field(default_factory=dict)
    answer: bytes = b""


class Recorder:
    """Passes everything on to `base`; `address` is where it listens, `exchanges` what it saw."""

    def __init__(self, base):
        self.exchanges = []
        self.upstream = urlsplit(base).netloc
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                recorder.pass_on(self)

            do_POST = do_GET

            def log_message(self, *_):
                """The list of exchanges is the log."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def pass_on(self, client):
        """One exchange; a connection that breaks behind us breaks in front of us too."""
        body = client.rfile.read(int(client.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in client.headers.items()}
        exchange = Exchange(client.command, client.path, headers, body)
        try:
            connection = http.client.HTTPConnection(self.upstream, timeout=30)
            kept = {name: value for name, value in headers.items() if name not in HOP}
            connection.request(client.command, client.path, body or None, kept)
            answer = connection.getresponse()
            exchange.answer = answer.read()
            exchange.status = answer.status
            exchange.answer_headers = {name.lower(): value for name, value in answer.getheaders()}
        except (OSError, http.client.HTTPException):
            # Without lingering the close is a reset.
            client.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close_connection = True
            return
        finally:
            self.exchanges.append(exchange)
            connection.close()
        client.send_response_only(exchange.status)
        for name, value in exchange.answer_headers.items():
            if name not in HOP:
                client.send_header(name, value)
        client.send_header("content-length", str(len(exchange.answer)))
        try:
            client.end_headers()
            client.wfile.write(exchange.answer)
        except OSError:
            # Whoever asked has gone, as the service has when it is told to stop.
            client.close_connection = True
