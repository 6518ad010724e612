"""Which encoding a text file is in: bytes in, text out. What cannot be told for sure is told by headers and letters."""

import codecs
import re
from collections import Counter
from typing import Final

from service.uploads.checking.headers import kind_of, languages_of
from service.uploads.problems import ReadProblem

_BOMS: Final[tuple[tuple[bytes, str], ...]] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# The letters beyond ASCII that a language writes. The code page whose languages explain the bytes best is right;
# of equals the first, so that ü or é alone is Western.
_LANGUAGES: Final[tuple[tuple[str, str], ...]] = (
    ("cp1252", "äöüßéèêàáâ"),  # German, with the accents of borrowed words
    ("cp1252", "àâæçéèêëîïôœùûüÿ"),  # French
    ("cp1252", "áéíñóúüçºª¿¡"),  # Spanish
    ("cp1252", "áâãàçéêíóôõúüºª"),  # Portuguese
    ("cp1252", "àèéìíîòóùú"),  # Italian
    ("cp1252", "åäöæøéèü"),  # Scandinavian, Finnish
    ("cp1252", "áðéíóúýþæö"),  # Icelandic
    ("cp1250", "ąćęłńóśźż"),  # Polish
    ("cp1250", "áčďéěíňóřšťúůýžäľĺôŕ"),  # Czech, Slovak
    ("cp1250", "áéíóöőúüű"),  # Hungarian
    ("cp1250", "čćđšž"),  # Croatian, Slovenian
    ("cp1250", "ăâîșțşţ"),  # Romanian
    ("cp1251", "абвгдежзийклмнопрстуфхцчшщъыьэюяё"),  # Russian, Bulgarian
    ("cp1251", "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя"),  # Ukrainian
    ("cp1251", "абвгдђежзијклљмнњопрстћуфхцчџшѓѕќ"),  # Serbian, Macedonian
)
# Pages that only a header proves: no list of ours tells their languages by letters alone.
_PROVEN_ONLY: Final = ("cp1254", "cp1253", "cp1255", "cp1256")
_PAGES: Final = (*dict.fromkeys(page for page, _ in _LANGUAGES), *_PROVEN_ONLY)
_PAGE_OF: Final = {  # languages of the names of columns
    **dict.fromkeys(("pl", "cs", "hu", "ro"), "cp1250"),
    **dict.fromkeys(("ru", "uk"), "cp1251"),
    **dict.fromkeys(("de", "fr", "es", "it", "pt", "nl", "sv", "da_no", "fi"), "cp1252"),
}
_FIELD: Final = re.compile(rb'[^;,\t|\r\n"]+')
_HEAD_BYTES: Final = 8_192  # where the header is looked for
# Letters in words: a sign that stands alone (½, £, Ø) or behind a measure (m², m³) is another letter in each page.
_WORD: Final = re.compile(rb"[A-Za-z\x80-\xff]{2,}")
_MEASURE: Final = re.compile(rb"(?<![A-Za-z\x80-\xff])[cdk]?m[\xb2\xb3](?![A-Za-z\x80-\xff])")
_HIGH: Final = re.compile(rb"[\x80-\xff]+")
# € … „ “ ” ‚ ‘ ’ – — • ™ ‰ NBSP § © « ® ° ± µ ¶ · »: the same places in all three code pages, so they tell nothing.
_COMMON: Final = bytes.fromhex(
    "80 81 82 83 84 85 86 87 89 8b 91 92 93 94 95 96 97 98 99 9b a0 a6 a7 a9 ab ac ad ae b0 b1 b5 b6 b7 bb"
)
_NO_LETTERS: Final = bytes(32 if byte in _COMMON else byte for byte in range(256))
_SAMPLE_BYTES: Final = 200_000


def decoded(data: bytes) -> str:
    """Return the text. Raises ReadProblem where the bytes are none of the encodings of UPLOADS.md section 1."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _strictly(data[len(mark) :], encoding)
    if (wide := _wide(data)) is not None:
        return _strictly(data, wide)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode(code_page(data), "replace")


def code_page(data: bytes) -> str:
    """Return the Windows code page that a text without Unicode is in: the one that makes names of columns of the first
    fields, Ilość and not Iloœæ; of equals the one whose languages explain the letters best, then the one in whose
    languages the columns are named.
    """
    fields = _FIELD.findall(data[:_HEAD_BYTES])
    named = {page: _names(fields, page) for page in _PAGES}
    most = max(named.values())
    high = _letters(data[:_SAMPLE_BYTES])
    hints = _hints(fields)
    scores = [(_score(high, page, letters), hints[page], page) for page, letters in _LANGUAGES if named[page] == most]
    if not scores:
        return next(page for page in _PAGES if named[page] == most)
    return max(scores, key=lambda score: score[:2])[2]


def _letters(data: bytes) -> bytes:
    """Return the bytes beyond ASCII that stand for letters."""
    words = _WORD.findall(_MEASURE.sub(b" ", data.translate(_NO_LETTERS)))
    return b"".join(high for word in words for high in _HIGH.findall(word))


def _names(fields: list[bytes], page: str) -> int:
    """Return how many fields beyond ASCII name a column in this page."""
    return sum(not field.isascii() and kind_of(field.decode(page, "replace")) is not None for field in fields)


def _hints(fields: list[bytes]) -> Counter[str]:
    """Return how many fields of ASCII name a column in the languages of each page."""
    words = (languages_of(field.decode("ascii")) for field in fields if field.isascii())
    return Counter(page for languages in words for page in {_PAGE_OF[name] for name in languages if name in _PAGE_OF})


def _score(high: bytes, page: str, letters: str) -> float:
    text = high.decode(page, "replace").lower()
    return sum(ch in letters for ch in text) / len(text) if text else 0.0


def _wide(data: bytes) -> str | None:
    """Return which UTF-16 a text without a mark is in: every second byte of digits and Latin letters is 0."""
    head = data[:4096]
    half = len(head) // 2
    if half and head[1::2].count(0) > half * 0.6:
        return "utf-16-le"
    return "utf-16-be" if half and head[::2].count(0) > half * 0.6 else None


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ReadProblem("corrupt_file", f"The text breaks off or is damaged ({error})") from None
