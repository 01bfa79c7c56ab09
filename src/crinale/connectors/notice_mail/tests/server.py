"""A mail server in a thread: it knows as much SMTP as the sender speaks."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, unknown: frozenset[str]) -> None:
        self.unknown = unknown
        self.mails: list[EmailMessage] = []
        self.said: list[str] = []
        super().__init__(("127.0.0.1", 0), _Conversation)


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server = cast("_Server", self.server)
        self._say("220 ready")
        while line := self.rfile.readline().decode().strip():
            server.said.append(line)
            word = line.upper()
            if word.startswith("QUIT"):
                self._say("221 bye")
                return
            if word.startswith("RCPT") and any(one in line for one in server.unknown):
                self._say("550 no such user")
            elif word == "DATA":
                self._say("354 go on")
                server.mails.append(self._mail())
                self._say("250 taken")
            else:
                self._say("250 ok")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def _mail(self) -> EmailMessage:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        return email.message_from_bytes(b"".join(lines), policy=email.policy.default)


@contextmanager
def mail_server(unknown: frozenset[str] = frozenset()) -> Iterator[tuple[int, _Server]]:
    """Serve on a port of the loopback interface."""
    with _Server(unknown) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address[1], server
        finally:
            server.shutdown()
            thread.join()
