"""The one primitive that every stage of an upload stands in: span, events, metric, breadcrumb and journal record."""

from typing import Final

from observability.stage import stages
from service.uploads.problems import ReadProblem

STAGES: Final = ("receive", "read", "check", "draw", "verify", "publish")
stage: Final = stages("upload", STAGES, problems=(ReadProblem,))
