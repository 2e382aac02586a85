"""Who may open a socket: Origin and actor are checked before the handshake is accepted."""

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import InterfaceError, OperationalError

from accounts.actor import Actor
from accounts.identity import Headers, agent_of_session, bearer_of, bot_of_token, session_key_of
from accounts.tokens import CustomerToken
from support import limits
from support.origin import Origin, of_headers
from support.protocol.codes import MEANINGS, ErrorCode, Refused
from support.site_cards import rules_by_id
from support.threads import database_threads

logger = logging.getLogger(__name__)

App = Callable[[Any, Any, Any], Awaitable[None]]
Identify = Callable[[dict[str, Any]], Actor]

SUBPROTOCOL: Final = "porchlight.v1"
_BEARER: Final = "bearer."


class Handshake:
    """Puts `scope["actor"]` in place, or refuses with an HTTP answer: browsers see a failed connection and then ask
    `POST /widget/session` for the reason in words.
    """

    def __init__(self, inner: App, identify: Identify) -> None:
        self._inner = inner
        self._identify = identify

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        try:
            actor = await self._actor(scope)
        except Refused as refused:
            await receive()
            await _refuse(scope, send, refused)
            return
        offered = SUBPROTOCOL if SUBPROTOCOL in scope.get("subprotocols", []) else None
        await self._inner({**scope, "actor": actor, "accept_subprotocol": offered}, receive, send)

    async def _actor(self, scope: dict[str, Any]) -> Actor:
        """Who it is; raises nothing but Refused."""
        try:
            async with database_threads():
                return await sync_to_async(self._identify)(scope)
        except Refused:
            raise
        except (OperationalError, InterfaceError) as error:
            logger.warning("handshake refused, database does not answer: %s", type(error).__name__)
            raise Refused(ErrorCode.UNAVAILABLE) from error
        except Exception as error:
            logger.exception("handshake failed")
            raise Refused(ErrorCode.INTERNAL) from error


def customer_of(scope: dict[str, Any]) -> Actor:
    """The customer of a token offered as a subprotocol, on a page that the token's site allows."""
    tokens = [text[len(_BEARER) :] for text in scope.get("subprotocols", []) if text.startswith(_BEARER)]
    token = CustomerToken.read(tokens[0], limits.CUSTOMER_TOKEN_SECONDS) if len(tokens) == 1 else None
    if token is None:
        raise Refused(ErrorCode.BAD_TOKEN)
    rules = rules_by_id(token.site_id)
    if rules is None:
        raise Refused(ErrorCode.BAD_TOKEN)
    require_origin(of_headers(scope["headers"]), rules.origins)
    return token.actor


def staff_of(scope: dict[str, Any]) -> Actor:
    """The agent of a session cookie on our own origin, or the bot of an API token, which has no Origin."""
    headers: Headers = scope["headers"]
    secret = bearer_of(headers)
    if secret is not None and not any(name.lower() == b"origin" for name, _ in headers):
        actor = bot_of_token(secret)
    else:
        origin = of_headers(headers)
        if origin is None or origin != own_origin():
            raise Refused(ErrorCode.BAD_ORIGIN)
        session_key = session_key_of(headers)
        actor = agent_of_session(session_key) if session_key else None
    if actor is None:
        raise Refused(ErrorCode.BAD_TOKEN)
    return actor


def require_origin(origin: Origin | None, allowed: frozenset[Origin]) -> None:
    """Raises Refused(bad_origin) unless the page is one of the site's, or our own hosted page."""
    if origin is None or (origin not in allowed and origin != own_origin()):
        raise Refused(ErrorCode.BAD_ORIGIN)


def own_origin() -> Origin | None:
    return Origin.parse(settings.PUBLIC_URL)


async def nowhere(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """What answers at every other address."""
    await receive()
    await _refuse(scope, send, Refused(ErrorCode.NO_SUCH_SOCKET))


async def _refuse(scope: dict[str, Any], send: Any, refused: Refused) -> None:
    if "websocket.http.response" not in scope.get("extensions", {}):
        # The server answers 403 by itself.
        await send({"type": "websocket.close"})
        return
    body = json.dumps({"code": refused.code, "detail": MEANINGS[refused.code].says}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "websocket.http.response.start", "status": MEANINGS[refused.code].http, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body})
