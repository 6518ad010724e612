"""What a child process does at each stage: files of a job's workspace in, files and a small JSON result out.

Between children a stage's values are pickled: both are equally confined. Nothing is unpickled in the backend, which gets JSON only.
"""

import zipfile
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson

from service.sheets import next_start
from service.uploads.amend import amended
from service.uploads.checking import check_table, find_table
from service.uploads.fitting import Faults, fit_faults
from service.uploads.limits import Limits
from service.uploads.marking import mark, state_problem
from service.uploads.meter import told
from service.uploads.model import Checked, Fault, Label, columns_json, row_json
from service.uploads.options import UploadOptions, parse_options
from service.uploads.packing import (
    pack_checked,
    pack_drawn,
    pack_table,
    unpack_checked,
    unpack_drawn,
    unpack_labels,
    unpack_table,
)
from service.uploads.problems import ReadProblem
from service.uploads.reading import read as read_workbook
from service.uploads.reading import sniff as sniff_file
from service.uploads.render.calibration import calibration
from service.uploads.render.draw import draw as draw_pdf
from service.uploads.render.logo import Logo, load_logo
from service.uploads.render.model import DrawnPdf, Verified
from service.uploads.render.svg import svg_files
from service.uploads.render.verify import verify as verify_pdf
from service.uploads.sheet import sheet_options, to_draw
from service.uploads.workspace import CHECKED, DRAWN, ERRORS, PDF, ROWS, TABLE, UPLOAD, ZIP

Request = Mapping[str, Any]  # workspace, options, limits; logo: the path of a PNG
Progress = Callable[[int, int], None]
Result = dict[str, Any]


def warm_up() -> None:
    """Draw and read back labels of our own once, before any child is forked."""
    labels = (Label(1, "ean13", "4006381333931", "Ä", "", 1), Label(2, "code128", "A-1", "b", "", 1))
    options = UploadOptions()
    drawn = draw_pdf(to_draw(labels, options), sheet_options(options))
    verify_pdf(drawn.pdf, drawn.positions, "all")


def sniff(request: Request, _: Progress) -> Result:
    """Tell what kind of file it is: {"container"}, or {"problem"}."""
    try:
        return {"container": sniff_file(Path(request["path"]), Limits(**request["limits"]))}
    except ReadProblem as problem:
        return _problem(problem)


def read(request: Request, progress: Progress) -> Result:
    """Find the table: {"rows"}, or {"problem"}."""
    workspace, options, limits = _given(request)
    try:
        with told(progress):
            workbook = read_workbook(workspace / UPLOAD, limits)
            table = find_table(workbook, options, limits)
    except ReadProblem as problem:
        return _problem(problem)
    _write(workspace / TABLE, pack_table(workbook.format, table))
    return {"rows": len(table.rows)}


def check(request: Request, progress: Progress) -> Result:
    """Judge each row: {"table", "counts", "labels"}, and {"problem"} where nothing may be drawn."""
    workspace, options, limits = _given(request)
    format_, table = unpack_table((workspace / TABLE).read_bytes())
    with told(progress):
        checked = check_table(format_, table, options, limits, partial(_faults_of_fit, options))
    _keep(workspace, checked)
    about = {"format": checked.format, "sheet": checked.sheet, "header_row": checked.header_row}
    return {"table": {**about, "columns": columns_json(checked.columns)}, **_counted(checked)}


def draw(request: Request, progress: Progress) -> Result:
    """Draw all labels: {"pages", "bytes", "next_start"}."""
    workspace, options, _limits = _given(request)
    checked = unpack_labels((workspace / CHECKED).read_bytes())
    with told(progress):
        drawn = draw_pdf(to_draw(checked.labels, options), sheet_options(options), _logo(request))
    _write(workspace / PDF, drawn.pdf)
    _write(workspace / DRAWN, pack_drawn(drawn))
    return _drawn(drawn, options)


