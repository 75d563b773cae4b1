"""A proxy that opens TLS with a certificate of its own, between the service and the sandbox: see proxy.sh."""

import base64
import http.client
import os
import pathlib
import re
import socketserver
import ssl
import subprocess
import sys
import threading
import time
import urllib.parse

from stand_in import StandIn

HOSTS = {"graph.facebook.com", "graph.instagram.com", "api.x.com"}
USER = "zone:geheim"
ZONE = """
mode = "reply"
[zone]
name = { nl = "Politiezone Voorbeeld" }
languages = ["nl"]
[facebook]
page = "100000000000001"
inbox = { poll = "5s" }
mentions = { enabled = false }
comments = { enabled = false }
[instagram]
account = "17841400000000001"
login = "instagram"
inbox = { poll = "5s" }
comments = { enabled = false }
mentions = { enabled = false }
[x]
account = "PZVoorbeeld"
mentions = { poll = "15s" }
inbox = { enabled = false }
"""


class Proxy(socketserver.ThreadingTCPServer):
    """Answers CONNECT for the platforms' hosts and carries what is asked to the sandbox."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, folder, sandbox):
        super().__init__(("127.0.0.1", 0), Connection)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(folder / "leaf.pem", folder / "leaf.key")
        self.sandbox = urllib.parse.urlsplit(sandbox).netloc
        self.seen, self.refused = [], []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """A client that hangs up is no matter of the proxy's."""


class Connection(socketserver.StreamRequestHandler):
    """One tunnel."""

    def handle(self):
        asked = self.rfile.readline().decode().split()
        headers = http.client.parse_headers(self.rfile)
        host = asked[1].rsplit(":", 1)[0] if asked[:1] == ["CONNECT"] else " ".join(asked)
        user = headers.get("Proxy-Authorization", "").removeprefix("Basic ")
        if host not in HOSTS or base64.b64decode(user).decode() != USER:
            self.server.refused.append(host)
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with self.server.context.wrap_socket(self.connection, server_side=True) as inside:
            while self.carry(host, inside):
                pass

    def carry(self, host, inside):
        """One request and its answer; says whether another may follow."""
        reader = inside.makefile("rb")
        line = reader.readline().decode().split()
        if len(line) != 3:
            return False
        headers = http.client.parse_headers(reader)
        body = reader.read(int(headers.get("Content-Length", 0)))
        self.server.seen.append((host, line[0]))
        back = http.client.HTTPConnection(self.server.sandbox, timeout=20)
        back.request(line[0], line[1], body, {**dict(headers.items()), "Host": self.server.sandbox})
        answer = back.getresponse()
        content = answer.read()
        kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in ("content-length", "connection")]
        head = "".join(f"{name}: {value}\r\n" for name, value in [*kept, ("Content-Length", len(content))])
        inside.sendall(f"HTTP/1.1 {answer.status} {answer.reason}\r\n{head}\r\n".encode() + content)
        return True


class Service:
    """`formez101 run` behind the proxy; `roots` are the certificates that the system trusts."""

    def __init__(self, binary, folder, name, proxy, roots, secrets):
        home = folder / name
        for part in ("config/zones", "credentials"):
            (home / part).mkdir(parents=True)
        (home / "config/zones/t.toml").write_text(ZONE)
        for secret in ("facebook.token", "instagram.token", "x.token"):
            (home / "credentials" / secret).write_text(secrets[secret])
        self.log = home / "log"
        address = f"http://{USER}@127.0.0.1:{proxy.server_address[1]}"
        clean = {key: value for key, value in os.environ.items() if not re.search("proxy", key, re.I)}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [binary, "run", "--zone", "t", "--config-dir", home / "config", "--state-dir", home / "state"]
                + ["--credentials-dir", home / "credentials"],
                stderr=log,
                env={**clean, "HTTPS_PROXY": address, "SSL_CERT_FILE": str(roots), "SSL_CERT_DIR": str(home / "none")},
            )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def until(what, so, patience=60):
    """Waits until something is so."""
    end = time.monotonic() + patience
    while not so():
        if time.monotonic() > end:
            sys.exit(f"FAILED  {what}")
        time.sleep(0.2)
    print(f"ok      {what}")


def check(what, so):
    """Something is so at once."""
    until(what, so, 0)


def through(binary, folder):
    """With the proxy's root among the system's: everybody is read and answered through it."""
    with StandIn(binary) as sandbox:
        proxy = Proxy(folder, sandbox.base)
        with Service(binary, folder, "trusting", proxy, folder / "root.pem", sandbox.secrets) as service:
            until("every host is read through the proxy", lambda: {host for host, _ in proxy.seen} == HOSTS)
            time.sleep(2)
            said = [
                sandbox.say(feed, who, "Er staat een dronken man aan mijn deur")["message_id"]
                for feed, who in [("facebook.inbox", "Jan"), ("instagram.inbox", "an"), ("x.mentions", "bo_be")]
            ]
            until("everybody is answered", lambda: all(sandbox.answers_to(message) for message in said))
            time.sleep(6)
            check("and once", lambda: all(len(sandbox.answers_to(message)) == 1 for message in said))
            check("replies leave through it too", lambda: {host for host, verb in proxy.seen if verb == "POST"} == HOSTS)
            check("no other host was asked for", lambda: proxy.refused == [])
            log = service.log.read_text()
            secrets = [sandbox.secrets[name] for name in ("facebook.token", "instagram.token", "x.token")] + ["geheim"]
            check("no secret is in the log", lambda: not any(secret in log for secret in secrets))


def distrusting(binary, folder):
    """Without the root nothing is said to the proxy but where to."""
    with StandIn(binary) as sandbox:
        proxy = Proxy(folder, sandbox.base)
        (folder / "empty.pem").write_text((folder / "leaf.pem").read_text())
        with Service(binary, folder, "distrusting", proxy, folder / "empty.pem", sandbox.secrets) as service:
            until("an unknown root is a lost connection", lambda: "no connection" in service.log.read_text())
            check("and nothing was asked through it", lambda: proxy.seen == [])


if __name__ == "__main__":
    through(sys.argv[1], pathlib.Path(sys.argv[2]))
    distrusting(sys.argv[1], pathlib.Path(sys.argv[2]))
