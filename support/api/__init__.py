"""Every HTTP endpoint for programs, with its OpenAPI description at /api/docs."""

import logging
import math
from typing import Any

from asgiref.sync import sync_to_async
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.docs import Swagger
from ninja.security import HttpBearer

from accounts.actor import Actor
from accounts.identity import bot_of_token
from support.api import rooms, widget
from support.api.gate import GateParser
from support.protocol.codes import MEANINGS, ErrorCode, Refused

logger = logging.getLogger(__name__)


class ApiToken(HttpBearer):
    async def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        return await sync_to_async(bot_of_token)(token)


api = NinjaAPI(
    title="Porchlight", version="1", urls_namespace="api", parser=GateParser(), docs=Swagger(), auth=ApiToken()
)
api.add_router("/rooms", rooms.router)

widget_api = NinjaAPI(
    title="Porchlight widget",
    version="1",
    urls_namespace="widget",
    parser=GateParser(),
    docs_url=None,
    openapi_url=None,
)
widget_api.add_router("", widget.router)


def _answer(request: HttpRequest, refused: Refused) -> HttpResponse:
    """The same shape as a socket's error frame."""
    meaning = MEANINGS[refused.code]
    content = {
        "code": refused.code,
        "detail": refused.detail or meaning.says,
        "retry_after": refused.retry_after,
        "limit": refused.limit,
    }
    response = api.create_response(request, content, status=meaning.http)
    if refused.retry_after is not None:
        response["Retry-After"] = str(math.ceil(refused.retry_after))
    return response


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    first = error.errors[0]
    where = ".".join(str(part) for part in first["loc"])
    return _answer(request, Refused(ErrorCode.BAD_FRAME, f"{where}: {first['msg']}"))


def _unauthorised(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return _answer(request, Refused(ErrorCode.BAD_TOKEN))


def _malformed(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Ninja's wrapping of whatever the parser raised."""
    return _answer(request, error.__cause__ if isinstance(error.__cause__, Refused) else Refused(ErrorCode.NOT_JSON))


def _too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return _answer(request, Refused(ErrorCode.TOO_BIG))


def _unavailable(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.warning("%s: database does not answer: %s", request.path, type(error).__name__)
    return _answer(request, Refused(ErrorCode.UNAVAILABLE, retry_after=1.0))


def _internal(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.error("%s failed", request.path, exc_info=error)
    return _answer(request, Refused(ErrorCode.INTERNAL))


_HANDLERS: dict[type[Exception], Any] = {
    Refused: _answer,
    ValidationError: _invalid,
    HttpError: _malformed,
    AuthenticationError: _unauthorised,
    RequestDataTooBig: _too_big,
    OperationalError: _unavailable,
    InterfaceError: _unavailable,
    Exception: _internal,
}
for each in (api, widget_api):
    for kind, handler in _HANDLERS.items():
        each.add_exception_handler(kind, handler)
