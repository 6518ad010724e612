"""programming_error: the code is wrong for what it met."""

import re

from observability.detector.causes.facts import Facts
from observability.detector.causes.signs import Hit, sign, strongest, told
from observability.detector.incidents import Cause

_SIGNS = (
    sign(
        0.82,
        "SyntaxError IndentationError TabError NameError UnboundLocalError AttributeError TypeError "
        "RecursionError ZeroDivisionError IndexError NotImplementedError",
    ),
    sign(
        0.80,
        "UndefinedError TemplateSyntaxError TemplateAssertionError TemplateRuntimeError BuildError "
        "NoReverseMatch FieldError AppRegistryNotReady DetachedInstanceError MissingGreenlet InvalidRequestError "
        "PendingRollbackError ObjectNotExecutableError",
    ),
    sign(
        0.78,
        "KeyError AssertionError StopIteration StopAsyncIteration UnsupportedOperation PicklingError "
        "FrozenInstanceError InvalidStateError PydanticUserError OverflowError",
    ),
    sign(
        0.76,
        "ProgrammingError PostgresSyntaxError UndefinedFunction DatatypeMismatch InFailedSqlTransaction "
        "ObjectDoesNotExist DoesNotExist MultipleObjectsReturned NoResultFound MultipleResultsFound",
        never=r"does(?:n't| not) exist|no such",
    ),
    sign(
        0.60, "SystemError ValueError RuntimeError LookupError BufferError ArithmeticError UnicodeError RuntimeWarning"
    ),
    sign(0.30, "ExceptionGroup BaseExceptionGroup Exception"),
)

_LIBRARY = re.compile(r"(?:site|dist)-packages|/lib(?:64)?/python|\\lib\\|^<frozen|\.pyx$", re.I)
# Ends that are asked for, and answers of others: no type of ours
_NOT_OURS = re.compile(
    r"^(?:KeyboardInterrupt|SystemExit|.*Shutdown|HTTP\w*|ClientError|NotFound|\w*Lost\w*|OSError|IOError|error|ProcessLookupError|ChildProcessError)$"
)


def programming_error(facts: Facts) -> Cause | None:
    """Return the cause, or None. Types that say little (ValueError, RuntimeError) make it a weak one: others know better."""
    hits = [found for found in (strongest(facts, _SIGNS), _unforeseen(facts)) if found]
    if not hits:
        return None
    hit = max(hits, key=lambda found: found.confidence)
    inner = hit.raised.innermost
    own = next(
        (f for f in reversed(hit.raised.frames) if "site-packages" not in f.file and "/lib/python" not in f.file), inner
    )
    at = f" at {own.file}:{own.line} in {own.function}" if own else ""
    look = (
        f"sed -n '{max((own.line or 1) - 5, 1)},{(own.line or 1) + 5}p' {own.file}" if own else "git log --oneline -5"
    )
    return Cause(
        code="programming_error",
        summary=f"{told(hit.raised)}{at}",
        confidence=hit.confidence,
        because=(hit.raised.index,),
        next_steps=(
            look,
            "git log --oneline -5  # what changed last",
            "# roll back if it came with the running release",
        ),
    )


def _unforeseen(facts: Facts) -> Hit | None:
    """A type of somebody's own, raised in own code, that nobody caught: it was not meant to reach the top."""
    handled = {index for index, traceback in facts.tracebacks if traceback.handled}
    for raised in facts.raised:
        inner = raised.innermost
        own = raised.type and inner is not None and not _LIBRARY.search(inner.file)
        if own and raised.index not in handled and not _NOT_OURS.match(raised.name):
            return Hit(raised, 0.5 * raised.weight)
    return None
