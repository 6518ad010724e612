#!/bin/sh
# front.sh: nginx with our configuration, filled in from the environment; its logs are rotated beside it.
#   LOGS_DIR STATE_DIR FRONT_ADDR BACKEND_ADDR DETECTOR_ADDR MAX_FILE_MB READ_TIMEOUT_S   as in docs/configuration.md
#   GRAFANA_ADDR BUGSINK_ADDR   host:port; empty: the stack's own pages are left out
set -eu
templates=${TEMPLATES_DIR:-/etc/barwatch}

export USER_DIRECTIVE="${USER_DIRECTIVE:-}" MAX_FILE_BYTES=$((MAX_FILE_MB * 1000000))
export MAX_BODY_MB=$(((MAX_FILE_BYTES + 1048576 + 1048575) / 1048576)) # the file and the multipart words around it
mkdir -p "$STATE_DIR/nginx/also"
# shellcheck disable=SC2016  # envsubst takes the names, not the values
fill() { envsubst '$STATE_DIR $LOGS_DIR $FRONT_ADDR $BACKEND_ADDR $DETECTOR_ADDR $MAX_FILE_BYTES $MAX_BODY_MB $READ_TIMEOUT_S $USER_DIRECTIVE $GRAFANA_ADDR $BUGSINK_ADDR'; }

fill <"$templates/nginx.conf.template" >"$STATE_DIR/nginx/nginx.conf"
rm -f "$STATE_DIR/nginx/also/stack.conf"
if [ -n "${GRAFANA_ADDR:-}" ] && [ -n "${BUGSINK_ADDR:-}" ]; then
    fill <"$templates/stack.conf.template" >"$STATE_DIR/nginx/also/stack.conf"
fi

rotate.sh "$LOGS_DIR" "$STATE_DIR/nginx/nginx.pid" &
exec nginx -c "$STATE_DIR/nginx/nginx.conf" -e "$LOGS_DIR/error.log" -p "$STATE_DIR/nginx"
