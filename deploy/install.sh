#!/bin/sh
# install.sh run|dev|front|servers|bench: what a part needs on this machine, each step only where it is missing.
#   run      .venv with the locked libraries of the product
#   dev      the same and the tools of the tests
#   front    nginx, from the distribution (as root); without it one line says what is missing
#   bench    what the benchmarks measure beside ours: mtail, ripgrep
#   servers  what the end-to-end tests start: nginx, Prometheus, Alertmanager, PostgreSQL, zbar, zint, envsubst, node with
#            Grafana's grammars, and Bugsink in a venv of its own, which has a Django and a gunicorn that are none of ours
set -eu
cd "$(dirname "$0")/.."
PATH="$PATH:/usr/sbin:/sbin"

say() { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

is_root() { [ "$(id -u)" = 0 ]; }

# Packages are installed without their services being started: nothing of ours needs port 80 or the distribution's own instances.
apt_install() {
    command -v apt-get >/dev/null || fail "This is not Debian or Ubuntu: install $* by hand, then run the same command again."
    is_root || fail "Missing: $*. Run as root: apt-get install $*"
    log=$(mktemp)
    policy=/usr/sbin/policy-rc.d
    ours=no
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        ours=yes
    fi
    say "Installing $*"
    status=0
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } >"$log" 2>&1 || status=$?
    [ "$ours" = no ] || rm -f "$policy"
    [ "$status" = 0 ] || { tail -n 5 "$log" >&2; fail "apt-get install $* failed, see above."; }
    rm -f "$log"
}

find_python() {
    for name in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11; do
        [ -n "$name" ] && command -v "$name" >/dev/null || continue
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
            printf '%s' "$name"
            return
        fi
    done
    found=$(python3 --version 2>/dev/null || printf 'no python3')
    fail "barwatch needs Python 3.11 or newer (found: $found). Install python3.11 and run: make install PYTHON=python3.11"
}

make_venv() {
    python=$(find_python)
    [ -x .venv/bin/python ] && .venv/bin/python -c 'import pip' 2>/dev/null && return
    rm -rf .venv
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        apt_install "python$version-venv"
    fi
    "$python" -m venv .venv || fail "Could not make .venv with $python: is this directory writable? Run: ls -ld ."
}

install_python() {
    make_venv
    stamp=".venv/.installed-$1"
    want=$(cat "$2" pyproject.toml | cksum)
    [ "$(cat "$stamp" 2>/dev/null)" = "$want" ] && return
    say "Installing the libraries of $2 into .venv"
    .venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r "$2"
    .venv/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
    printf '%s' "$want" >"$stamp"
}

install_front() {
    command -v nginx >/dev/null && return
    if is_root && command -v apt-get >/dev/null; then
        apt_install nginx
    else
        say "nginx is missing, so nothing stands in front of the backend. To add it, run as root: apt-get install nginx"
    fi
}

# Grafana's grammars of LogQL and TraceQL, from the lock file.
install_grammars() {
    stamp=tests/grammars/node_modules/.installed
    want=$(cksum <tests/grammars/package-lock.json)
    [ "$(cat "$stamp" 2>/dev/null)" = "$want" ] && return
    say "Installing the grammars of tests/grammars"
    npm ci --prefix tests/grammars --no-audit --no-fund --silent --engine-strict=false
    printf '%s' "$want" >"$stamp"
}

install_servers() {
    missing=""
    command -v nginx >/dev/null || missing="$missing nginx"
    command -v prometheus >/dev/null || missing="$missing prometheus"
    command -v prometheus-alertmanager >/dev/null || missing="$missing prometheus-alertmanager"
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
    ldconfig -p | grep -q libzbar.so.0 || missing="$missing libzbar0"
    command -v zint >/dev/null || missing="$missing zint"
    command -v envsubst >/dev/null || missing="$missing gettext-base"
    command -v chromium >/dev/null || missing="$missing chromium"
    command -v npm >/dev/null || missing="$missing nodejs npm"
    # shellcheck disable=SC2086  # a list of names on purpose
    [ -z "$missing" ] || apt_install $missing
    install_grammars
    install_bugsink
}

install_bench() {
    missing=""
    command -v mtail >/dev/null || missing="$missing mtail"
    command -v rg >/dev/null || missing="$missing ripgrep"
    # shellcheck disable=SC2086  # a list of names on purpose
    [ -z "$missing" ] || apt_install $missing
}

install_bugsink() {
    stamp=.venv-bugsink/.installed
    want=$(cksum <deploy/bugsink.lock)
    [ "$(cat "$stamp" 2>/dev/null)" = "$want" ] && return
    python=$(find_python)
    say "Installing the libraries of deploy/bugsink.lock into .venv-bugsink"
    rm -rf .venv-bugsink
    "$python" -m venv .venv-bugsink
    .venv-bugsink/bin/pip install --quiet --disable-pip-version-check --require-hashes -r deploy/bugsink.lock
    printf '%s' "$want" >"$stamp"
}

case "${1:-}" in
    run) install_python run requirements.lock ;;
    dev) install_python dev requirements-dev.lock ;;
    front) install_front ;;
    servers) install_servers ;;
    bench) install_bench ;;
    *) fail "usage: deploy/install.sh run|dev|front|servers|bench" ;;
esac
