"""Bodies of the widget's HTTP calls."""

from support.protocol.entities import Person, SiteCard
from support.protocol.fields import Frame, Milliseconds


class SessionRequest(Frame):
    """`site` is the site's key, as in the snippet."""

    site: str


class SessionAnswer(Frame):
    """`token` goes into the WebSocket subprotocol `bearer.<token>`; ask again before `expires_at`."""

    token: str
    expires_at: Milliseconds
    you: Person
    site: SiteCard
    online: list[Person]
