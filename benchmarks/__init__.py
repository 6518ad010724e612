"""Measurements, each one command, side by side with a peer or limit in the same run."""
