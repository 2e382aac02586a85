"""From what a request carries to an Actor: a customer's token, an agent's session, a program's API token."""

from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest, parse_cookie
from django.utils import timezone

from accounts.actor import Actor
from accounts.models import Agent, ApiToken

Headers = list[tuple[bytes, bytes]]


def bearer_of(headers: Headers) -> str | None:
    """The credentials of `Authorization: Bearer …`, if there is exactly one such header."""
    found = [value for name, value in headers if name.lower() == b"authorization"]
    if len(found) != 1 or not found[0].isascii():
        return None
    scheme, _, credentials = found[0].decode("ascii").partition(" ")
    return credentials.strip() if scheme.lower() == "bearer" and credentials.strip() else None


def session_key_of(headers: Headers) -> str | None:
    """The session cookie's value, read as Django reads it: whatever cookies of others stand beside it."""
    sent = "; ".join(value.decode("latin-1") for name, value in headers if name.lower() == b"cookie")
    return parse_cookie(sent).get(settings.SESSION_COOKIE_NAME)


def agent_of_session(session_key: str) -> Actor | None:
    """The signed-in agent; None when the session has ended, the password changed or the agent was deactivated."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = get_user(request)
    return actor_of_agent(user, session_key) if isinstance(user, Agent) and user.is_active else None


def actor_of_agent(agent: Agent, session: str = "") -> Actor:
    return Actor(
        "agent",
        str(agent.pk),
        agent.public_name,
        is_admin=agent.role == Agent.Role.ADMIN,
        session=session,
        stamp=agent.get_session_auth_hash(),
    )


def bot_of_token(secret: str) -> Actor | None:
    """The program this API token belongs to, if the token is active."""
    token = ApiToken.objects.filter(digest=ApiToken.digest_of(secret), active=True).first()
    if token is None:
        return None
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=timezone.now())
    return Actor("bot", str(token.pk), token.name)
