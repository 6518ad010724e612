"""What a person would check over SSH, as code: probes in, `Check`s out, each with what was found and a remedy (DESIGN section 9).

A service passes its own list: `def checks(environ: Mapping[str, str]) -> Sequence[Probe]`, named as "service.preflight:checks".
"""

from observability.preflight.diagnosis import Diagnosis
from observability.preflight.directories import directory, file, room
from observability.preflight.lives import lives
from observability.preflight.memory import memory
from observability.preflight.probes import PreflightFailed, Probe, When, log_checks, refuse_failures, run_probes
from observability.preflight.reach import database, importable, port_free, setting

__all__ = [
    "Diagnosis",
    "PreflightFailed",
    "Probe",
    "When",
    "database",
    "directory",
    "file",
    "importable",
    "lives",
    "log_checks",
    "memory",
    "port_free",
    "refuse_failures",
    "room",
    "run_probes",
    "setting",
]
