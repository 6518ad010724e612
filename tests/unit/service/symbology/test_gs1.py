"""GS1 element strings: the dictionary as it is read, where FNC1 stands, and every linter on a value that fails it."""

import pytest

from service.symbology import SymbologyError
from service.symbology.gs1 import parse, payload
from service.symbology.gs1_dictionary import identifiers, parse_line
from service.symbology.gs1_linters import LINTERS


def test_the_dictionary_has_every_identifier_that_it_lists() -> None:
    known = identifiers()
    assert len(known) == 541
    assert {"00", "01", "10", "3103", "3105", "99", "8200"} <= known.keys()
    assert "3106" not in known


def test_lengths_that_are_predefined_need_no_fnc1() -> None:
    fixed = {ai[:2] for ai, entry in identifiers().items() if entry.predefined_length}
    # GS1 General Specifications figure 7.8.5-2, as far as identifiers are assigned.
    assert fixed == {*"00 01 02 03 11 12 13 15 16 17 20 31 32 33 34 35 36 41".split()}


def test_a_range_is_all_its_identifiers() -> None:
    entries = list(parse_line("3100-3105  *?  N6    req=01,02 ex=310n   # NET WEIGHT (kg)"))
    assert [entry.ai for entry in entries] == ["3100", "3101", "3102", "3103", "3104", "3105"]
    assert entries[0].title == "NET WEIGHT (kg)"


@pytest.mark.parametrize("line", ["", "# comment", "    req=01"])
def test_other_lines_have_none(line: str) -> None:
    assert list(parse_line(line)) == []


PAYLOADS = {
    "no FNC1 behind a predefined length": ("(01)09506000134352(17)261231", "0109506000134352" + "17261231"),
    "one behind a batch that is not last": ("(10)A1(17)261231", "10A1\x1d17261231"),
    "none behind the last": ("(17)261231(10)A1", "1726123110A1"),
    "brackets in a value stay": ("(10)A(1)", "10A(1)"),
}


@pytest.mark.parametrize(("text", "held"), PAYLOADS.values(), ids=PAYLOADS)
def test_fnc1_stands_where_a_length_is_open(text: str, held: str) -> None:
    assert payload(parse(text)) == held


FAILING = {
    "csum": "09506000134353",
    "csumalpha": "1987654Ad4X4bL5ttr2310cXX",
    "gcppos1": "12A4",
    "gcppos2": "112A4",
    "hasnondigit": "123",
    "hh": "24",
    "hhmi": "2360",
    "hyphen": "x",
    "iban": "DE89370400440532013001",
    "importeridx": "*",
    "iso5218": "3",
    "latitude": "1800000001",
    "longitude": "3600000001",
    "mi": "60",
    "nonzero": "00",
    "nozeroprefix": "01",
    "pcenc": "100%",
    "pieceoftotal": "0302",
    "posinseqslash": "0/2",
    "ss": "60",
    "winding": "2",
    "yesno": "2",
    "yymmd0": "261300",
    "yymmdd": "260200",
    "yyyymmdd": "19000229",
    "zero": "1",
}
PASSING = {
    "csum": "09506000134352",
    "csumalpha": "1987654Ad4X4bL5ttr2310c2K",
    "gcppos1": "1234X",
    "gcppos2": "X1234",
    "hasnondigit": "12A",
    "hh": "23",
    "hhmi": "2359",
    "hyphen": "-",
    "iban": "DE89370400440532013000",
    "importeridx": "_",
    "iso5218": "9",
    "latitude": "1800000000",
    "longitude": "3600000000",
    "mi": "59",
    "nonzero": "01",
    "nozeroprefix": "0",
    "pcenc": "100%25",
    "pieceoftotal": "0202",
    "posinseqslash": "1/2",
    "ss": "59",
    "winding": "9",
    "yesno": "1",
    "yymmd0": "000229",
    "yymmdd": "280229",
    "yyyymmdd": "20000229",
    "zero": "0",
}


@pytest.mark.parametrize("name", LINTERS)
def test_every_linter_tells_bad_from_good(name: str) -> None:
    assert LINTERS[name](FAILING[name])
    assert LINTERS[name](PASSING[name]) is None


def test_what_no_linter_is_written_for_are_lists_of_codes_and_coupons() -> None:
    named = {linter for entry in identifiers().values() for part in entry.components for linter in part.linters}
    lists = {"iso3166", "iso3166999", "iso3166alpha2", "iso4217", "mediatype", "packagetype"}
    assert named - LINTERS.keys() == lists | {"couponcode", "couponposoffer"}


@pytest.mark.parametrize(
    "text",
    ["(01)", "(01)0950600013435٢", "(21)é", "(10)\x1d", "(8003)1950600013435", "(7258)1/", "()1", "(1)1", "(12345)1"],
)
def test_any_bad_value_is_told(text: str) -> None:
    with pytest.raises(SymbologyError):
        parse(text)
