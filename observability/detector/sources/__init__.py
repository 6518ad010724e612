"""Log sources: bytes to lines with checkpoints, from followed files (inotify, rotation), streams and Loki."""

from observability.detector.sources.batch import Batch, Clock, held_back
from observability.detector.sources.files import follow
from observability.detector.sources.loki import follow_loki, is_of_loki
from observability.detector.sources.stdin import read_stream
from observability.detector.sources.together import together

__all__ = ["Batch", "Clock", "follow", "follow_loki", "held_back", "is_of_loki", "read_stream", "together"]
