#!/usr/bin/env bash
# Runs every test: installs what the tests need where it may, lends them a PostgreSQL of their own,
# and ends with the line "N passed, N failed, N skipped".
#
#   ./test.sh                                      everything
#   ./test.sh --filter-class '*RevokeTokenTests'   arguments go to the test runner
#
#   SIGNET_TEST_POSTGRES   a connection string: use this server (databases are made in it) and start none
#   SIGNET_TEST_CHROMIUM   the browser to drive, instead of the one that is found
#   SIGNET_TEST_EFFORT     100 tries a hundred times as much random input as usual, where a test makes its own
#   CONFIGURATION          Debug (the default) or Release
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

export DOTNET_CLI_UI_LANGUAGE=en # the summary is read below
configuration=${CONFIGURATION:-Debug}
first_half='Signet.Tests.Features.*'
log=$(mktemp /tmp/signet-test-log.XXXXXX)
cluster=

say() { printf '%s\n' "$*" >&2; }

finish() {
    local code=$?
    trap - EXIT
    stop_postgres
    rm -f "$log" "$log.1" "$log.2"
    exit "$code"
}

# The last line of a run that never came to its tests.
give_up() {
    say "$*"
    echo '0 passed, 1 failed, 0 skipped'
    exit 1
}

# --- what the tests need -------------------------------------------------------------------------

