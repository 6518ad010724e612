"""Alert rules and routes, with the tools of Prometheus and Alertmanager themselves."""
