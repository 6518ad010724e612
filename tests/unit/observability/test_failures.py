"""An exception as fields, whatever the exception does."""

import pytest

from observability.failures import exception_fields, fingerprint_of, qualified_name


class _MuteError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no")


def raised(error: BaseException) -> BaseException:
    try:
        raise error
    except BaseException as caught:  # noqa: BLE001 — any will do
        return caught


NAMES: dict[str, tuple[type[BaseException], str]] = {
    "a builtin has no module": (ValueError, "ValueError"),
    "others are named as a traceback prints them": (_MuteError, f"{__name__}._MuteError"),
    "groups": (ExceptionGroup, "ExceptionGroup"),
}


@pytest.mark.parametrize(("kind", "name"), NAMES.values(), ids=NAMES)
def test_types_are_named_as_printed(kind: type[BaseException], name: str) -> None:
    assert qualified_name(kind) == name


def test_an_exception_that_cannot_be_printed_is_told_all_the_same() -> None:
    fields = exception_fields(raised(_MuteError()))
    assert fields["exception.message"] == "<RuntimeError in __str__>"
    assert "_MuteError" in str(fields["exception.stacktrace"])


def test_the_chain_is_part_of_the_trace() -> None:
    try:
        try:
            raise KeyError("inner")
        except KeyError as inner:
            raise ValueError("outer") from inner
    except ValueError as error:
        trace = str(exception_fields(error)["exception.stacktrace"])
    assert trace.index("KeyError: 'inner'") < trace.index("direct cause") < trace.index("ValueError: outer")


def test_of_a_very_long_trace_both_ends_are_kept() -> None:
    trace = str(exception_fields(raised(ValueError("x" * 50_000 + "end")))["exception.stacktrace"])
    assert len(trace) < 20_000
    assert trace.startswith("Traceback")
    assert trace.rstrip().endswith("end")


def test_the_fingerprint_stays_however_far_the_exception_is_thrown() -> None:
    error = raised(ValueError("x"))
    near = fingerprint_of(error)
    assert near is not None
    assert fingerprint_of(raised(error)) == near == exception_fields(error)["fingerprint"]
