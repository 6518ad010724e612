"""`paths`: every address of the API."""

from collections.abc import Mapping
from typing import Final

from service.api.openapi.derive import Json, closed
from service.api.openapi.operations import JOB_ID, answer, as_json, head_name, head_of, operation
from service.api.openapi.schemas import TEXT, ref
from service.sheets import LAYOUTS
from service.uploads.problems import PROBLEMS

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_UNREADABLE: Final = ("empty_file", "upload_incomplete", "file_too_large", "not_a_spreadsheet", "encrypted_workbook")
_NO_JOB: Final = ("no_such_job", "expired")
_JOB_CODES: Final = tuple(code for code, kind in PROBLEMS.items() if kind.status is None)
_NO_STORE: Final = {"Cache-Control": {"description": "Ask again each time", "schema": TEXT}}
_FILE: Final[Mapping[str, Json]] = {
    "ETag": {"description": "For If-None-Match", "schema": TEXT},
    "Content-Disposition": {"description": "The name to save it under", "required": True, "schema": TEXT},
}

_UNCHANGED: Final = answer("The client has it already")
_KNOWN: Final[Json] = {
    "name": "If-None-Match",
    "in": "header",
    "description": "`ETag` of the file that the client has",
    "schema": TEXT,
}


def paths() -> dict[str, Json]:
    """Return every address with its methods."""
    described = {**_uploads(), **_jobs(), **_about()}
    return {
        path: {**methods, "head": head_of(methods["get"])} if "get" in methods else methods
        for path, methods in described.items()
    }


def _uploads() -> dict[str, Json]:
    key = {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "The same upload with the same key gives the same job",
        "schema": {"type": "string", "maxLength": 255},
    }
    prefer = {
        "name": "Prefer",
        "in": "header",
        "description": "`wait=N`: answer when the job has ended, after N seconds at the latest",
        "schema": TEXT,
        "example": "wait=30",
    }
    place = {"Location": {"description": "The job", "required": True, "schema": TEXT}}
    applied = {"Preference-Applied": {"description": "The wait that was granted", "schema": TEXT}}
    return {
        "/api/barcodes/upload-excel": {
            "post": operation(
                "uploadList",
                "Upload a list and get a job",
                {
                    "200": _with_links(answer("The job has ended", as_json("Job"), {**place, **applied})),
                    "202": _with_links(answer("The job waits or runs", as_json("Job"), {**place, **applied})),
                },
                refuses=("invalid_options", *_UNREADABLE, "idempotency_mismatch", "queue_full"),
                parameters=(key, prefer),
                body=_form(),
            )
        },
        "/api/barcodes/validate": {
            "post": operation(
                "validateList",
                "Judge a list; nothing is drawn or kept",
                {"200": answer("The verdict on each row", as_json("Verdicts"))},
                refuses=("invalid_options", *_UNREADABLE, "queue_full"),
                body=_form(),
            )
        },
    }


def _with_links(found: Json) -> Json:
    gets = ("showJob", "listRows", "followJob", "fetchLabels", "fetchDrawings", "fetchMarkedList")
    names = (*gets, *map(head_name, gets), "removeJob")
    links = {name: {"operationId": name, "parameters": {"id": "$response.body#/id"}} for name in names}
    return {**found, "links": links}


def _form() -> Json:
    schema = {
        "type": "object",
        "required": ["file"],
        "properties": {
            "file": {"type": "string", "format": "binary", "description": "xlsx, xlsm, xls, ods, csv or tsv"},
            "options": ref("Options"),
        },
    }
    encoding = {"file": {"contentType": "application/octet-stream"}, "options": {"contentType": "application/json"}}
    return {"required": True, "content": {"multipart/form-data": {"schema": schema, "encoding": encoding}}}


