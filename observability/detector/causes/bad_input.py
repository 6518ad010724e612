"""bad_input: what somebody sent cannot be read or kept; the code did not expect it."""

from observability.detector.causes.facts import Facts
from observability.detector.causes.signs import sign, strongest, told, where
from observability.detector.incidents import Cause

_SIGNS = (
    sign(
        0.90,
        "IllegalCharacterError BadZipFile BadZipfile InvalidFileException UnidentifiedImageError LayoutError "
        "DecompressionBombError LargeZipFile",
    ),
    sign(
        0.88,
        "XLRDError CompDocError ParserError EmptyDataError BadGzipFile ReadError PdfReadError PdfStreamError "
        "XMLSyntaxError ExpatError CorruptFileError",
    ),
    sign(
        0.88,
        "IntegrityError DataError UniqueViolation ForeignKeyViolation NotNullViolation CheckViolation "
        "StringDataRightTruncation DuplicateKeyError UniqueViolationError ForeignKeyViolationError "
        "NotNullViolationError",
    ),
    sign(0.86, "UnicodeDecodeError UnicodeEncodeError"),
    sign(
        0.86,
        "InvalidDimensions IllegalCharacter BarcodeError NumberOfDigitsError WrongCountryCodeError "
        "BarcodeNotFoundError InvalidOperation",
    ),
    sign(
        0.84,
        "ValidationError RequestValidationError BadRequestKeyError PayloadError",
        never=r"for \w*(?:Settings|Config|Env)\b",
    ),
    sign(
        0.82,
        "JSONDecodeError Error ParseError",
        message=r"expecting value|expecting property|extra data|unterminated string|delimiter|incorrect padding"
        r"|line contains nul|not well-formed|no element found|invalid control character|field larger than",
    ),
    sign(
        0.84,
        "ValueError",
        message=r"invalid literal for int|could not convert string to float|isoformat|time data .* does not match"
        r"|day is out of range|month must be|unconverted data remains|unknown string format|invalid (?:date|number"
        r"|email|url|base64)|embedded null|not a valid (?:xls|zip|image|date)",
    ),
    sign(
        0.84,
        message=r"file is not a zip file|does not look like a|image file is truncated|cannot identify image file"
        r"|not a (?:valid )?(?:xlsx|excel|zip|pdf|png|jpeg)|unsupported format, or corrupt file"
        r"|cannot be used in worksheets|too large on page",
    ),
    sign(0.82, "KeyError", message=r"there is no item named|worksheet .* does not exist"),
    sign(
        0.80,
        "error",
        message=r"incorrect header check|invalid (?:block|stored|distance)|unpack requires|error -3 while decompressing",
    ),
)


def bad_input(facts: Facts) -> Cause | None:
    """Return the cause, or None. KeyError on request data is programming_error: the code has to expect it."""
    hit = strongest(facts, _SIGNS)
    if hit is None:
        return None
    request = next((signal.ids.request_id for signal in facts.signals if signal.ids.request_id), None)
    find = (
        f"grep -h {request} ${{LOGS_DIR:-var/logs}}/*.log | head"
        if request
        else "grep -h request_id ${LOGS_DIR:-var/logs}/backend.log | tail -3"
    )
    return Cause(
        code="bad_input",
        summary=f"The input cannot be used{where(hit.raised)}: {told(hit.raised)}",
        confidence=hit.confidence,
        because=(hit.raised.index,),
        next_steps=(
            find,
            "file UPLOAD  # open the sender's file in a sandbox, then answer it with a clear problem instead of a "
            "crash",
        ),
    )
