"""What the server runs: HTTP by Django, files before it, sockets by Channels."""

import os
import re
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402  # needs the app registry
from django.conf import settings  # noqa: E402
from django.contrib.staticfiles.finders import get_finders  # noqa: E402
from servestatic import ServeStaticASGI  # noqa: E402

from config.http import Handler  # noqa: E402
from config.servers import Lifespan, Sockets, leave_before_twisted_stops  # noqa: E402
from support.farewell import farewell  # noqa: E402
from support.routing import websocket_urlpatterns  # noqa: E402

HASHED = re.compile(r"-[\w-]{8,}\.(js|css)$")


def _cache_headers(headers: Any, path: str, url: str) -> None:
    # Names with a hash never change; the loader's name is in other people's pages and must stay fresh.
    headers["Cache-Control"] = "max-age=31536000, immutable" if HASHED.search(path) else "max-age=300"


def _files(app: Any) -> Any:
    """Built assets and those of Django's apps, outside Django's middleware."""
    served = ServeStaticASGI(app, add_headers_function=_cache_headers, autorefresh=settings.DEBUG)
    served.add_files(str(settings.BASE_DIR / "frontend" / "static" / "widget"), prefix="widget/")
    for finder in get_finders():
        for storage in getattr(finder, "storages", {}).values():
            served.add_files(storage.location, prefix="static/")
    return served


sockets = Sockets(URLRouter(websocket_urlpatterns))
application = ProtocolTypeRouter({"http": _files(Handler()), "websocket": sockets, "lifespan": Lifespan(farewell)})
leave_before_twisted_stops(sockets, farewell)
