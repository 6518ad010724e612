"""docker-compose.yml: valid by Compose's own schema, and no service with more than it needs."""

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from service.config import FIELDS as SERVICE_FIELDS
from tests.compose import FILE, ROOT, SECRETS, Missing, interpolated, made_secrets, services, variables, whole

SERVICES = services()
MIB = {"m": 1, "g": 1024}
CORE = {"secrets", "front", "backend", "detector"}
# What a service has beyond a network of its own: the whole list.
MOUNTS_WRITABLE = {
    "front": {"front-state", "front-logs"},
    "backend": {"backend-state", "backend-logs"},
    "detector": {"detector-state", "detector-logs"},
    "prometheus": {"prometheus-data"},
    "alertmanager": {"alertmanager-data"},
    "loki": {"loki-data"},
    "alloy": {"alloy-data"},
    "tempo": {"tempo-data"},
    "grafana": {"grafana-data"},
    "bugsink": {"bugsink-data"},
}
NETWORKS = {
    "front": {"edge"},
    "backend": {"edge", "inner"},
    "detector": {"edge", "inner"},
    "prometheus": {"inner"},
    "alertmanager": {"edge", "inner"},
    "loki": {"inner"},
    "alloy": {"inner"},
    "tempo": {"inner"},
    "grafana": {"edge", "inner"},
    "bugsink": {"edge"},
}


def each(names: set[str] | None = None) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("name", sorted(names or set(SERVICES)))


def test_it_is_valid_by_the_schema_of_the_compose_specification() -> None:
    schema = json.loads((ROOT / "tests/schemas/compose-spec.json").read_text("utf-8"))
    errors = [f"{'/'.join(map(str, e.path))}: {e.message}" for e in Draft202012Validator(schema).iter_errors(whole())]
    assert errors == []


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("value", [None, ""], ids=["not set", "empty"])
def test_it_refuses_to_start_without_a_secret(secret: str, value: str | None) -> None:
    environ = made_secrets() | {secret: value or ""}
    if value is None:
        del environ[secret]
    with pytest.raises(Missing, match=f"{secret}: run `make stack`"):
        whole(environ)


def test_nothing_starts_before_the_secrets_are_checked() -> None:
    assert SERVICES["secrets"]["entrypoint"] == ["secrets.sh", "check"]
    assert set(SERVICES["secrets"]["environment"]) == set(SECRETS)
    waiting = {name for name, one in SERVICES.items() if "secrets" in one.get("depends_on", {})}
    behind = {name for name, one in SERVICES.items() if set(one.get("depends_on", {})) & waiting}
    assert waiting | behind | {"secrets"} == set(SERVICES)
    assert {SERVICES[name]["depends_on"]["secrets"]["condition"] for name in waiting} == {
        "service_completed_successfully"
    }


def test_no_secret_has_a_default() -> None:
    text = FILE.read_text("utf-8")
    assert not re.findall(rf"\$\{{(?:{'|'.join(SECRETS)}):?-[^}}]", text)
    assert not re.search(r"^ +[A-Z_]*(?:PASSWORD|SECRET|TOKEN|_KEY)[A-Z_]*: (?!\$\{)", text, re.M)


@each()
def test_its_image_is_pinned(name: str) -> None:
    image = SERVICES[name]["image"]
    assert re.fullmatch(r"[a-z./-]+:v?\d+\.\d+(\.\d+)?[a-z0-9.-]*", image), image


def test_the_images_of_the_dockerfile_are_pinned() -> None:
    bases = re.findall(r"^FROM (\S+)", (ROOT / "deploy/Dockerfile").read_text("utf-8"), re.M)
    assert bases
    assert all(re.fullmatch(r"[a-z./-]+:\d+\.\d+\.\d+[a-z0-9.-]*", base) for base in bases)


@each()
def test_it_has_the_least_rights(name: str) -> None:
    one = SERVICES[name]
    assert one["read_only"] is True
    assert one["cap_drop"] == ["ALL"]
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert 0 < one["pids_limit"] <= 256
    uid = one["user"].partition(":")[0]
    assert uid.isdigit()
    assert uid != "0"
    for never in ("privileged", "cap_add", "devices", "pid", "ipc", "volumes_from", "extends", "group_add"):
        assert never not in one
    assert one.get("network_mode") in (None, "none")


@each(set(NETWORKS))
def test_it_is_in_its_networks_and_writes_to_its_own_volumes_only(name: str) -> None:
    one = SERVICES[name]
    assert set(one["networks"]) == NETWORKS[name]
    parts = [volume.split(":") for volume in one.get("volumes", [])]
    assert {source for source, _, *mode in parts if mode != ["ro"]} == MOUNTS_WRITABLE[name]
    assert not any("docker.sock" in part for volume in parts for part in volume)
    assert not any(source.startswith("/") for source, *_ in parts), "nothing of the host beside this checkout"


def test_only_nginx_is_published_and_on_loopback() -> None:
    published = {name: one["ports"] for name, one in SERVICES.items() if one.get("ports")}
    assert published == {"front": ["127.0.0.1:8080:8080"]}
    assert whole()["networks"]["inner"] == {"internal": True}


