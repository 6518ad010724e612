"""path_not_found: a file, directory or program that should be there is not."""

from observability.detector.causes.facts import Facts
from observability.detector.causes.permission_denied import quoted
from observability.detector.causes.signs import sign, step_of, strongest, told, where
from observability.detector.incidents import Cause

_COMMAND_NOT_FOUND = 127  # POSIX sh
_NO_LIBRARY = r"cannot open shared object file|\.so\b|\.dll\b|libGL"
_SIGNS = (
    sign(0.90, "FileNotFoundError NotADirectoryError", never=_NO_LIBRARY),
    sign(
        0.88,
        "OSError IOError error WindowsError",
        errnos=(2, 3, 20),
        message=r"no such file|not a directory|cannot find|WinError",
        never=_NO_LIBRARY,
    ),
    sign(0.90, message=r"can't open file '[^']+': \[Errno 2\]"),
    sign(
        0.85,
        message=r"(?:^|[:\s])(?:command not found|executable file not found|exit code 127\b|executable .{0,60}(?:not found"
        r"|does(?:n't| not) exist))",
    ),
    sign(0.84, message=r": no such file or directory", never=_NO_LIBRARY),
    sign(0.84, message=r"status=20(?:0/CHDIR|3/EXEC)"),  # systemd.exec(5): no such directory, no such program
    sign(0.75, "IsADirectoryError"),
    sign(0.80, message=r"^cannot open resource"),  # Pillow, for a font
    sign(0.80, "TemplateNotFound TemplateDoesNotExist NoSuchFile MissingFileError"),
    sign(
        0.80,
        message=r"(?:file|directory|folder|path) .{0,120}(?:does not exist|doesn't exist|not found)\b",
        never=r"relation|table|column|_env\b|envvar",
    ),
    sign(
        0.78,
        message=r"wkhtmltopdf|tesseract is not installed|poppler installed|ffmpeg (?:not found|was not found)"
        r"|unable to find (?:the )?executable|is it installed",
    ),
)


def path_not_found(facts: Facts) -> Cause | None:
    """Return the cause, or None. A missing module or library is import_error, a missing variable missing_env."""
    hit = strongest(facts, _SIGNS)
    check = next(iter(facts.checks_for("path_not_found")), None)
    if hit is None:
        return _found_by_exit_or_check(facts)
    path = hit.raised.path
    target = quoted(path)
    return Cause(
        code="path_not_found",
        summary=f"{path or 'A file'} is not there{where(hit.raised)}: {told(hit.raised)}",
        confidence=max(hit.confidence, 0.96 if check else 0.0),
        because=(hit.raised.index, check[0]) if check else (hit.raised.index,),
        next_steps=(f"ls -ld {target} $(dirname {target})", *((step_of(check[1]),) if check else ()), "barwatch check"),
    )


def _found_by_exit_or_check(facts: Facts) -> Cause | None:
    for index, check in facts.checks_for("path_not_found"):
        return Cause(
            "path_not_found", f"{check.what}: {check.found}", 0.92, (index,), (step_of(check), "barwatch check")
        )
    gone = next((i for i, e in facts.exits if e.code == _COMMAND_NOT_FOUND), None)
    if gone is None:
        return None
    return Cause(
        "path_not_found", "The program to start is not there (exit code 127)", 0.8, (gone,), ("command -v PROGRAM",)
    )
