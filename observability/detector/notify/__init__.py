"""Outbox to channels: one channel a file."""
