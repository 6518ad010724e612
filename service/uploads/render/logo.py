"""The operator's logo: a PNG file in, its pixels as they stand in a PDF out."""

import zlib
from io import BytesIO
from pathlib import Path
from typing import Final, NamedTuple

from PIL import Image

MAX_BYTES: Final = 1_000_000  # it is in each PDF once, compressed again
MAX_PIXELS: Final = 4_000_000


class Logo(NamedTuple):
    """A picture of `width` × `height` pixels: rows of red, green and blue, deflated."""

    width: int
    height: int
    pixels: bytes


class LogoError(ValueError):
    """The file is no logo that can be printed. `found` says why."""

    def __init__(self, path: Path, found: str) -> None:
        self.path = path
        self.found = found
        super().__init__(f"{path}: {found}")


def load_logo(path: Path) -> Logo:
    """Return the logo, what is transparent in it white as paper. Raises LogoError."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise LogoError(path, f"larger than {MAX_BYTES:,} bytes")
        with Image.open(BytesIO(data), formats=("PNG",)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise LogoError(path, f"{image.width} × {image.height} pixels, more than {MAX_PIXELS:,}")
            shown = image.convert("RGBA")
    except (OSError, SyntaxError, ValueError) as error:  # Pillow raises each of them for a damaged file
        if isinstance(error, LogoError):
            raise
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a PNG that can be read"
        raise LogoError(path, reason) from None
    paper = Image.new("RGB", shown.size, "white")
    paper.paste(shown, mask=shown.getchannel("A"))
    return Logo(*shown.size, zlib.compress(paper.tobytes(), 9))
