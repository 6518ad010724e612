"""The catalogue of codes, held against the contract where it is at hand."""

import os
import pickle
import re
from pathlib import Path

import pytest

from service.uploads.problems import FAULTS, PROBLEMS, ReadProblem

SHARED = Path(os.environ.get("BARWATCH_SHARED", Path(__file__).parents[5] / "shared"))


def test_every_code_has_a_title_and_a_remedy() -> None:
    assert all(problem.title and problem.remedy for problem in PROBLEMS.values())
    assert all(fault.title and fault.remedy for fault in FAULTS.values())


def test_codes_are_those_of_the_contract() -> None:
    contract = SHARED / "UPLOADS.md"
    if not contract.exists():
        pytest.skip("the contract is not beside this checkout")
    text = contract.read_text("utf-8")
    answers, rows = text.split("## 2. Answers")[1].split("## 3.")[0].split("Row errors:")
    named = set(re.findall(r"`([a-z0-9]+_[a-z0-9_]+|interrupted|expired)`", answers)) - {"on_error"}
    assert named <= set(PROBLEMS)
    errors, warnings = rows.split("Warnings:")
    assert set(re.findall(r"`([a-z0-9_]+)`", errors)) == {
        code for code, kind in FAULTS.items() if kind.severity == "error"
    }
    assert set(re.findall(r"`([a-z0-9_]+)`", warnings)) == {
        code for code, kind in FAULTS.items() if kind.severity == "warning"
    }


def test_problem_keeps_its_fields_on_the_way_out_of_a_child() -> None:
    problem = pickle.loads(pickle.dumps(ReadProblem("too_many_rows", "too many", limit=5)))
    assert (problem.code, problem.detail, problem.fields) == ("too_many_rows", "too many", {"limit": 5})