def _jobs() -> dict[str, Json]:
    at = "/api/jobs/{id}"
    job = {"200": answer("The job", as_json("Job"), _NO_STORE)}
    return {
        at: {
            "get": operation("showJob", "Show a job", job, refuses=_NO_JOB, parameters=(JOB_ID,)),
            "delete": operation(
                "removeJob",
                "Cancel a job that waits or runs; remove one that has ended",
                {"200": answer("The job, as it is or was last", as_json("Job"))},
                refuses=_NO_JOB,
                parameters=(JOB_ID,),
            ),
        },
        f"{at}/rows": {"get": _rows()},
        f"{at}/events": {"get": _events()},
        f"{at}/labels.pdf": {"get": _labels("fetchLabels", "Fetch the labels", "application/pdf")},
        f"{at}/labels.zip": {"get": _labels("fetchDrawings", "Fetch one SVG a label", "application/zip")},
        f"{at}/errors.xlsx": {
            "get": operation(
                "fetchMarkedList",
                "Fetch the list with the verdict beside each row",
                {"200": answer("The workbook", {XLSX: {}}, _FILE), "304": _UNCHANGED},
                refuses=(*_NO_JOB, "not_ready", *_JOB_CODES),
                parameters=(JOB_ID, _KNOWN),
            )
        },
    }


def _rows() -> Json:
    status = {"name": "status", "in": "query", "schema": {"type": "string", "enum": ["", "ok", "warning", "error"]}}
    cursor = {
        "name": "cursor",
        "in": "query",
        "description": "`next_cursor` of the page before",
        "schema": {"type": "string", "pattern": "^[0-9]{0,15}$"},
    }
    return operation(
        "listRows",
        "List the verdicts in the order of the sheet, 1,000 a page",
        {"200": answer("A page", as_json("Rows"))},
        refuses=(*_NO_JOB, "invalid_options", "not_ready"),
        parameters=(JOB_ID, status, cursor),
    )


def _events() -> Json:
    last = {
        "name": "Last-Event-ID",
        "in": "header",
        "description": "Only what is newer is sent; what is no number counts as none",
        "schema": TEXT,
    }
    data = {"type": "string", "contentMediaType": "application/json", "contentSchema": ref("Job")}
    event = closed({"id": {"type": "string", "pattern": "^[0-9]+$"}, "event": {"const": "job"}, "data": data})
    stream = {"text/event-stream": {"schema": event}}
    return operation(
        "followJob",
        "Follow a job by server-sent events, one for each change, until it ends",
        {"200": answer("The events", stream, _NO_STORE), "204": answer("The job has ended: nothing will come")},
        refuses=_NO_JOB,
        parameters=(JOB_ID, last),
    )


def _labels(name: str, summary: str, content_type: str) -> Json:
    return operation(
        name,
        summary,
        {"200": answer("The file", {content_type: {}}, _FILE), "304": _UNCHANGED},
        refuses=(*_NO_JOB, "not_ready", "nothing_to_draw", *_JOB_CODES),
        also={"409": _UNREADABLE},  # of a job that failed so
        parameters=(JOB_ID, _KNOWN),
    )


def _about() -> dict[str, Json]:
    layout = {**JOB_ID, "description": "`id` of a label sheet", "schema": {"type": "string", "enum": list(LAYOUTS)}}
    return {
        "/api/sheets": {
            "get": operation("listSheets", "List the label sheets", {"200": answer("All of them", as_json("Sheets"))})
        },
        "/api/sheets/{id}/calibration.pdf": {
            "get": operation(
                "fetchCalibration",
                "Fetch a page to hold against the label sheet",
                {"200": answer("The page", {"application/pdf": {}}, _FILE)},
                refuses=("not_found",),
                parameters=(layout,),
            )
        },
        "/api/template.xlsx": {
            "get": operation("fetchTemplate", "Fetch an empty list", {"200": answer("A workbook", {XLSX: {}}, _FILE)})
        },
        "/api/limits": {
            "get": operation("showLimits", "List what is accepted", {"200": answer("The limits", as_json("Limits"))})
        },
        "/openapi.json": {
            "get": operation("describe", "Fetch this document", {"200": answer("It", _any("application/json"))})
        },
        "/healthz": {
            "get": operation(
                "health", "Tell whether the process answers", {"200": answer("It does", as_json("Health"))}
            )
        },
        "/readyz": {
            "get": operation(
                "readiness",
                "Run the preflight checks",
                {
                    "200": answer("All are well", as_json("Readiness")),
                    "503": answer("At least one fails, with its remedy", as_json("Readiness")),
                },
            )
        },
        "/metrics": {
            "get": operation(
                "metrics",
                "Fetch the metrics",
                {"200": answer("Of this process", _any("text/plain") | _any("application/openmetrics-text"))},
            )
        },
    }


def _any(content_type: str) -> Json:
    return {content_type: {"schema": {}}}
