"""The shop's web server: a few static pages, with the owner's snippet filled in."""

import html
import mimetypes
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

HOST = "127.0.0.1"
SHOP = Path(__file__).parent / "shop"


def content_policy(widget_origin: str) -> str:
    """A strict policy such as careful shops have; it names only what the documentation asks owners to allow."""
    sockets = widget_origin.replace("http", "ws", 1)
    return "; ".join(
        [
            "default-src 'self'",
            f"script-src {widget_origin}",
            f"connect-src {widget_origin} {sockets}",
            f"img-src 'self' data: blob: {widget_origin}",
            "style-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )


class Shop(BaseHTTPRequestHandler):
    """Its pages and files, and nothing else of the disk."""

    def __init__(self, widget_origin: str, site_key: str, *args: object) -> None:
        self.widget_origin, self.site_key = widget_origin, site_key
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        name = urlsplit(self.path).path.strip("/") or "index"
        pages = {path.stem: path for path in (SHOP / "pages").iterdir()}
        files = {
            path.relative_to(SHOP).as_posix(): path for path in (SHOP / "shop.css", *(SHOP / "pictures").iterdir())
        }
        if name in files:
            self._send(HTTPStatus.OK, mimetypes.guess_type(name)[0] or "", files[name].read_bytes())
        else:
            status = HTTPStatus.OK if name in pages else HTTPStatus.NOT_FOUND
            self._send(status, "text/html", self._page(pages.get(name) or pages["404"]))

    def do_HEAD(self) -> None:
        self.do_GET()

    def _page(self, path: Path) -> bytes:
        """The layout around a page, whose first line is its title."""
        title, main = path.read_text(encoding="utf-8").split("\n", 1)
        page = (SHOP / "layout.html").read_text(encoding="utf-8")
        for mark, value in {
            "{{ porchlight }}": html.escape(self.widget_origin),
            "{{ site }}": html.escape(self.site_key),
            "{{ title }}": title.removeprefix("<title>").removesuffix("</title>"),
            "{{ main }}": main.rstrip(),
        }.items():
            page = page.replace(mark, value)
        return page.encode()

    def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Content-Security-Policy", content_policy(self.widget_origin))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def serve(port: int, widget_origin: str, site_key: str) -> None:
    with ThreadingHTTPServer((HOST, port), partial(Shop, widget_origin, site_key)) as server:
        server.serve_forever()
