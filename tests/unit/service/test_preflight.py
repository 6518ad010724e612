"""What is looked at before the start, in /readyz and after a death."""

from pathlib import Path

from observability.preflight import run_probes
from service.preflight import checks
from tests.unit.service.backend_app import environment


def failed(environ: dict[str, str], when: str = "ready") -> set[str]:
    assert when in ("ready", "death")
    return {
        check.name for check in run_probes(checks(environ), "death" if when == "death" else "ready") if not check.ok
    }


def test_a_good_environment_passes_all(tmp_path: Path) -> None:
    assert failed(environment(tmp_path)) == set()
    assert failed(environment(tmp_path), "death") == set()


def test_every_failure_is_found_at_once(tmp_path: Path) -> None:
    env = environment(tmp_path) | {
        "UPLOAD_DIR": "",
        "DOWNLOAD_DIR": str(tmp_path / "nowhere"),
        "DATABASE_URL": f"sqlite:///{tmp_path}/no/such/dir/jobs.sqlite",
        "WORKERS": "many",
        "LOG_LEVEL": "loud",
    }
    assert failed(env) >= {"UPLOAD_DIR", "DOWNLOAD_DIR", "settings"}
    settings = next(check for check in run_probes(checks(env), "ready") if check.name == "settings")
    assert "WORKERS=many" in settings.what
    assert "LOG_LEVEL=loud" in settings.what
    database = next(check for check in run_probes(checks(env), "ready") if check.what.startswith("DATABASE_URL"))
    assert not database.ok


def test_the_port_is_looked_at_before_the_start_only(tmp_path: Path) -> None:
    probes = {probe.name: probe.moments for probe in checks(environment(tmp_path))}
    assert probes["port"] == {"start"}
    assert probes["imports of children"] == {"death"}, "the backend never loads what its children need"


def test_a_logo_that_cannot_be_drawn_is_found_before_the_first_label(tmp_path: Path) -> None:
    env = environment(tmp_path) | {"LOGO_FILE": str(tmp_path / "logo.png")}
    (tmp_path / "logo.png").write_bytes(b"GIF89a")
    (check,) = [check for check in run_probes(checks(env), "start") if check.name == "LOGO_FILE"]
    assert not check.ok
    assert "not a PNG" in check.found
    assert "LOGO_FILE" in check.remedy
    assert "LOGO_FILE" not in {probe.name for probe in checks(environment(tmp_path))}
