"""Every query that a dashboard asks, by name. Tests run them: PromQL on a real Prometheus, the others through Grafana's grammars.

Metric and event names: docs/monitoring.md. Labels of log streams: deploy/alloy/config.alloy.
"""

from typing import Final

UPLOAD_ROUTE: Final = "/api/barcodes/upload-excel"
_UPLOADS: Final = f'job="backend",method="POST",route="{UPLOAD_ROUTE}"'

PROMETHEUS: Final = {
    # On call
    "incidents open": "sort_desc(detector_incident_open_since_seconds) * 1000",  # Grafana's times are in ms
    "incidents open count": "count(detector_incident_open_since_seconds) or vector(0)",
    "incidents opened": "sum by (cause) (increase(detector_incidents_total[$__rate_interval]))",
    "uploads failing": (
        f'sum(rate(http_requests_total{{{_UPLOADS},status=~"5.."}}[5m])) / sum(rate(http_requests_total{{{_UPLOADS}}}[5m]))'
        f" or on () (sum(rate(http_requests_total{{{_UPLOADS}}}[5m])) * 0)"
    ),
    "parts up": 'up{job=~"backend|detector"}',
    "alerts firing": 'ALERTS{alertstate="firing",severity!="none"} or on () vector(0)',
    # Uploads
    "upload rate": f"sum by (status) (rate(http_requests_total{{{_UPLOADS}}}[$__rate_interval]))",
    "upload duration": (
        f"histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{{{_UPLOADS}}}[$__rate_interval])))"
    ),
    "stage rate": "sum by (stage, outcome) (rate(upload_stage_duration_seconds_count[$__rate_interval]))",
    "stage failures": (
        'sum by (stage) (increase(upload_stage_duration_seconds_count{outcome!="ok"}[$__rate_interval])) or on () vector(0)'
    ),
    "stage p50": (
        "histogram_quantile(0.5, sum by (le, stage) (rate(upload_stage_duration_seconds_bucket[$__rate_interval])))"
    ),
    "stage p95": (
        "histogram_quantile(0.95, sum by (le, stage) (rate(upload_stage_duration_seconds_bucket[$__rate_interval])))"
    ),
    # Edge
    "upstream errors": (
        'sum by (kind) (increase(detector_signals_total{kind=~"upstream_.+|no_live_upstreams|other_upstream"}[$__rate_interval]))'
        " or on () vector(0)"
    ),
    "nginx itself": (
        'sum by (kind) (increase(detector_signals_total{kind=~"nginx_.+|client_.+"}[$__rate_interval])) or on () vector(0)'
    ),
    "requests by status": "sum by (status) (rate(http_requests_total[$__rate_interval]))",
    # Detector
    "line to incident p99": (
        "histogram_quantile(0.99, sum by (le) (rate(detector_line_to_incident_seconds_bucket[1h])))"
    ),
    "line to page p99": "histogram_quantile(0.99, sum by (le) (rate(detector_line_to_page_seconds_bucket[1h])))",
    "lag": "detector_lag_seconds",
    "outbox": "sum by (channel) (detector_outbox_rows)",
    "deliveries": "sum by (channel, outcome) (increase(detector_notifications_total[$__rate_interval]))",
    "lines read": "rate(detector_lines_total[$__rate_interval])",
    "signals": "sum by (kind) (increase(detector_signals_total[$__rate_interval]))",
    # Capacity
    "memory": 'process_resident_memory_bytes{job=~"backend|detector"}',
    "cpu": 'rate(process_cpu_seconds_total{job=~"backend|detector"}[$__rate_interval])',
    "files open": 'process_open_fds{job=~"backend|detector"} / process_max_fds{job=~"backend|detector"}',
    "restarts": 'changes(process_start_time_seconds{job="backend"}[1h])',
    "series": "prometheus_tsdb_head_series",
    "releases": "build_info",
}  # fmt: skip

LOKI: Final = {
    "errors of nginx": '{service="front", log="error"}',
    "accesses with 5xx": '{service="front", log="access", level="error"}',
    "edge by status": 'sum by (status) (rate({service="front", log="access"} | json | __error__="" [$__auto]))',
    "errors of the backend": '{service="barwatch", log="backend", level="error"}',
    "lines of a request": '{service=~"front|barwatch"} | request_id=`$request_id`',
    "lines of a trace": '{service=~"front|barwatch"} | trace_id=`$trace_id`',
    "failed stages": '{service="barwatch", log="backend"} | event=~"upload.stage.(failed|interrupted)" | json',
    "detector": '{service="barwatch", log="detector"}',
    "deploys": '{service="barwatch", log="backend"} | event="process.started" | json | role="backend"',
    "crashes": '{service="barwatch", log="backend"} | event="process.exited" | json | expected!="true"',
}

TEMPO: Final = {
    "slow uploads": (
        f'{{ resource.service.name = "barwatch" && name =~ ".*{UPLOAD_ROUTE}" }} | select(span.http.response.status_code)'
    ),
    "failed stages": '{ resource.service.name = "barwatch" && status = error }',
    "one trace": "$trace_id",
}
