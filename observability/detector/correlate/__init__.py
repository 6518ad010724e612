"""Signals to incident changes. Pure: state and clock come in, state and changes go out."""
