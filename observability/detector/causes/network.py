"""network: another service cannot be reached, or the connection to it broke."""

import re

from observability.detector.causes.facts import Facts
from observability.detector.causes.signs import sign, strongest, told, where
from observability.detector.incidents import Cause

_SIGNS = (
    sign(
        0.84,
        "ConnectionResetError ConnectionRefusedError ConnectionAbortedError BrokenPipeError ConnectionError "
        "gaierror herror ConnectError NewConnectionError NameResolutionError",
    ),
    sign(
        0.84,
        "ClientConnectorError ClientConnectorDNSError ClientOSError ServerDisconnectedError "
        "ClientConnectionError ClientPayloadError ClientConnectionResetError ClientConnectorSSLError "
        "ClientConnectorCertificateError",
    ),
    sign(
        0.84,
        "RemoteDisconnected IncompleteRead ProtocolError RemoteProtocolError LocalProtocolError "
        "ChunkedEncodingError MaxRetryError ProxyError APIConnectionError EndpointConnectionError "
        "ConnectionClosedError ConnectionClosedOK ConnectionClosed WebSocketDisconnect",
    ),
    sign(
        0.84,
        "SSLError SSLCertVerificationError SSLEOFError SSLZeroReturnError CertificateError NetworkError "
        "TransportError NoBrokersAvailable SMTPServerDisconnected SMTPConnectError URLError ReadError WriteError",
    ),
    sign(
        0.84,
        "AMQPConnectionError AMQPError StreamLostError ConnectionForced ConnectionWrongStateError RecoverableConnectionError",
    ),
    # EPIPE 32, ENETUNREACH 101, ECONNRESET 104, ECONNREFUSED 111, EHOSTUNREACH 113; 54, 61, 65 on macOS
    sign(
        0.82,
        "OSError IOError error WindowsError",
        errnos=(32, 101, 103, 104, 107, 111, 113, 54, 57, 61, 65, 10053, 10054, 10061),
    ),
    sign(
        0.80,
        message=r"name resolution|name or service not known|nodename nor servname|connection refused|connection reset"
        r"|network is unreachable|no route to host|failed to establish a new connection|broken pipe"
        r"|StatusCode\.UNAVAILABLE",
        never=r"upstream",
    ),
)
_HOST = re.compile(r"(?:connect to host|host=|connecting to|https?://)['\"]?([\w.-]+\.[\w-]+|localhost)", re.I)


def network(facts: Facts) -> Cause | None:
    """Return the cause, or None. A database behind the same error is db_connection, which then knows it better."""
    hit = strongest(facts, _SIGNS)
    if hit is None:
        return None
    found = _HOST.search(hit.raised.message)
    host = found[1] if found else "HOST"
    return Cause(
        code="network",
        summary=f"A connection failed{where(hit.raised)}: {told(hit.raised)}",
        confidence=hit.confidence,
        because=(hit.raised.index,),
        next_steps=(f"getent hosts {host}", f"curl -sS -m 5 -o /dev/null -v https://{host}/"),
    )
