"""Who an upload comes from: the peer's address and what a proxy says of it → the name under which it is counted, or None. Pure."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from service.config import Network

_Address = IPv4Address | IPv6Address


def client_of(peer: str | None, forwarded: Sequence[str], trusted: Sequence[Network]) -> str | None:
    """Return the client: the peer, or the last hop of X-Forwarded-For where the peer is on this machine or a trusted proxy.

    None where nobody is counted: the client is on this machine itself. `forwarded` are the header's lines.
    """
    address = _address(peer or "")
    if address is None:
        return None  # a Unix socket
    if address.is_loopback or any(address in network for network in trusted):
        # Hops before the last are what the client wrote; the last is who the proxy saw.
        address = _address(",".join(forwarded).rpartition(",")[2]) or address
    return None if address.is_loopback else _counted_as(address)


def _address(text: str) -> _Address | None:
    """Return the address of "192.0.2.1", "192.0.2.1:5678", "[2001:db8::1]:5678" or "fe80::1%eth0"."""
    host = text.strip().strip('"')
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _counted_as(address: _Address) -> str:
    """Return the address; of IPv6 its /64, which one household or server has to itself (RFC 6177)."""
    return str(address) if address.version == 4 else str(ip_network((address, 64), strict=False))
