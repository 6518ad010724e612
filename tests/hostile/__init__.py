"""The catalogue of files that are made to hurt whoever reads them. Made by code, when they are needed: some have 20 MB."""

from tests.hostile.archives import ARCHIVES
from tests.hostile.case import Hostile
from tests.hostile.compound import COMPOUND
from tests.hostile.documents import DOCUMENTS
from tests.hostile.parts import PARTS
from tests.hostile.texts import TEXTS

HOSTILE: dict[str, Hostile] = {**ARCHIVES, **PARTS, **DOCUMENTS, **COMPOUND, **TEXTS}

__all__ = ["HOSTILE", "Hostile"]
