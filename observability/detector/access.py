"""Who may see incidents: a bearer token for programs, a session cookie made from it for browsers."""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Final

COOKIE: Final = "barwatch_session"
SESSION: Final = timedelta(days=7)


class Access:
    """Compares in constant time. A session is a time and its signature under the token: a new token ends all of them."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    def is_token(self, given: str) -> bool:
        """Return whether this is the token."""
        return hmac.compare_digest(
            self._digest(b"token", given.encode("utf-8", "replace")), self._digest(b"token", self._token)
        )

    def is_bearer(self, header: str | None) -> bool:
        """Return whether an Authorization header carries the token."""
        scheme, _, given = (header or "").partition(" ")
        return scheme.lower() == "bearer" and self.is_token(given.strip())

    def new_session(self, now: datetime, name: str = "") -> str:
        """Return the value of a cookie. `name` is how the person calls themself: it goes into the history of what they do."""
        ends = str(int((now + SESSION).timestamp()))
        named = base64.urlsafe_b64encode(name.encode("utf-8", "replace")).decode().rstrip("=")
        return f"{ends}.{named}.{self._sign('session', f'{ends}.{named}')}"

    def who(self, cookie: str | None, now: datetime) -> str | None:
        """Return the name of a session, "" where none was given; None: we did not make this cookie, or too long ago."""
        said, _, signature = (cookie or "").rpartition(".")
        ends, _, named = said.partition(".")
        if not self._same(signature, self._sign("session", said)) or now.timestamp() >= int(ends):
            return None
        return base64.urlsafe_b64decode(named + "=" * (-len(named) % 4)).decode()

    def is_session(self, cookie: str | None, now: datetime) -> bool:
        """Return whether we made this cookie, and not too long ago."""
        return self.who(cookie, now) is not None

    def form_key(self, cookie: str) -> str:
        """Return what a form of this session must send along: another site can make a browser post, but cannot read this."""
        return self._sign("form", cookie)

    def is_form_key(self, given: str, cookie: str) -> bool:
        """Return whether a form was made for this session."""
        return self._same(given, self.form_key(cookie))

    def _sign(self, purpose: str, value: str) -> str:
        return self._digest(purpose.encode(), value.encode("utf-8", "replace")).hex()

    def _same(self, one: str, other: str) -> bool:
        return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode())

    def _digest(self, purpose: bytes, value: bytes) -> bytes:
        return hmac.new(self._token, purpose + b"\0" + value, hashlib.sha256).digest()
