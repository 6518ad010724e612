"""The signature of a webhook's body, safe against replay: the receiver refuses a body that was signed too long ago."""

import hashlib
import hmac
from typing import Final

HEADER: Final = "X-Barwatch-Signature"


def signature(secret: str, at_s: int, body: bytes) -> str:
    """Return ``t=…,v1=…``: the time in Unix seconds, and HMAC-SHA256 in hex of that time, a point, and the body."""
    signed = b"%d.%b" % (at_s, body)
    return f"t={at_s},v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"
