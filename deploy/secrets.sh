#!/bin/sh
# secrets.sh make FILE: write FILE with random secrets, mode 0600, where it does not exist; add those that a newer release needs.
# secrets.sh check: exit 1, naming each, where a secret in the environment is empty, short or the example of a manual.
set -eu
names="ACCESS_TOKEN GRAFANA_ADMIN_PASSWORD BUGSINK_SECRET_KEY BUGSINK_ADMIN_PASSWORD BUGSINK_PROJECT_KEY"

fail() { printf '%s\n' "$*" >&2; exit 1; }

random_hex() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }

# Bugsink asks for 50 characters, and its project key is a UUID: 32 hex digits.
secret_for() {
    case "$1" in
        BUGSINK_SECRET_KEY) random_hex 32 ;;
        BUGSINK_PROJECT_KEY) random_hex 16 ;;
        *) random_hex 24 ;;
    esac
}

make_secrets() {
    file=$1
    umask 077
    if [ ! -e "$file" ]; then
        printf '# Secrets and settings of the stack: docs/stack.md names all of them. Keep this file to yourself.\n' >"$file"
        printf 'COMPOSE_PROFILES=full\n' >>"$file"
    fi
    chmod 600 "$file"
    for name in $names; do
        grep -q "^$name=" "$file" || printf '%s=%s\n' "$name" "$(secret_for "$name")" >>"$file"
    done
}

problem_of() { # NAME VALUE
    lower=$(printf '%s' "$2" | tr '[:upper:]' '[:lower:]')
    case "$lower" in
        '') printf 'is empty' ; return ;;
        *change*me* | *example* | *secret* | *password* | *passw0rd* | *your-* | *todo* | *placeholder* | *12345678* | *abcdefgh* | admin*) printf 'is an example, not a secret' ; return ;;
    esac
    if [ "${#2}" -lt 24 ]; then
        printf 'has %s characters, fewer than 24' "${#2}"
        return
    fi
    kinds=$(printf '%s' "$2" | fold -w1 | sort -u | wc -l)
    [ "$kinds" -ge 8 ] || printf 'repeats itself: it has only %s different characters' "$((kinds))"
}

check_secrets() {
    wrong=""
    for name in $names; do
        eval "value=\${$name:-}"
        found=$(problem_of "$name" "$value")
        [ -z "$found" ] || wrong="$wrong
  $name $found"
    done
    [ -z "$wrong" ] || fail "The stack does not start:$wrong
Delete these lines of .env and run 'make stack': it makes random ones."
}

case "${1:-}" in
    make) make_secrets "${2:?usage: secrets.sh make FILE}" ;;
    check) check_secrets ;;
    *) fail "usage: secrets.sh make FILE | check" ;;
esac
