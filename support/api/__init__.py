"""Every HTTP endpoint for programs, with its OpenAPI description at /api/docs."""

from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.docs import Swagger
from ninja.security import HttpBearer

from accounts.actor import Actor
from accounts.identity import bot_of_token
from support.api import rooms, widget
from support.protocol.codes import MEANINGS, ErrorCode, Refused


class ApiToken(HttpBearer):
    async def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        return await sync_to_async(bot_of_token)(token)


api = NinjaAPI(title="Porchlight", version="1", urls_namespace="api", docs=Swagger(), auth=ApiToken())
api.add_router("/rooms", rooms.router)

widget_api = NinjaAPI(title="Porchlight widget", version="1", urls_namespace="widget", docs_url=None, openapi_url=None)
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
    return api.create_response(request, content, status=meaning.http)


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    first = error.errors[0]
    where = ".".join(str(part) for part in first["loc"])
    return _answer(request, Refused(ErrorCode.BAD_FRAME, f"{where}: {first['msg']}"))


def _unauthorised(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return _answer(request, Refused(ErrorCode.BAD_TOKEN))


def _malformed(request: HttpRequest, error: HttpError) -> HttpResponse:
    return _answer(request, Refused(ErrorCode.NOT_JSON))


_HANDLERS: dict[type[Exception], Any] = {
    Refused: _answer,
    ValidationError: _invalid,
    HttpError: _malformed,
    AuthenticationError: _unauthorised,
}
for each in (api, widget_api):
    for kind, handler in _HANDLERS.items():
        each.add_exception_handler(kind, handler)
