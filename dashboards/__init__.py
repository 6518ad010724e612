"""Grafana's dashboards as code: `python -m dashboards.build` writes json/, which is what Grafana is given."""
