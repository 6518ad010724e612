"""A JSON object that holds an exception in parts → the text that Python would have printed."""

from collections.abc import Sequence

from observability.detector.parse.json_entry import Entry


def lambda_report(entry: Entry) -> str | None:
    """AWS Lambda's error object: `errorType`, `errorMessage` and `stackTrace`, a list of frames as text."""
    kind, stack = entry.text("errorType"), entry.fields.get("stackTrace")
    if kind is None or not isinstance(stack, Sequence) or isinstance(stack, str):
        return None
    frames = "\n".join(str(frame).rstrip("\n") for frame in stack)
    return f"Traceback (most recent call last):\n{frames}\n{kind}: {entry.text('errorMessage') or ''}"
