"""HTTP handlers: parse the request, call one function, shape the response. `ROUTES` is all of the API, `PAGES` the upload page."""

from service.api import about, downloads, jobs, pages, stream, uploads
from service.api.answers import answer_problems

ROUTES = (
    ("POST", "/api/barcodes/upload-excel", uploads.upload),
    ("POST", "/api/barcodes/validate", uploads.validate_list),
    ("GET", "/api/jobs/{id}", jobs.show),
    ("DELETE", "/api/jobs/{id}", jobs.cancel),
    ("GET", "/api/jobs/{id}/rows", jobs.rows),
    ("GET", "/api/jobs/{id}/events", stream.events),
    ("GET", "/api/jobs/{id}/labels.pdf", downloads.labels_pdf),
    ("GET", "/api/jobs/{id}/labels.zip", downloads.labels_zip),
    ("GET", "/api/jobs/{id}/errors.xlsx", downloads.errors_xlsx),
    ("GET", "/api/sheets", about.sheets),
    ("GET", "/api/sheets/{id}/calibration.pdf", about.calibration),
    ("GET", "/api/template.xlsx", about.template),
    ("GET", "/api/limits", about.limits),
    ("GET", "/openapi.json", about.openapi),
    ("GET", "/healthz", about.healthz),
    ("GET", "/readyz", about.readyz),
    ("GET", "/metrics", about.metrics),
)

PAGES = (
    ("GET", "/", pages.form_page),
    ("POST", "/", pages.submit),
    ("GET", "/jobs/{id}", pages.job_page),
    ("GET", "/static/{name}", pages.static),
)

__all__ = ["PAGES", "ROUTES", "answer_problems"]
