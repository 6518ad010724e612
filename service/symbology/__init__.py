"""Text in, modules or a clear error out. Pure; one file per family.

encode("ean13", "5901234123457").modules    # "1010001011…"
encode("ean13", "5901234123450")            # SymbologyError: bad_check_digit, suggestion 5901234123457
"""

from service.symbology.digits import check_digit
from service.symbology.ean import upce_to_upca_body
from service.symbology.encoders import SYMBOLOGIES, encode
from service.symbology.names import normalise_name
from service.symbology.symbol import ErrorCode, Rule, Symbol, SymbologyError, SymbologyName

__all__ = [
    "SYMBOLOGIES",
    "ErrorCode",
    "Rule",
    "Symbol",
    "SymbologyError",
    "SymbologyName",
    "check_digit",
    "encode",
    "normalise_name",
    "upce_to_upca_body",
]
