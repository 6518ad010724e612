"""Who an upload is counted for."""

from ipaddress import ip_network

import pytest

from service.api.clients import client_of

TRUSTED = (ip_network("10.0.7.0/24"),)
CASES: dict[str, tuple[str | None, list[str], str | None]] = {
    "a peer from outside": ("192.0.2.1", [], "192.0.2.1"),
    "what a peer from outside says of itself does not count": ("192.0.2.1", ["198.51.100.7"], "192.0.2.1"),
    "our nginx says who it saw": ("127.0.0.1", ["192.0.2.1"], "192.0.2.1"),
    "the last hop counts, those before are the client's words": ("127.0.0.1", ["1.1.1.1, 192.0.2.1"], "192.0.2.1"),
    "the last line counts": ("127.0.0.1", ["1.1.1.1", "192.0.2.1"], "192.0.2.1"),
    "a trusted proxy": ("10.0.7.2", ["192.0.2.1"], "192.0.2.1"),
    "a trusted proxy that says nothing is a client": ("10.0.7.2", [], "10.0.7.2"),
    "a proxy that nobody trusts": ("10.0.8.2", ["192.0.2.1"], "10.0.8.2"),
    "this machine": ("127.0.0.1", [], None),
    "this machine by IPv6": ("::1", [], None),
    "this machine through our nginx": ("127.0.0.1", ["127.0.0.1"], None),
    "garbage from our nginx": ("127.0.0.1", ["unknown"], None),
    "an empty header": ("127.0.0.1", [""], None),
    "a Unix socket": (None, ["192.0.2.1"], None),
    "a hop with a port": ("127.0.0.1", ["192.0.2.1:5678"], "192.0.2.1"),
    "an IPv6 hop with a port": ("127.0.0.1", ["[2001:db8::1]:5678"], "2001:db8::/64"),
    "IPv6 counts by its network": ("2001:db8::ffff:1", [], "2001:db8::/64"),
    "IPv4 within IPv6": ("::ffff:192.0.2.1", [], "192.0.2.1"),
    "a link-local address with its zone": ("fe80::1%eth0", [], "fe80::/64"),
}


@pytest.mark.parametrize(("peer", "forwarded", "client"), CASES.values(), ids=CASES)
def test_the_client_is_who_a_trusted_neighbour_saw(peer: str | None, forwarded: list[str], client: str | None) -> None:
    assert client_of(peer, forwarded, TRUSTED) == client
