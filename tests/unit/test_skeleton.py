"""What cuts across packages: every module imports, and says in one line what it is for."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    path
    for package in ("service", "observability")
    for path in (ROOT / package).rglob("*.py")
    if "migrations/versions" not in str(path)
)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_opens_with_one_line_that_says_what_it_is_for(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert docstring, f"{path}: add a docstring"
    assert docstring.splitlines()[0].endswith("."), f"{path}: the first line is a sentence"
