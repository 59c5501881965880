"""Web servers for the tests of decks: one that sends pieces of files, as most do, and one that cannot."""

from __future__ import annotations

import functools
import http.server
import io
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any


class Plain(http.server.SimpleHTTPRequestHandler):
    """``python3 -m http.server``: always the whole file. ``policy`` is sent with everything if it is given."""

    def __init__(self, *args: Any, policy: str = "", **more: Any) -> None:
        self.policy = policy
        super().__init__(*args, **more)

    def end_headers(self) -> None:
        if self.policy:
            self.send_header("Content-Security-Policy", self.policy)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing on the screen."""

    def copyfile(self, source: Any, outputfile: Any) -> None:
        """A browser may hang up."""
        try:
            super().copyfile(source, outputfile)
        except ConnectionError:
            self.close_connection = True


class Ranged(Plain):
    """Sends the piece of a file that is asked for (RFC 9110, section 14)."""

    def send_head(self) -> Any:
        """The file's own head where no piece is asked for."""
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        path = Path(self.translate_path(self.path))
        if asked is None or not path.is_file():
            return super().send_head()
        size, first = path.stat().st_size, int(asked[1])
        last = min(int(asked[2] or size - 1), size - 1)
        self.send_response(HTTPStatus.PARTIAL_CONTENT)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
        self.send_header("Content-Length", str(last + 1 - first))
        self.end_headers()
        return _piece(path, first, last)


def _piece(path: Path, first: int, last: int) -> IO[bytes]:
    with path.open("rb") as file:
        file.seek(first)
        return io.BytesIO(file.read(last + 1 - first))


@contextmanager
def serving(folder: Path, handler: type[Plain], policy: str = "") -> Iterator[str]:
    """The address under which a folder is served meanwhile."""
    made = functools.partial(handler, directory=str(folder), policy=policy)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), made) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()
