#!/bin/sh
# stack.sh: .env with random secrets where there is none, then the stack of docker-compose.yml, and where to look.
set -eu
cd "$(dirname "$0")/.."
fail() { printf '%s\n' "$*" >&2; exit 1; }

sh deploy/secrets.sh make .env
# Values are data: the file is read line by line, never run.
while IFS='=' read -r name value; do
    case "$name" in
        '' | '#'* | *[!A-Z0-9_]*) continue ;;
    esac
    export "$name=$value"
done <.env
sh deploy/secrets.sh check
docker compose version >/dev/null 2>&1 || fail "Docker with Compose v2.24 or newer is missing: https://docs.docker.com/engine/install/ says how to install it. .env is made; run 'make stack' again."
docker compose up --build --detach --wait
url=${PUBLIC_URL:-http://127.0.0.1:8080}
cat <<END

barwatch is up. 'docker compose down' stops it; all data stays in its volumes.

  upload page    $url/
  incidents      $url/incidents
  dashboards     $url/grafana/       (the same sign-in as incidents)
  errors         $url/errors/        on-call@barwatch.invalid, BUGSINK_ADMIN_PASSWORD in .env
  access token   ACCESS_TOKEN in .env
END
