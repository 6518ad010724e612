"""Reads logs, joins what belongs together, and keeps one incident per death: bytes in, notifications out."""
