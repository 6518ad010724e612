"""Lines to signals. Pure; never raises, a log may hold anything.

`step(pending, lines, now)` takes lines as they come (`Pending()` is the empty start), `flush` ends them, `parse_text` reads a
paste or a file at once, `fields_of` says what a signal's line said. `clues` and `sieve` find
the lines of a raw chunk of nginx's access log that are worth a look, for whoever has to catch up.
"""

from observability.detector.parse.fields import fields_of
from observability.detector.parse.paste import parse_text
from observability.detector.parse.stream import Pending, flush, step

__all__ = ("Pending", "fields_of", "flush", "parse_text", "step")
