"""Django behind ASGI, with a bound on how many requests use the database at once."""

import asyncio
from collections.abc import Mapping
from typing import IO, Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponseBadRequest
from django.http.response import HttpResponseBase

from support.per_loop import PerLoop

_slots = PerLoop(lambda: asyncio.Semaphore(settings.HTTP_DATABASE_THREADS))


class Handler(ASGIHandler):
    """Each request has a thread of its own and with it a connection: without a bound, slow requests take them all, and
    sockets wait.

    A request holds its slot from when its body has been read until its response is made, so that neither a client that
    sends slowly nor one that reads slowly keeps others out. What streams its response must not query while it does.
    """

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        async with _slots():
            try:
                return await super().get_response_async(request)
            finally:
                # On the request's own thread, and so after what an aborted request still does there.
                await sync_to_async(close_old_connections)()

    def create_request(
        self, scope: Mapping[str, Any], body_file: IO[bytes]
    ) -> tuple[ASGIRequest, None] | tuple[None, HttpResponseBase]:
        try:
            return super().create_request(scope, body_file)
        except ValueError:
            # Django lets parameters of a Content-Type that it cannot decode through to the server.
            return None, HttpResponseBadRequest()
