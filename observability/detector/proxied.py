"""People whom a reverse proxy has signed in: who they are stands in a header, believed of certain addresses only."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

from observability.config import Field, Invalid

FIELDS: Final = (
    Field("TRUSTED_USER_HEADER", "", "Header that names whom a reverse proxy has signed in, such as X-Forwarded-User; empty: none"),
    Field("TRUSTED_USER_PROXIES", "", "Whom it is believed of: addresses or networks of that proxy, and of our nginx in between"),
)  # fmt: skip
_HEADER: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_FORWARDED: Final = "X-Forwarded-For"


@dataclass(frozen=True, slots=True)
class TrustedProxy:
    """A header and the networks of those who may set it."""

    header: str
    networks: tuple[IPv4Network | IPv6Network, ...]

    def user(self, headers: Mapping[str, str], peer: str | None) -> str | None:
        """Return the person's name; None: nobody was named, or not by somebody whom we believe.

        Our nginx passes on what a client sends and writes that client's address into X-Forwarded-For: both have to be trusted,
        or any client could name itself.
        """
        name = " ".join(headers.get(self.header, "").split())
        forwarded = [one.strip() for one in headers.get(_FORWARDED, "").split(",") if one.strip()]
        return name if name and all(map(self._is_trusted, [peer or "", *forwarded])) else None

    def _is_trusted(self, address: str) -> bool:
        try:
            found = ip_address(address)
        except ValueError:
            return False
        plain = getattr(found, "ipv4_mapped", None) or found
        return any(plain in network for network in self.networks)


def load_proxy(given: Mapping[str, str]) -> TrustedProxy | None:
    """Return whom to believe, of values that passed CHECKS; None: nobody."""
    if not given["TRUSTED_USER_HEADER"]:
        return None
    return TrustedProxy(given["TRUSTED_USER_HEADER"], tuple(ip_network(one) for one in _listed(given)))


def _listed(given: Mapping[str, str]) -> list[str]:
    return [one.strip() for one in given["TRUSTED_USER_PROXIES"].split(",") if one.strip()]


def _bad_header(given: Mapping[str, str]) -> list[Invalid]:
    header = given["TRUSTED_USER_HEADER"]
    if not header or _HEADER.fullmatch(header):
        return []
    return [Invalid(f"TRUSTED_USER_HEADER={header}", "not a header's name", "Set one such as X-Forwarded-User")]


def _bad_proxies(given: Mapping[str, str]) -> list[Invalid]:
    remedy = "Set addresses such as 127.0.0.1, 10.0.0.0/8"
    if given["TRUSTED_USER_HEADER"] and not _listed(given):
        return [Invalid("TRUSTED_USER_PROXIES", "not set, though TRUSTED_USER_HEADER is", remedy)]
    return [
        Invalid(f"TRUSTED_USER_PROXIES={one}", "not a network", remedy)
        for one in _listed(given)
        if not _is_network(one)
    ]


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


CHECKS: Final[tuple[Callable[[Mapping[str, str]], list[Invalid]], ...]] = (_bad_header, _bad_proxies)
