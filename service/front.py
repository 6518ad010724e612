"""Addresses of the parts and the template → nginx's configuration. Pure."""

from dataclasses import dataclass
from pathlib import Path
from string import Template

MEBIBYTE = 1024 * 1024
# The words of a multipart body around the file: boundaries, headers, the options.
MULTIPART_MARGIN_BYTES = MEBIBYTE


class UnusableDirectory(Exception):
    """nginx expands `$` in the path of an access log and has no escape for it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(
            f"{path}: nginx can't use a directory with '$' in its name. Choose another STATE_DIR or LOGS_DIR."
        )


@dataclass(frozen=True, slots=True)
class Front:
    """What the configuration of nginx is made of."""

    state_dir: Path
    logs_dir: Path
    front_addr: str  # host:port, as the others
    backend_addr: str
    detector_addr: str
    max_file_bytes: int
    read_timeout_s: int
    user: str | None  # the account nginx's workers use; None: nginx is not root and can't choose


class _Conf(Template):
    """`${name}` only: a bare `$name` is a variable of nginx."""

    pattern = r"\$\{(?P<braced>[A-Z_]+)\}|(?P<escaped>(?!))|(?P<named>(?!))|(?P<invalid>(?!))"  # type: ignore[assignment]


def nginx_conf(template: str, front: Front) -> str:
    """Return the configuration. Raises KeyError where the template names what is not known, and UnusableDirectory."""
    return _Conf(template).substitute(
        STATE_DIR=_quoted(front.state_dir),
        LOGS_DIR=_quoted(front.logs_dir),
        FRONT_ADDR=front.front_addr,
        BACKEND_ADDR=front.backend_addr,
        DETECTOR_ADDR=front.detector_addr,
        MAX_FILE_BYTES=str(front.max_file_bytes),
        MAX_BODY_MB=str(-(-(front.max_file_bytes + MULTIPART_MARGIN_BYTES) // MEBIBYTE)),
        READ_TIMEOUT_S=str(front.read_timeout_s),
        USER_DIRECTIVE=f"user {front.user};" if front.user else "",
    )


def _quoted(path: Path) -> str:
    """Return the path as it stands between double quotes. Raises UnusableDirectory for what nginx can't be told literally."""
    if "$" in str(path):
        raise UnusableDirectory(path)
    return str(path).replace("\\", "\\\\").replace('"', '\\"')
