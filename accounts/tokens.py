"""Customers' tokens: signed, first-party, never in a URL.

Only letters, digits, `.`, `-` and `_`, as a WebSocket subprotocol demands.
"""

import base64
import binascii
import json
import secrets
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.core.signing import BadSignature, TimestampSigner

from accounts.actor import Actor, visitor_name

_SIGNER_SALT = "porchlight.customer"


@dataclass(frozen=True, slots=True)
class CustomerToken:
    """What a token says. `secret` has 128 random bits, so that the public id alone never amounts to a token."""

    customer: UUID
    site_id: int
    secret: str

    @classmethod
    def fresh(cls, site_id: int) -> "CustomerToken":
        """A new anonymous customer. Nothing is stored."""
        return cls(uuid4(), site_id, secrets.token_urlsafe(16))

    def sign(self) -> str:
        claims = json.dumps([self.customer.hex, self.site_id, self.secret], separators=(",", ":"))
        return _signer().sign(base64.urlsafe_b64encode(claims.encode()).decode().rstrip("="))

    @classmethod
    def read(cls, text: str, max_age: int) -> "CustomerToken | None":
        """The token, or None when it is forged, older than `max_age` seconds, or not one of ours."""
        try:
            encoded = _signer().unsign(text, max_age=max_age)
            claims = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
            customer, site_id, secret = claims
            return cls(UUID(hex=customer), int(site_id), str(secret))
        except (BadSignature, binascii.Error, ValueError, TypeError, AttributeError):
            return None

    @property
    def actor(self) -> Actor:
        return Actor("customer", str(self.customer), visitor_name(self.customer), site_id=self.site_id)


def _signer() -> TimestampSigner:
    return TimestampSigner(sep=".", salt=_SIGNER_SALT)
