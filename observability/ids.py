"""Identifiers that join evidence: own types, so that a join on the wrong key does not type-check."""

from typing import NewType

RequestId = NewType(
    "RequestId", str
)  # made by nginx ($request_id), or by the middleware where no proxy stands in front
TraceId = NewType("TraceId", str)  # 32 lower-case hex digits (W3C Trace Context)
JobId = NewType("JobId", str)
IncidentId = NewType("IncidentId", str)
Fingerprint = NewType("Fingerprint", str)  # "v1:" and 32 hex digits
