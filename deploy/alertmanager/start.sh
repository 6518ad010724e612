#!/bin/sh
# start.sh: Alertmanager with alerts/alertmanager.yml. PAGE_URL gets its pages as JSON; empty: they are only shown, in Grafana.
set -eu
conf=${ALERTMANAGER_CONF:-/etc/alertmanager/alertmanager.yml}
run=${RUN_DIR:-/run/alertmanager}

# The URL is a secret: it goes into a file of our own, not into an argument that all can see.
umask 077
case "${PAGE_URL:-}" in
    '') sed '/webhook_configs:/,/# PAGE_URL/d' "$conf" >"$run/alertmanager.yml" ;;
    *[\'\"\ \\]* | *[![:print:]]*)
        printf 'PAGE_URL holds a blank, a quote or a backslash: write them as %%20, %%27, %%22 and %%5C\n' >&2
        exit 1
        ;;
    http://* | https://*)
        awk '{ at = index($0, "http://page.invalid/"); if (at) print substr($0, 1, at - 1) "\"" ENVIRON["PAGE_URL"] "\""; else print }' \
            "$conf" >"$run/alertmanager.yml"
        ;;
    *)
        printf 'PAGE_URL is not an http or https URL: set one such as https://example.org/page, or nothing\n' >&2
        exit 1
        ;;
esac
exec "${ALERTMANAGER:-/bin/alertmanager}" --config.file="$run/alertmanager.yml" --storage.path="${DATA_DIR:-/alertmanager}" \
    --cluster.listen-address= "$@"
