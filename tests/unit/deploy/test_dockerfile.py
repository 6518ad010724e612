"""deploy/Dockerfile, read: there is no Docker where tests run. What its venv starts is tried by tests/e2e/test_wheel.py."""

import json
import re
import tomllib

from tests.compose import ROOT

TEXT = (ROOT / "deploy/Dockerfile").read_text("utf-8").replace("\\\n", " ")
STAGES: dict[str, str] = dict(re.findall(r"^FROM \S+ AS (\w+)\n(.*?)(?=^FROM |\Z)", TEXT, re.M | re.S))


def _last(stage: str, word: str) -> str:
    return [line.removeprefix(f"{word} ") for line in STAGES[stage].splitlines() if line.startswith(f"{word} ")][-1]


def test_everything_that_is_copied_exists() -> None:
    copies = [line.split()[1:-1] for line in TEXT.splitlines() if line.startswith("COPY ") and "--from=" not in line]
    names = [name for copy in copies for name in copy if not name.startswith("--")]
    assert len(names) > 8
    assert [name for name in names if not (ROOT / name).exists()] == []


def test_each_library_is_installed_by_its_hash() -> None:
    assert "--require-hashes -r requirements.lock" in STAGES["build"]
    lock = (ROOT / "requirements.lock").read_text("utf-8").replace("\\\n", " ")
    entries = [line for line in lock.splitlines() if re.match(r"[a-z0-9]", line)]
    assert len(entries) > 20
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_both_images_run_as_nobody_in_particular_and_say_whether_they_are_well() -> None:
    for stage in ("app", "front"):
        assert int(_last(stage, "USER").partition(":")[0]) > 0
        assert " CMD [" in _last(stage, "HEALTHCHECK")


def test_pid_1_is_a_script_of_the_project_that_gets_the_signal() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    (entry,) = json.loads(_last("app", "ENTRYPOINT"))  # a list: no shell stands between the signal and it
    assert entry in scripts
    assert json.loads(_last("app", "CMD"))[0] == "supervise"
    assert _last("app", "STOPSIGNAL") == "SIGTERM"
    assert f"deploy/nginx/{json.loads(_last('front', 'ENTRYPOINT'))[0]}" in STAGES["front"]
