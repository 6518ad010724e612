"""Section 3: the header row, its words in many languages, the code column, and the option `columns`."""

from pathlib import Path

import pytest

from tests.unit.service.uploads.contract.answer import Case, agrees
from tests.unit.service.uploads.contract.files import column, csv, table

EAN, EAN2 = "5901234123457", "4006381333931"
OK = [f"A2 ean13 {EAN}"]
SPELLING: dict[str, Case] = {
    name: (column(header, EAN), [f"@ xlsx Sheet1 1 code=A:{header}", *OK])
    for name, header in {
        "as it is": "EAN",
        "lower case": "ean",
        "with a hyphen": "EAN-13",
        "with a word behind": "EAN Code",
        "two names": "GTIN/EAN",
        "in brackets": "(EAN)",
        "with a colon": "EAN:",
        "with a line break": "EAN\nCode",
        "with blanks around": "  EAN  ",
        "with a no-break space": "EAN\u00a0Code",
        "full-width": "ＥＡＮ",
        "with dots": "E.A.N.",
        "GTIN-14": "GTIN-14",
        "UPC": "UPC Code",
        "ISBN": "ISBN-13",
        "SKU": "SKU",
        "Barcode": "Bar code",
        "Artikelnummer": "Artikel-Nr.",
        "Item number": "Item number",
    }.items()
}
LANGUAGES: dict[str, tuple[str, str, str, str]] = {
    "English": ("Barcode", "Name", "Quantity", "Price"),
    "English, short": ("Article number", "Description", "Qty", "Price"),
    "German": ("Artikelnummer", "Bezeichnung", "Menge", "Preis"),
    "German, Strichcode": ("Strichcode", "Artikelbezeichnung", "Anzahl", "Verkaufspreis"),
    "French": ("Code-barres", "Désignation", "Quantité", "Prix"),
    "French, référence": ("Référence", "Libellé", "Qté", "Prix TTC"),
    "Spanish": ("Código de barras", "Descripción", "Cantidad", "Precio"),
    "Italian": ("Codice a barre", "Descrizione", "Quantità", "Prezzo"),
    "Portuguese": ("Código de barras", "Descrição", "Quantidade", "Preço"),
    "Dutch": ("Streepjescode", "Omschrijving", "Aantal", "Prijs"),
    "Polish": ("Kod kreskowy", "Nazwa", "Ilość", "Cena"),
    "Czech": ("Čárový kód", "Název", "Množství", "Cena"),
    "Slovak": ("Čiarový kód", "Názov", "Množstvo", "Cena"),
    "Russian": ("Штрихкод", "Наименование", "Количество", "Цена"),
    "Russian, article": ("Артикул", "Название", "Кол-во", "Цена"),
    "Ukrainian": ("Штрих-код", "Назва", "Кількість", "Ціна"),
    "Turkish": ("Barkod", "Ürün Adı", "Miktar", "Fiyat"),
    "Swedish": ("Streckkod", "Benämning", "Antal", "Pris"),
    "Danish": ("Stregkode", "Varenavn", "Antal", "Pris"),
    "Norwegian": ("Strekkode", "Varenavn", "Antall", "Pris"),
    "Finnish": ("Viivakoodi", "Nimi", "Määrä", "Hinta"),
    "Hungarian": ("Vonalkód", "Megnevezés", "Mennyiség", "Ár"),
    "Romanian": ("Cod de bare", "Denumire", "Cantitate", "Preț"),
    "Bulgarian": ("Баркод", "Наименование", "Количество", "Цена"),
    "Greek": ("Γραμμωτός κώδικας", "Περιγραφή", "Ποσότητα", "Τιμή"),
    "Chinese": ("条码", "名称", "数量", "价格"),
    "Chinese, goods": ("商品条码", "商品名称", "数量", "单价"),
    "Japanese": ("バーコード", "商品名", "数量", "価格"),
    "Japanese, JAN": ("JANコード", "品名", "数量", "単価"),
    "Korean": ("바코드", "상품명", "수량", "가격"),
    "Arabic": ("باركود", "الاسم", "الكمية", "السعر"),
    "Hebrew": ("ברקוד", "שם", "כמות", "מחיר"),
    "Vietnamese": ("Mã vạch", "Tên sản phẩm", "Số lượng", "Giá"),
}
FOUND: dict[str, Case] = {
    "below a title block": (
        table(("Price list 2026",), (), ("Shop", "Tea & Co"), ("EAN", "Name"), (EAN, "Tea")),
        ["@ xlsx Sheet1 4 code=A:EAN name=B:Name", f"A5 ean13 {EAN}"],
    ),
    "in row 30": (
        table(*(("note", "x"),) * 29, ("EAN", "Name"), (EAN, "Tea")),
        ["@ xlsx Sheet1 30 code=A:EAN name=B:Name", f"A31 ean13 {EAN}"],
    ),
    "in row 31 it is none": (table(*(("note", "x"),) * 30, ("EAN", "Name"), (EAN, "Tea")), ["! header_not_found"]),
    "empty rows count among the thirty": (table(*((),) * 30, ("EAN", "Name"), (EAN, "Tea")), ["! header_not_found"]),
    "the row with the most names": (
        table(("Code",), ("EAN", "Name", "Qty"), (EAN, "Tea", 2)),
        ["@ xlsx Sheet1 2 code=A:EAN name=B:Name quantity=C:Qty", f"A3 ean13 {EAN} x2"],
    ),
    "the first of two equal ones": (
        table(("EAN", "Name"), (EAN, "Tea"), ("EAN", "Name"), (EAN2, "Coffee")),
        [
            "@ xlsx Sheet1 1 code=A:EAN name=B:Name",
            f"A2 ean13 {EAN}",
            "A3 - EAN x0 repeated_header",
            f"A4 ean13 {EAN2}",
        ],
    ),
    "a row without a code column is none": (
        table(("Name", "Quantity", "Price"), ("EAN", "x", "y"), (EAN, 1, 2)),
        ["@ xlsx Sheet1 2 code=A:EAN", f"A3 ean13 {EAN}"],
    ),
    "in any column": (table((None, None, "EAN"), (None, None, EAN)), ["@ xlsx Sheet1 1 code=C:EAN", f"C2 ean13 {EAN}"]),
    "a word in a title is no name": (
        table(("EAN list of our shop", None), ("EAN", "Name"), (EAN, "Tea")),
        ["@ xlsx Sheet1 2 code=A:EAN name=B:Name", f"A3 ean13 {EAN}"],
    ),
    "given by number": (
        table(("EAN", "Name", "Qty"), ("old", "x", 1), ("EAN", "Name", None), (EAN, "Tea", None)),
        {"header_row": 3},
        ["@ xlsx Sheet1 3 code=A:EAN name=B:Name", f"A4 ean13 {EAN}"],
    ),
    "given by number, where it names no code": (
        table(("EAN", "x"), (EAN, "y"), (EAN2, "z")),
        {"header_row": 2},
        ["! header_not_found"],
    ),
    "given by number, beyond the end": (column("EAN", EAN), {"header_row": 99}, ["! header_not_found"]),
    "given by number beyond row 30": (
        table(*(("note",),) * 40, ("EAN",), (EAN,)),
        {"header_row": 41},
        ["@ xlsx Sheet1 41 code=A:EAN", f"A42 ean13 {EAN}"],
    ),
    "given as 0": (column("EAN", EAN), {"header_row": 0}, ["! invalid_options"]),
}
RANKS: dict[str, Case] = {
    "EAN before SKU": (table(("SKU", "EAN"), ("A", EAN)), [f"B2 ean13 {EAN}"]),
    "EAN before barcode": (table(("Barcode", "EAN"), (EAN2, EAN)), [f"B2 ean13 {EAN}"]),
    "barcode before SKU": (table(("SKU", "Barcode"), ("A", EAN)), [f"B2 ean13 {EAN}"]),
    "an empty EAN column gives way": (
        table(("EAN", "SKU"), (None, "A-1"), (None, "A-2")),
        ["B2 code128 A-1", "B3 code128 A-2"],
    ),
    "an EAN column with one value does not": (
        table(("EAN", "SKU"), (EAN, "A-1"), (None, "A-2")),
        [f"A2 ean13 {EAN}"],
    ),
    "two filled of equal rank": (table(("EAN", "GTIN"), (EAN, EAN2)), ["! ambiguous_header"]),
    "two filled neutral ones": (table(("SKU", "Article number"), ("A", "B")), ["! ambiguous_header"]),
    "two of equal rank, one of them empty": (table(("EAN", "GTIN"), (None, EAN2)), [f"B2 ean13 {EAN2}"]),
    "two equal names, one of them empty": (table(("EAN", "EAN"), (EAN, None)), [f"A2 ean13 {EAN}"]),
    "two filled ones below a filled higher one": (table(("SKU", "Code", "EAN"), ("A", "B", EAN)), [f"C2 ean13 {EAN}"]),
    "an error value fills a column": (table(("EAN", "SKU"), ("#N/A", "A-1")), ["A2 error #N/A error_value"]),
    "the option settles it": (table(("EAN", "GTIN"), (EAN, EAN2)), {"columns": {"code": "GTIN"}}, [f"B2 ean13 {EAN2}"]),
}
COLUMNS: dict[str, Case] = {
    "by header": (
        table(("Foo", "Bar x"), (EAN, "Tea")),
        {"columns": {"code": "foo", "name": "BAR X"}},
        ["@ xlsx Sheet1 1 code=A:Foo name=B:Bar x", f"A2 ean13 {EAN}", "~ 2 Tea|"],
    ),
    "an unknown header is neutral": (
        table(("Foo bar",), (36000291453,), ("A",)),
        {"columns": {"code": "Foo bar"}},
        ["A2 code128 36000291453", "A3 code128 A"],
    ),
    "a known header keeps its kind": (
        table(("UPC", "EAN"), (36000291452, EAN)),
        {"columns": {"code": "UPC"}},
        ["A2 upca 36000291452>036000291452 leading_zeros_restored"],
    ),
    "by letter, below a header": (
        table(("EAN", "GTIN"), (EAN, EAN2)),
        {"columns": {"code": "B"}},
        ["@ xlsx Sheet1 1 code=B:GTIN", f"B2 ean13 {EAN2}"],
    ),
    "by letter, without a header": (
        table(("Tea", EAN), ("Coffee", EAN2)),
        {"columns": {"code": "B", "name": "A"}},
        ["@ xlsx Sheet1 None code=B name=A", f"B1 ean13 {EAN}", f"B2 ean13 {EAN2}", "~ 1 Tea|", "~ 2 Coffee|"],
    ),
    "by a small letter": (
        table(("Tea", EAN), ("Coffee", EAN2)),
        {"columns": {"code": "b"}},
        [f"B1 ean13 {EAN}", f"B2 ean13 {EAN2}"],
    ),
    "by number, without a header": (
        table(("Tea", EAN), ("Coffee", EAN2)),
        {"columns": {"code": 2}},
        ["@ xlsx Sheet1 None code=B", f"B1 ean13 {EAN}", f"B2 ean13 {EAN2}"],
    ),
    "a number as text": (
        table(("Tea", EAN), ("Coffee", EAN2)),
        {"columns": {"code": "2"}},
        [f"B1 ean13 {EAN}", f"B2 ean13 {EAN2}"],
    ),
    "a text that is both a header and a letter is the header": (
        table(("EAN", "A"), (EAN, EAN2)),
        {"columns": {"code": "A"}},
        [f"B2 ean13 {EAN2}"],
    ),
    "a text that is both a header and a number is the header": (
        table(("EAN", "1"), (EAN, EAN2)),
        {"columns": {"code": "1"}},
        [f"B2 ean13 {EAN2}"],
    ),
    "a header that is a number": (table(("EAN", 5), (EAN, EAN2)), {"columns": {"code": "5"}}, [f"B2 ean13 {EAN2}"]),
    "the row that holds all given texts": (
        table(("Foo", "x"), ("Foo", "Bar y"), (EAN, "Tea")),
        {"columns": {"code": "Foo", "name": "Bar y"}},
        ["@ xlsx Sheet1 2 code=A:Foo name=B:Bar y", f"A3 ean13 {EAN}"],
    ),
    "texts and letters mixed": (
        table(("x",), ("Foo", "x"), (EAN, "Tea")),
        {"columns": {"code": "Foo", "name": "B"}},
        ["@ xlsx Sheet1 2 code=A:Foo name=B:x", f"A3 ean13 {EAN}"],
    ),
    "others than the given are found by name": (
        table(("Foo", "Name", "Qty"), (EAN, "Tea", 3)),
        {"columns": {"code": "Foo"}},
        ["@ xlsx Sheet1 1 code=A:Foo name=B:Name quantity=C:Qty", f"A2 ean13 {EAN} x3"],
    ),
    "an unknown text": (table(("EAN", "Name"), (EAN, "Tea")), {"columns": {"code": "No such"}}, ["! unknown_column"]),
    "an unknown text for the name": (
        table(("EAN", "Name"), (EAN, "Tea")),
        {"columns": {"name": "No such"}},
        ["! unknown_column"],
    ),
    "a letter beyond the table": (
        table(("EAN", "Name"), (EAN, "Tea")),
        {"columns": {"code": "ZZ"}},
        ["! unknown_column"],
    ),
    "number 0": (table(("EAN", "Name"), (EAN, "Tea")), {"columns": {"code": 0}}, ["! invalid_options"]),
    "an unknown field": (table(("EAN", "Name"), (EAN, "Tea")), {"columns": {"colour": "A"}}, ["! invalid_options"]),
    "with the header row given": (
        table(("EAN", "Name"), ("a", "b"), (EAN, "Tea")),
        {"columns": {"code": "A"}, "header_row": 2},
        ["@ xlsx Sheet1 2 code=A:a", f"A3 ean13 {EAN}"],
    ),
    "a given text in a header row that is given": (
        table(("a", "b"), ("b", "a"), (EAN, EAN2)),
        {"columns": {"code": "a"}, "header_row": 2},
        [f"B3 ean13 {EAN2}"],
    ),
    "a given text that is not in the given header row": (
        table(("Foo x", "b"), ("b", "c"), (EAN, EAN2)),
        {"columns": {"code": "Foo x"}, "header_row": 2},
        ["! unknown_column"],
    ),
    "in a CSV": (
        csv("Tea;" + EAN, "Coffee;" + EAN2),
        {"columns": {"code": "B", "name": 1}},
        [f"B1 ean13 {EAN}", f"B2 ean13 {EAN2}"],
    ),
}


@pytest.mark.parametrize("case", (SPELLING | FOUND).values(), ids=SPELLING | FOUND)
def test_the_header_row(case: Case, tmp_path: Path) -> None:
    agrees(case, tmp_path)


@pytest.mark.parametrize("words", LANGUAGES.values(), ids=LANGUAGES)
def test_header_words(words: tuple[str, ...], tmp_path: Path) -> None:
    code, name, quantity, price = words
    columns = f"@ xlsx Sheet1 1 code=A:{code} name=B:{name} quantity=C:{quantity} price=D:{price}"
    agrees((table(words, (EAN, "Tea", 2, "3")), [columns, f"A2 ean13 {EAN} x2", "~ 2 Tea|3"]), tmp_path)


@pytest.mark.parametrize("case", RANKS.values(), ids=RANKS)
def test_the_code_column(case: Case, tmp_path: Path) -> None:
    agrees(case, tmp_path)


@pytest.mark.parametrize("case", COLUMNS.values(), ids=COLUMNS)
def test_columns_given(case: Case, tmp_path: Path) -> None:
    agrees(case, tmp_path)