def verify(request: Request, progress: Progress) -> Result:
    """Read the PDF back. What does not read is drawn no more: {"checked", "decoded", "counts", "labels", "pages", …}.

    {"problem"} beside them: what is left may not be delivered.
    """
    workspace, options, limits = _given(request)
    drawn = unpack_drawn((workspace / DRAWN).read_bytes())
    faults: dict[int, list[Fault]] = {}
    for warning in drawn.warnings:
        faults.setdefault(warning.row, []).append(Fault(warning.code, "warning", warning.detail))
    with told(progress):
        verified = first = verify_pdf(drawn.pdf, drawn.positions, options.verify)
    packed = (workspace / CHECKED).read_bytes()
    if not verified.unreadable and not faults:
        return _looked_at(first, unpack_labels(packed), drawn, options)
    checked = unpack_checked(packed)
    while verified.unreadable:
        for row in verified.unreadable:
            faults.setdefault(row, []).append(Fault("unreadable", "error", "The printed symbol did not read back"))
        checked = amended(checked, faults, options, limits)
        drawn = draw_pdf(to_draw(checked.labels, options), sheet_options(options), _logo(request))
        verified = verify_pdf(drawn.pdf, drawn.positions, "all")  # a sample that fails proves nothing about the others
    checked = amended(checked, faults, options, limits)
    # The first drawing stays as it is: after a death in here the stage finds the same unreadable labels again.
    _write(workspace / PDF, drawn.pdf)
    _keep(workspace, checked)
    return _looked_at(first, checked, drawn, options)


def zip_labels(request: Request, _: Progress) -> Result:
    """Draw each label as an SVG of its own: {"bytes"}."""
    workspace, options, _limits = _given(request)
    checked = unpack_labels((workspace / CHECKED).read_bytes())
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in svg_files(to_draw(checked.labels, options), sheet_options(options)):
            archive.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)  # no date: the same each time
    return _made(workspace / ZIP, buffer.getvalue())


def mark_errors(request: Request, _: Progress) -> Result:
    """Write the person's workbook with its verdicts, or one that says why there are none: {"bytes"}, or {"problem"}."""
    workspace, _options, limits = _given(request)
    if not (workspace / CHECKED).exists():
        return _made(workspace / ERRORS, state_problem(request["code"], request["detail"]))
    try:
        return _made(
            workspace / ERRORS, mark(workspace / UPLOAD, unpack_checked((workspace / CHECKED).read_bytes()), limits)
        )
    except ReadProblem as problem:
        return _problem(problem)


def calibrate(request: Request, _: Progress) -> Result:
    """Draw the calibration page of a layout: {"pdf"} in base64."""
    options = parse_options(request["options"])
    return {"pdf": b64encode(calibration(sheet_options(options))).decode("ascii")}


def _made(path: Path, data: bytes) -> Result:
    _write(path, data)
    return {"bytes": len(data)}


def _faults_of_fit(options: UploadOptions, labels: tuple[Label, ...]) -> Faults:
    return fit_faults(labels, to_draw(labels, options), sheet_options(options))


def _given(request: Request) -> tuple[Path, UploadOptions, Limits]:
    return Path(request["workspace"]), parse_options(request["options"]), Limits(**request["limits"])


def _logo(request: Request) -> Logo | None:
    path = request.get("logo")
    return None if path is None else load_logo(Path(path))


def _looked_at(first: Verified, checked: Checked, drawn: DrawnPdf, options: UploadOptions) -> Result:
    return {"checked": first.checked, "decoded": first.decoded, **_counted(checked), **_drawn(drawn, options)}


def _drawn(drawn: DrawnPdf, options: UploadOptions) -> Result:
    start = next_start(len(drawn.positions), sheet_options(options).layout, options.start)
    return {"pages": drawn.pages, "bytes": len(drawn.pdf), "next_start": start}


def _counted(checked: Checked) -> Result:
    """Return the counts, and the problem where nothing may be delivered."""
    counted: Result = {"counts": asdict(checked.counts), "labels": checked.counts.labels}
    if (found := checked.problem) is not None:
        counted["problem"] = {"code": found.code, "detail": found.detail, "fields": dict(found.fields)}
    return counted


def _keep(workspace: Path, checked: Checked) -> None:
    _write(workspace / CHECKED, pack_checked(checked))
    _write(workspace / ROWS, b"".join(orjson.dumps(row_json(row)) + b"\n" for row in checked.rows))


def _problem(problem: ReadProblem) -> Result:
    return {"problem": {"code": problem.code, "detail": problem.detail, "fields": dict(problem.fields)}}


def _write(path: Path, data: bytes) -> None:
    """Write the file whole or not at all: a stage that is done again after a death must find no half of one."""
    partial = path.with_suffix(".part")
    partial.write_bytes(data)
    partial.replace(path)
