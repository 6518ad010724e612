"""The OpenAPI 3.1 document of the upload API."""

from typing import Any, Final

from service.sheets import LAYOUTS
from service.symbology import SYMBOLOGIES
from service.uploads.problems import PROBLEMS

Json = dict[str, Any]
_PROBLEM: Final[Json] = {"$ref": "#/components/responses/Problem"}
_JOB_ID: Final[Json] = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


def document() -> Json:
    """Return the document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "barwatch", "version": "1", "summary": "Excel lists to PDF labels"},
        "paths": {**_uploads(), **_jobs(), **_about()},
        "components": {"schemas": _schemas(), "responses": {"Problem": _problem()}},
    }


def _uploads() -> Json:
    job = {"description": "The job", "content": _json("Job")}
    headers = [
        {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 255}},
        {"name": "Prefer", "in": "header", "schema": {"type": "string"}, "example": "wait=30"},
    ]
    accepted = {**job, "headers": {"Location": {"schema": {"type": "string"}}}}
    return {
        "/api/barcodes/upload-excel": {
            "post": _operation("Upload a list", {"200": job, "202": accepted}, headers, body=True)
        },
        "/api/barcodes/validate": {
            "post": _operation("Judge a list, drawing nothing", {"200": _verdicts("The verdicts")}, body=True)
        },
    }  # fmt: skip


def _jobs() -> Json:
    job = {"200": {"description": "The job", "content": _json("Job")}}
    page = [
        {"name": "status", "in": "query", "schema": {"enum": ["ok", "warning", "error"]}},
        {"name": "cursor", "in": "query", "schema": {"type": "string"}},
    ]
    pdf = {"200": {"description": "The labels", "content": {"application/pdf": {}}}}
    stream = {
        "200": {"description": "The job at each change", "content": {"text/event-stream": {}}},
        "204": {"description": "Nothing will come"},
    }
    svgs = {"200": {"description": "One SVG a label", "content": {"application/zip": {}}}}
    marked = {"200": {"description": "The list with its verdicts"}}
    at = "/api/jobs/{id}"
    return {
        at: {"get": _operation("Show a job", job, [_JOB_ID]), "delete": _operation("Cancel a job", job, [_JOB_ID])},
        f"{at}/rows": {"get": _operation("List the verdicts", {"200": _verdicts("A page")}, [_JOB_ID, *page])},
        f"{at}/events": {"get": _operation("Follow a job", stream, [_JOB_ID])},
        f"{at}/labels.pdf": {"get": _operation("Fetch the labels", pdf, [_JOB_ID])},
        f"{at}/labels.zip": {"get": _operation("Fetch single drawings", svgs, [_JOB_ID])},
        f"{at}/errors.xlsx": {"get": _operation("Fetch the marked list", marked, [_JOB_ID])},
    }  # fmt: skip


def _about() -> Json:
    plain = {
        "/api/sheets": "List the label sheets",
        "/api/template.xlsx": "Fetch an empty list",
        "/api/limits": "List what is accepted",
        "/openapi.json": "Fetch this document",
        "/healthz": "Tell whether the process answers",
        "/readyz": "Run the preflight checks",
        "/metrics": "Fetch the metrics",
    }
    paths = {path: {"get": _operation(summary, {"200": {"description": "Done"}})} for path, summary in plain.items()}
    pdf = {"200": {"description": "The page", "content": {"application/pdf": {}}}}
    calibration = {"get": _operation("Fetch a calibration page", pdf, [_JOB_ID])}
    return {**paths, "/api/sheets/{id}/calibration.pdf": calibration}


def _operation(summary: str, responses: Json, parameters: list[Json] | None = None, *, body: bool = False) -> Json:
    operation: Json = {"summary": summary, "responses": {**responses, "default": _PROBLEM}}
    if parameters:
        operation["parameters"] = parameters
    if body:
        operation["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": _form()}}}
    return operation


def _form() -> Json:
    options = {"$ref": "#/components/schemas/Options"}
    return {
        "type": "object",
        "required": ["file"],
        "properties": {
            "file": {"type": "string", "contentMediaType": "application/octet-stream"},
            "options": {"type": "string", "contentMediaType": "application/json", "contentSchema": options},
        },
    }  # fmt: skip


def _schemas() -> Json:
    states = ["queued", "running", "succeeded", "succeeded_with_errors", "failed", "cancelled"]
    properties = ("stage", "progress", "file", "format", "sheet", "header_row", "columns", "counts", "verified")
    more = ("next_start", "problem", "created", "finished", "links")
    job: Json = {"id": {"type": "string"}, "state": {"enum": states}} | {name: {} for name in (*properties, *more)}
    return {
        "Job": {"type": "object", "required": list(job), "properties": job},
        "Options": {
            "type": "object",
            "properties": {"symbology": {"enum": ["auto", *SYMBOLOGIES]}, "layout": {"enum": list(LAYOUTS)}},
        },
    }


def _problem() -> Json:
    text = {"type": "string"}
    codes = {**text, "examples": list(PROBLEMS)}
    schema = {
        "type": "object",
        "required": ["title", "status", "code", "detail"],
        "properties": {"title": text, "status": {"type": "integer"}, "code": codes, "detail": text, "request_id": text},
    }  # fmt: skip
    return {"description": "What is wrong and what to do", "content": {"application/problem+json": {"schema": schema}}}


def _json(name: str) -> Json:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _verdicts(description: str) -> Json:
    return {"description": description, "content": {"application/json": {"schema": {"type": "object"}}}}
