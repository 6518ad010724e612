"""The upload contract, sentence by sentence: files in, answers as text out (see answer.py for how an answer is written)."""

import pytest

pytest.register_assert_rewrite("tests.unit.service.uploads.contract.answer")
