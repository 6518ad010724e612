"""Loki as a source: what matches a selector, from the checkpoints on, then as it comes.

`LokiSource` says where; `follow_loki` yields batches. Each stream of Loki is a source of its own, named by its labels.
"""

from observability.detector.sources.loki.client import LokiSource
from observability.detector.sources.loki.follow import follow_loki

__all__ = ["LokiSource", "follow_loki"]
