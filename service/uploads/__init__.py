"""The pipeline: receive, read, check, draw, verify, publish."""