postgres_bin() {
    local bin found=
    for bin in "$(dirname "$(type -P initdb || echo /)")" /usr/lib/postgresql/*/bin; do
        [[ -x $bin/initdb && -x $bin/pg_ctl && -x $bin/postgres ]] && found=$bin
    done
    [[ -n $found ]] && echo "$found"
}

chromium() {
    local name
    for name in ${SIGNET_TEST_CHROMIUM:+"$SIGNET_TEST_CHROMIUM"} /usr/bin/chromium chromium chromium-browser google-chrome; do
        type -P "$name" && return
    done
    return 1
}

install_missing() {
    local -a packages=()
    type -P dotnet >/dev/null || give_up 'Install the .NET SDK that global.json names: the tests are built with it.'
    [[ -n ${SIGNET_TEST_POSTGRES:-} ]] || postgres_bin >/dev/null || packages+=(postgresql)
    chromium >/dev/null || packages+=(chromium fonts-liberation)
    type -P node >/dev/null || packages+=(nodejs)
    type -P npm >/dev/null || packages+=(npm)
    ((${#packages[@]})) || return 0

    if ((EUID != 0)) || ! type -P apt-get >/dev/null; then
        give_up "Install ${packages[*]} (these are Debian's package names), or run this once as root on Debian."
    fi

    say "Installing ${packages[*]} …"
    # The tests start a cluster of their own; Debian's would only take the memory.
    local no_cluster=/etc/postgresql-common/createcluster.d/signet-test.conf
    mkdir -p "${no_cluster%/*}"
    echo 'create_main_cluster = false' >"$no_cluster"
    export DEBIAN_FRONTEND=noninteractive
    if ! { apt-get update -qq && apt-get install -qq -y --no-install-recommends "${packages[@]}"; } </dev/null >"$log" 2>&1; then
        rm -f "$no_cluster"
        cat "$log" >&2
        give_up "The system could not install ${packages[*]}."
    fi
    rm -f "$no_cluster"
}

# --- a PostgreSQL that lives as long as this run -------------------------------------------------

# PostgreSQL refuses to run as root.
as_owner() {
    if ((EUID == 0)); then
        (cd "$cluster" && exec runuser -u "$owner" -- "$@")
    else
        "$@"
    fi
}

start_postgres() {
    local port
    bin=$(postgres_bin)
    owner=$(id -un postgres 2>/dev/null || echo nobody)
    cluster=$(mktemp -d /tmp/signet-test-pg.XXXXXX)
    ((EUID != 0)) || chown "$owner" "$cluster"

    as_owner "$bin/initdb" --pgdata "$cluster/data" --username postgres --auth trust --encoding UTF8 --locale C.UTF-8 \
        --no-sync >"$log" 2>&1 || { cat "$log" >&2; give_up 'No temporary PostgreSQL could be made.'; }
    # Durability is for data that outlives a run; the connections are for the races.
    cat >>"$cluster/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = '$cluster'
max_connections = 400
fsync = off
full_page_writes = off
synchronous_commit = off
CONF

    for _ in 1 2 3 4 5; do
        port=$((20000 + RANDOM % 12000)) # below the ports that the system hands out
        if as_owner "$bin/pg_ctl" start --wait --silent --pgdata "$cluster/data" --log "$cluster/log" \
            --options "-p $port" </dev/null >/dev/null 2>&1; then
            export SIGNET_TEST_POSTGRES="Host=127.0.0.1;Port=$port;Username=postgres;Database=postgres"
            return
        fi
    done
    cat "$cluster/log" >&2
    give_up 'The temporary PostgreSQL did not start.'
}

stop_postgres() {
    [[ -n $cluster ]] || return 0
    if [[ -f $cluster/data/postmaster.pid ]]; then
        as_owner "$bin/pg_ctl" stop --mode immediate --silent --pgdata "$cluster/data" </dev/null >/dev/null 2>&1 || true
    fi
    rm -rf "$cluster"
}

# --- the run -------------------------------------------------------------------------------------

build() {
    local -a options=(--configuration "$configuration" --nologo --verbosity quiet)
    if [[ ${CI:-} == true ]]; then
        options+=(-p:RestoreLockedMode=true)
        export MSBUILDDISABLENODEREUSE=1
    fi
    dotnet build App.slnx "${options[@]}" || give_up 'The build failed: no test ran.'
}

# The number behind a name in the last summary of a run; 0 when there is none.
count() {
    awk -v name="$2:" '/^Test run summary:/ { n = 0 } $1 == name && $2 ~ /^[0-9]+$/ { n = $2 } END { print n + 0 }' "$1"
}

# What the runner said of the tests that failed: a line that names each, and the indented ones below it.
failures() {
    awk '/^failed / { shown = 40 } !/^(failed |[[:space:]]|$)/ { shown = 0 } shown-- > 0' "$@"
}

# One run of the test runner with these arguments, kept in the file of the first.
run() {
    local out=$1 code=0
    shift
    local -a limit=()
    [[ ${CI:-} == true ]] && limit=(timeout --kill-after=30 4200) # a run that hangs says so before CI ends it
    "${limit[@]}" dotnet test --solution App.slnx --configuration "$configuration" --no-build --no-ansi --no-progress "$@" \
        </dev/null 2>&1 | tee "$out" || code=${PIPESTATUS[0]}
    return "$code"
}

# Without arguments in two processes, each with sites and databases of its own: what one namespace does not cover, the other run has.
run_tests() {
    local code=0 half out passed=0 failed=0 skipped=0
    local -a outs=("$log.1")
    if (($#)); then
        run "$log.1" "$@" || code=$?
    else
        outs+=("$log.2")
        run "$log.1" --filter-namespace "$first_half" &
        half=$!
        run "$log.2" --filter-not-namespace "$first_half" || code=$?
        wait "$half" || code=$?
    fi

    for out in "${outs[@]}"; do
        if grep -q '^Test run summary:' "$out"; then
            ((passed += $(count "$out" succeeded), failed += $(count "$out" failed), skipped += $(count "$out" skipped), 1))
        else
            ((code)) || code=1
        fi
    done
    # What failed, once more: a build server may keep only the end of what it was told.
    ((failed == 0)) || failures "${outs[@]}"
    # 8 is the runner's word for "no test ran"; any other failure without a failed test is a crash.
    if ((failed == 0 && code != 0 && code != 8)); then failed=1; fi
    if ((code == 0 && (failed > 0 || passed == 0))); then code=1; fi
    echo "$passed passed, $failed failed, $skipped skipped"
    return "$code"
}

# The other implementations that Signet is tested with; nothing to do when they stand already.
install_peers() {
    local peers=tests/Peers
    [[ $peers/node_modules/.package-lock.json -nt $peers/package-lock.json ]] && return
    npm ci --prefix "$peers" --no-audit --no-fund --loglevel error </dev/null >"$log" 2>&1 || { cat "$log" >&2; give_up "npm could not install $peers."; }
}

trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

install_missing
SIGNET_TEST_CHROMIUM=$(chromium)
export SIGNET_TEST_CHROMIUM
build
install_peers
[[ -n ${SIGNET_TEST_POSTGRES:-} ]] || start_postgres
run_tests "$@"
