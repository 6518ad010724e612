"""Specifies deploy/."""
