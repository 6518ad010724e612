"""nginx's configuration is made of the addresses, directories and limits of this start, and of nothing else."""

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from service.front import Front, UnusableDirectory, nginx_conf

TEMPLATE = (Path(__file__).parents[3] / "service/nginx.conf.template").read_text("utf-8")
FRONT = Front(
    state_dir=Path("/srv/barwatch"),
    logs_dir=Path("/srv/barwatch/logs"),
    front_addr="127.0.0.1:8080",
    backend_addr="127.0.0.1:8034",
    detector_addr="127.0.0.1:8035",
    max_file_bytes=20_000_000,
    read_timeout_s=75,
    user=None,
)

HOLDS: dict[str, tuple[Front, str]] = {
    "it listens where it was told": (FRONT, r"listen 127\.0\.0\.1:8080;"),
    "a body may be as large as a file and the words around it": (FRONT, r"client_max_body_size 21m;"),
    "the problem of a large file names the limit of the backend": (FRONT, r'"limit":20000000'),
    "the access log is where the detector reads it": (FRONT, r'access_log "/srv/barwatch/logs/access\.log" barwatch;'),
    "workers of a root nginx use the account of the caller": (replace(FRONT, user="labels"), r"(?m)^user labels;"),
    "an nginx that is not root is told no account": (FRONT, r"worker_processes 2;\n\n"),
    "a blank in a directory stays part of its name": (
        replace(FRONT, logs_dir=Path("/srv/my logs")),
        r'"/srv/my logs/access\.log"',
    ),
}


@pytest.mark.parametrize(("front", "pattern"), HOLDS.values(), ids=HOLDS)
def test_configuration_follows_from_the_settings(front: Front, pattern: str) -> None:
    assert re.search(pattern, nginx_conf(TEMPLATE, front))


def test_access_log_has_every_field_that_the_detector_joins_by() -> None:
    wanted = (
        "msec pid connection connection_requests request_id request status upstream_addr upstream_status upstream_response_time "
        "upstream_header_time upstream_bytes_received request_time request_length client traceparent"
    ).split()
    log_format = re.search(r"log_format barwatch escape=json(.*?);", nginx_conf(TEMPLATE, FRONT), re.S)
    assert log_format is not None
    assert [field for field in wanted if f'"{field}":' not in log_format[1]] == []


def test_a_directory_that_nginx_would_expand_is_refused_by_name() -> None:
    with pytest.raises(UnusableDirectory) as refused:
        nginx_conf(TEMPLATE, replace(FRONT, logs_dir=Path("/srv/$logs")))
    assert refused.value.path == Path("/srv/$logs")


@pytest.mark.e2e
@pytest.mark.parametrize("name", ["plain", "with blank", "semi;colon", "brace{d}", 'quo"te', "#hash"])
def test_nginx_accepts_the_configuration_under_any_directory_name(tmp_path: Path, name: str) -> None:
    state = tmp_path / name
    (state / "nginx").mkdir(parents=True)
    (state / "logs").mkdir()
    conf = state / "nginx" / "nginx.conf"
    conf.write_text(
        nginx_conf(TEMPLATE, replace(FRONT, state_dir=state, logs_dir=state / "logs", front_addr="127.0.0.1:18999"))
    )
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
    assert nginx, "nginx is missing: run deploy/install.sh servers"
    tested = subprocess.run(
        [nginx, "-t", "-q", "-c", conf, "-e", state / "logs" / "error.log"], capture_output=True, text=True, check=False
    )
    assert tested.returncode == 0, tested.stderr
    assert (state / "logs" / "access.log").exists()
