"""The widget's HTTP calls. Tokens travel in `Authorization`, never in a cookie or a URL."""

from datetime import timedelta

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from accounts.identity import bearer_of
from accounts.tokens import CustomerToken
from support import limits
from support.attendance import attendance
from support.handshake import require_origin
from support.models import Site
from support.origin import of_headers
from support.protocol.codes import ErrorCode, Refused
from support.protocol.http import SessionAnswer, SessionRequest
from support.site_cards import SiteRules, rules_by_key
from support.wire import milliseconds, person, site_card

router = Router(tags=["widget"])


@router.post("/session", response=SessionAnswer, summary="Start or continue a customer's session")
async def session(request: HttpRequest, body: SessionRequest) -> SessionAnswer:
    """A token for a new customer, or a fresh one for the customer of the token sent along. Stores nothing."""
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in request.headers.items()]
    rules = await sync_to_async(_allowed_rules)(body.site, headers)
    token = _continued(bearer_of(headers), rules) or CustomerToken.fresh(rules.id)
    site = await Site.objects.filter(pk=rules.id, active=True).afirst()
    if site is None:
        raise Refused(ErrorCode.NO_SUCH_SITE)
    return SessionAnswer(
        token=token.sign(),
        expires_at=milliseconds(timezone.now() + timedelta(seconds=limits.CUSTOMER_TOKEN_SECONDS)),
        you=person(token.actor),
        site=site_card(site),
        online=await attendance().agents_online(rules.id),
    )


def _allowed_rules(key: str, headers: list[tuple[bytes, bytes]]) -> SiteRules:
    rules = rules_by_key(key)
    if rules is None:
        raise Refused(ErrorCode.NO_SUCH_SITE)
    require_origin(of_headers(headers), rules.origins)
    return rules


def _continued(sent: str | None, rules: SiteRules) -> CustomerToken | None:
    """The token sent along, if it is still good; raises Refused when it is another site's."""
    if sent is None:
        return None
    token = CustomerToken.read(sent, limits.CUSTOMER_TOKEN_SECONDS)
    if token is None or token.site_id != rules.id:
        raise Refused(ErrorCode.BAD_TOKEN)
    return token
