"""Incidents, outbox and checkpoints, kept in one transaction."""
