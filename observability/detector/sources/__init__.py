"""Log sources: bytes to lines, with checkpoints."""
