"""The catalogue of files that are made to hurt whoever reads them. Made by code, when they are needed: some have 20 MB."""

from tests.hostile.archives import ARCHIVES
from tests.hostile.case import Hostile

HOSTILE: dict[str, Hostile] = {**ARCHIVES}

__all__ = ["HOSTILE", "Hostile"]
