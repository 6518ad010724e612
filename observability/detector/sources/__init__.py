"""Log sources: bytes to lines with checkpoints, from followed files (inotify, rotation) and from streams."""

from observability.detector.sources.batch import Batch, Clock, held_back
from observability.detector.sources.files import follow
from observability.detector.sources.stdin import read_stream

__all__ = ["Batch", "Clock", "follow", "held_back", "read_stream"]
