"""What stands before a server and speaks TLS: the wheel's own server was built without it.

Who comes with TLS reaches the server from 127.0.0.1, who comes in clear from 127.0.0.2, which its rules do not let in:
what a server says that wants TLS is said by the real one.
"""

import contextlib
import socket
import ssl
import struct
import threading
from pathlib import Path
from typing import Final

from tests.postgres.server import Server

SSL_REQUEST: Final = struct.pack(">ii", 8, 80877103)
GSS_REQUEST: Final = struct.pack(">ii", 8, 80877104)


class Front:
    """Listens on a port of 127.0.0.1 with a certificate (key and certificate in one file); a context."""

    def __init__(self, server: Server, certificate: Path) -> None:
        self._to = server.port
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]

    def __enter__(self) -> "Front":
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                line, _ = self._listener.accept()
                threading.Thread(target=self._let_in, args=(line,), daemon=True).start()

    def _let_in(self, line: socket.socket) -> None:
        with contextlib.suppress(OSError), line:
            first = line.recv(8, socket.MSG_WAITALL)
            while first == GSS_REQUEST:
                line.sendall(b"N")
                first = line.recv(8, socket.MSG_WAITALL)
            if first != SSL_REQUEST:
                self._relay(line, "127.0.0.2", first)
                return
            line.sendall(b"S")
            with self._context.wrap_socket(line, server_side=True) as secured:
                self._relay(secured, "127.0.0.1", b"")

    def _relay(self, line: socket.socket, source: str, first: bytes) -> None:
        with socket.create_connection(("127.0.0.1", self._to), source_address=(source, 0)) as server:
            server.sendall(first)
            back = threading.Thread(target=_pour, args=(server, line), daemon=True)
            back.start()
            _pour(line, server)
            back.join(10)


def _pour(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while some := source.recv(65536):
            target.sendall(some)
        target.shutdown(socket.SHUT_WR)
