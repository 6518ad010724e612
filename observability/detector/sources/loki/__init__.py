"""Loki as a source: what matches a selector, from the checkpoints on, then as it comes.

Each stream of Loki is a source of its own, named by its labels; `is_of_loki` tells its checkpoints.
"""

from observability.detector.sources.loki.entries import is_of_loki
from observability.detector.sources.loki.follow import follow_loki

__all__ = ["follow_loki", "is_of_loki"]
