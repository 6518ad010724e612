"""The public face of the package: what it lists is there, and nothing else is meant for others."""

import observability.detector.parse as face


def test_everything_listed_is_there_and_explained() -> None:
    assert [name for name in face.__all__ if not getattr(face, name).__doc__] == []


def test_the_words_for_others_are_these() -> None:
    assert set(face.__all__) == {"Pending", "fields_of", "flush", "parse_text", "step"}