@each()
def test_each_path_that_is_mounted_exists_and_each_volume_is_declared(name: str) -> None:
    for volume in SERVICES[name].get("volumes", []):
        source = volume.split(":")[0]
        assert (ROOT / source).exists() if source.startswith(".") else source in whole()["volumes"], volume


def test_each_volume_is_used() -> None:
    mounted = {volume.split(":")[0] for one in SERVICES.values() for volume in one.get("volumes", [])}
    assert set(whole()["volumes"]) == {source for source in mounted if not source.startswith(".")}


def test_memory_adds_up() -> None:
    limits = {name: _mib(one["mem_limit"]) for name, one in SERVICES.items()}
    assert set(limits) == set(SERVICES)
    assert sum(limits.values()) <= 4096
    assert sum(_mib(SERVICES[name].get("mem_reservation", "0m")) for name in CORE) <= 300


def test_a_child_fits_beside_the_backend() -> None:
    backend = SERVICES["backend"]
    children = int(backend["environment"]["WORKERS"]) * int(backend["environment"]["WORKER_MEMORY_MB"])
    assert children + 256 <= _mib(backend["mem_limit"])


def test_profiles() -> None:
    assert {name for name, one in SERVICES.items() if "core" in one["profiles"]} == CORE
    assert all("full" in one["profiles"] for one in SERVICES.values())


@each(set(SERVICES) - {"secrets", "backend", "detector"})
def test_each_server_says_whether_it_is_well(name: str) -> None:
    if name == "front":
        assert "HEALTHCHECK" in (ROOT / "deploy/Dockerfile").read_text("utf-8").partition(" AS front")[2]
        return
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"


def test_start_waits_for_health() -> None:
    waits = [
        (name, other, how["condition"])
        for name, one in SERVICES.items()
        for other, how in one.get("depends_on", {}).items()
    ]
    assert {how for _, other, how in waits if other != "secrets"} == {"service_healthy"}
    assert ("front", "backend", "service_healthy") in waits


def test_every_variable_is_documented_and_every_documented_one_is_used() -> None:
    documented = set(re.findall(r"^\| `([A-Z0-9_]+)` \|", (ROOT / "docs/stack.md").read_text("utf-8"), re.M))
    assert documented == variables(FILE.read_text("utf-8")) | {"COMPOSE_PROFILES"}


def test_limits_are_in_step_between_nginx_and_backend() -> None:
    front, backend = SERVICES["front"]["environment"], SERVICES["backend"]["environment"]
    defaults = {field.name: field.default for field in SERVICE_FIELDS}
    for name in ("MAX_FILE_MB", "READ_TIMEOUT_S"):
        assert front[name] == backend[name]
        assert str(front[name]) == defaults[name]


def test_addresses_agree() -> None:
    def address(name: str) -> str:
        return str(SERVICES[name]["networks"]["edge"]["ipv4_address"])

    front = SERVICES["front"]["environment"]
    assert front["BACKEND_ADDR"] == SERVICES["backend"]["environment"]["BACKEND_ADDR"] == f"{address('backend')}:8034"
    assert f"--address={front['BACKEND_ADDR']}" in SERVICES["backend"]["command"]
    assert front["DETECTOR_ADDR"] == f"{address('detector')}:8035"
    assert front["GRAFANA_ADDR"] == f"{address('grafana')}:3000"
    assert front["BUGSINK_ADDR"] == f"{address('bugsink')}:8000"
    assert SERVICES["grafana"]["environment"]["GF_AUTH_PROXY_WHITELIST"] == address("front")
    assert address("bugsink") in SERVICES["backend"]["environment"]["SENTRY_DSN"]
    assert address("backend") in (ROOT / "deploy/prometheus/targets/backend.yml").read_text("utf-8")


def test_the_detector_follows_what_the_others_write() -> None:
    followed = [Path(path) for path in SERVICES["detector"]["environment"]["LOG_FILES"].split(",")]
    mounted = {Path(volume.split(":")[1]) for volume in SERVICES["detector"]["volumes"]}
    assert {path.parent for path in followed} <= mounted
    assert Path(SERVICES["front"]["environment"]["LOGS_DIR"]) in {path.parent for path in followed}
    assert "--log=/var/log/barwatch/backend.log" in SERVICES["backend"]["command"]


def test_variables_are_filled_in_as_compose_does() -> None:
    table = {
        "${A:-x}": "x", "${A-x}": "", "${B:-x}": "b", "${B-x}": "b", "${C:-x}": "x", "${C-${B:-y}}": "b", "$${B}": "${B}",
        "${C-http://h/?q={request_id}}": "http://h/?q={request_id}",
    }  # fmt: skip
    assert {text: interpolated(text, {"A": "", "B": "b"}) for text in table if "$$" not in text} == {
        text: value for text, value in table.items() if "$$" not in text
    }


def _mib(value: str) -> int:
    return int(value[:-1]) * MIB[value[-1]]
