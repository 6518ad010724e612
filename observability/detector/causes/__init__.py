"""Evidence in, conclusion out: the rules, one a file, none of which knows another. The surest wins, wherever it stands."""

from observability.detector.causes.asyncio_cancel import asyncio_cancel
from observability.detector.causes.bad_input import bad_input
from observability.detector.causes.conclusion import Conclusion, Rule, conclude_by, runbook_of
from observability.detector.causes.config_error import config_error
from observability.detector.causes.db_connection import db_connection
from observability.detector.causes.dependency_timeout import dependency_timeout
from observability.detector.causes.deploy import deploy
from observability.detector.causes.disk_full import disk_full
from observability.detector.causes.facts import Facts
from observability.detector.causes.import_error import import_error
from observability.detector.causes.killed import killed
from observability.detector.causes.missing_env import missing_env
from observability.detector.causes.network import network
from observability.detector.causes.other import other
from observability.detector.causes.out_of_memory import out_of_memory
from observability.detector.causes.path_not_found import path_not_found
from observability.detector.causes.permission_denied import permission_denied
from observability.detector.causes.programming_error import programming_error
from observability.detector.causes.segfault import segfault
from observability.detector.causes.slow_upstream import slow_upstream

RULES: tuple[Rule, ...] = (
    missing_env,
    permission_denied,
    path_not_found,
    disk_full,
    import_error,
    db_connection,
    out_of_memory,
    segfault,
    killed,
    bad_input,
    dependency_timeout,
    network,
    programming_error,
    asyncio_cancel,
    config_error,
    slow_upstream,
    deploy,
    other,
)
conclude = conclude_by(RULES)

__all__ = ["RULES", "Conclusion", "Facts", "Rule", "conclude", "runbook_of"]
