"""Environment to settings: everything wrong is said at once."""

from pathlib import Path

import pytest

from observability.config import FIELDS, SettingsError, load_observability


def test_an_empty_environment_is_enough() -> None:
    settings = load_observability({})
    assert (settings.service, settings.log_level, settings.otlp_endpoint, settings.sentry_dsn) == (
        "barwatch",
        "info",
        None,
        None,
    )
    assert settings.version
    assert settings.instance


def test_what_is_set_is_taken() -> None:
    settings = load_observability(
        {
            "SERVICE_NAME": "labels",
            "SERVICE_VERSION": "2.1",
            "INSTANCE": "a-1",
            "LOG_LEVEL": "DEBUG",
            "TRACE_SAMPLE_RATIO": "0.1",
            "STAGE_JOURNAL": "/var/lib/x/stages.journal",
        }
    )
    source = settings.source()
    assert (source.service, source.version, source.instance) == ("labels", "2.1", "a-1")
    assert (settings.log_level, settings.sample_ratio) == ("debug", 0.1)
    assert settings.journal == Path("/var/lib/x/stages.journal")


WRONG: dict[str, tuple[str, str]] = {
    "a level that does not exist": ("LOG_LEVEL", "loud"),
    "an endpoint without a scheme": ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
    "an endpoint with a broken address": ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://[::1"),
    "a share over 1": ("TRACE_SAMPLE_RATIO", "2"),
    "a share that is no number": ("TRACE_SAMPLE_RATIO", "all"),
    "not a number at all": ("TRACE_SAMPLE_RATIO", "nan"),
    "a DSN without a key": ("SENTRY_DSN", "https://sentry.example/1"),
    "a DSN without a project": ("SENTRY_DSN", "https://key@sentry.example"),
}


@pytest.mark.parametrize(("name", "value"), WRONG.values(), ids=WRONG)
def test_a_bad_value_is_named_with_a_remedy(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as raised:
        load_observability({name: value})
    (failure,) = raised.value.failures
    assert failure.what.startswith(name)
    assert failure.remedy


def test_all_bad_values_are_named_in_one_error() -> None:
    with pytest.raises(SettingsError) as raised:
        load_observability({"LOG_LEVEL": "loud", "TRACE_SAMPLE_RATIO": "2", "SENTRY_DSN": "x"})
    assert len(raised.value.failures) == 3
    assert str(raised.value).count("\n") == 2


def test_a_bad_dsn_is_not_repeated_because_it_holds_a_key() -> None:
    with pytest.raises(SettingsError) as raised:
        load_observability({"SENTRY_DSN": "s3cr3t"})
    assert "s3cr3t" not in str(raised.value)


def test_each_field_is_described_once() -> None:
    assert len({field.name for field in FIELDS}) == len(FIELDS)
    assert all(field.meaning for field in FIELDS)
