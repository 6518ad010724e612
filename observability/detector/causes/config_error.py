"""config_error: a setting is there but wrong, or a port is taken."""

import re

from observability.detector.causes.facts import Facts
from observability.detector.causes.signs import sign, step_of, strongest, told, where
from observability.detector.incidents import Cause

_SIGNS = (
    # EADDRINUSE 98 (48 macOS, 10048 Windows), EADDRNOTAVAIL 99 (49, 10049)
    sign(0.95, errnos=(98, 48, 10048, 99, 49, 10049), message=r"address|bind|Errno"),
    sign(
        0.95,
        message=r"address already in use|only one usage of each socket address|cannot assign requested address"
        r"|port \d+ is (?:already )?(?:in use|allocated)|connection in use:",
    ),
    sign(
        0.84, message=r"status=2\d\d/(?:USER|GROUP|STDIN|STDOUT|STDERR|NAMESPACE|CAPABILITIES|CREDENTIALS)"
    ),  # systemd.exec(5)
    sign(0.84, "SMTPAuthenticationError"),
    sign(0.90, message=r"'\$\{?\w+\}?'"),  # a variable that nobody expanded
    sign(0.92, "ValidationError", message=r"for \w*(?:Settings|Config|Env)\b"),
    sign(
        0.92,
        "EnvValidationError ConfigurationError ConfigError InvalidConfig BadConfig ConfigException InvalidURL "
        "SettingsError NoSuchModuleError DisallowedHost",
    ),
    sign(0.90, "ImproperlyConfigured", never=r"no module named|error loading"),
    sign(
        0.90,
        message=r"attribute \"?\w+\"? not found in module|failed to find attribute|could not parse (?:sqlalchemy"
        r"|rfc1738) url|could not parse .{0,20}url from",
    ),
    sign(
        0.90,
        "NoSectionError NoOptionError DuplicateOptionError MissingSectionHeaderError ParsingError "
        "InterpolationError TOMLDecodeError ScannerError",
    ),
    sign(
        0.88,
        message=r"unable to configure (?:handler|formatter|logger|root)|unknown level:|invalid (?:log level|port"
        r"|configuration)|port must be|no such option|unrecognized arguments"
        r"|error: the following arguments are required",
    ),
    sign(
        0.90, "JSONDecodeError ParserError YAMLError", module=r"conf(?:ig)?(?:uration)?[/.]|config\w*\.py|settings\.py"
    ),
    sign(
        0.86,
        message=r"invalid value for .{0,40}(?:environment|setting|variable)|(?:setting|option"
        r"|configuration)\b.{0,60}\b(?:invalid|not valid|unknown|must be)",
    ),
    sign(0.84, "NoCredentialsError PartialCredentialsError NoRegionError DefaultCredentialsError"),
)
_PORT = re.compile(r"(?:port |:|, )(\d{2,5})\b")


def config_error(facts: Facts) -> Cause | None:
    """Return the cause, or None. A variable that is absent is missing_env, which then knows it better."""
    for index, check in facts.checks_for("config_error"):
        return Cause("config_error", f"{check.what}: {check.found}", 0.93, (index,), (step_of(check), "barwatch check"))
    hit = strongest(facts, _SIGNS)
    if hit is None:
        return None
    port = _PORT.search(hit.raised.message)
    in_use = "use" in hit.raised.message.lower() or "socket address" in hit.raised.message
    look = f"ss -ltnp 'sport = :{port[1]}'" if port and in_use else "ss -ltnp" if in_use else "barwatch check"
    return Cause(
        code="config_error",
        summary=f"A setting is wrong{where(hit.raised)}: {told(hit.raised)}",
        confidence=hit.confidence,
        because=(hit.raised.index,),
        next_steps=(look, "barwatch check") if in_use else ("barwatch check", "env | sort  # of the backend's process"),
    )
