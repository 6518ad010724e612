"""Run in Bugsink's own shell at each start: makes the project that SENTRY_DSN names, once."""

import os
import uuid

from projects.models import Project  # type: ignore[import-not-found]
from teams.models import Team  # type: ignore[import-not-found]

team, _ = Team.objects.get_or_create(name="barwatch")
Project.objects.update_or_create(
    id=1,
    defaults={
        "team": team,
        "name": "barwatch",
        "slug": "barwatch",
        "sentry_key": uuid.UUID(os.environ["BUGSINK_PROJECT_KEY"]),
    },
)
