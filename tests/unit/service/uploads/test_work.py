"""Which lists count as long: they leave one child free for the others."""

from pathlib import Path
from typing import Any, cast

import pytest

from service.jobs.files import Files
from service.jobs.store import JobStore
from service.jobs.workers import Workers
from service.uploads.limits import Limits
from service.uploads.work import Shop
from tests.lists import ean, ean_list


class Noting:
    """Workers that do nothing but note what was asked of them."""

    def __init__(self) -> None:
        self.large: list[bool] = []

    async def run(self, task: str, request: object, *, large: bool, **_: object) -> dict[str, Any]:
        self.large.append(large)
        return {}


SIZES: dict[str, tuple[bytes, bool]] = {
    "50 rows of xlsx": (ean_list(50), False),
    "1,000 rows of xlsx": (ean_list(1_000), False),
    "10,000 rows of xlsx": (ean_list(10_000), True),
    "50,000 codes and nothing else, as text": ("\n".join(map(ean, range(50_000))).encode(), True),
}


@pytest.mark.parametrize(("content", "large"), SIZES.values(), ids=SIZES)
async def test_a_long_list_leaves_a_child_to_the_others(content: bytes, large: bool, tmp_path: Path) -> None:
    workers = Noting()
    shop = Shop(cast(Files, None), cast(Workers, workers), Limits(), cast(JobStore, None))
    await shop.judge(tmp_path, "{}", len(content))
    assert workers.large == [large, large]
