"""Incidents and signals as text, markdown and JSON."""
