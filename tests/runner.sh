# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Run the tests in the files beside the program that sources this, and print a result for each. They
# run in workers: each has its own mount namespace, BPF file system, /etc and /run, and runs one test
# after the other, each in a subshell. Several workers run side by side, and share out the tests.

# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

DIRECTORY=$(cd "$(dirname "$0")" && pwd)
WORKERS=${HB_TEST_WORKERS:-3}
CHANCES=6
# Seconds that a test which takes too long gets for its clean-up.
GRACE=20

# --- A test -------------------------------------------------------------------------------------

# test_process NAME NUMBER
test_process() {
    set -eEu +m
    TEST_PID=$BASHPID
    T=$TOP/$1
    PIN=$BPFFS/$1
    PROG=h$$_$2
    PIDS=() LOADED=() CGROUPS=()
    AS=()
    LISTEN=(--listen none)
    trap clean_up EXIT
    trap 'unexpected "$LINENO" "$BASH_COMMAND" "${BASH_SOURCE[0]}"' ERR
    trap 'exit 143' TERM
    mkdir -m 0755 "$T"
    "$1"
}

clean_up() {
    local status=$? pid pin i
    trap - EXIT ERR
    set +e
    for pid in "${PIDS[@]}"; do
        kill -KILL "$pid" 2>/dev/null
    done
    wait 2>/dev/null
    for ((i = ${#CGROUPS[@]} - 1; i >= 0; i--)); do
        within 5 is_removed "${CGROUPS[i]}"
    done
    for pin in "${LOADED[@]}"; do
        [ -e "$pin" ] || continue
        if ! unload "$pin" && [ "$status" -eq 0 ]; then
            echo "cannot unload $pin" >"$T/why"
            status=1
        fi
    done
    [ ! -d "$T/bin" ] || rm -rf "${T:?}/bin"
    # The next test in this /etc has no configuration.
    rm -rf /etc/activity-heartbeat
    exit "$status"
}

# A container engine may remove its own at the same time.
is_removed() {
    [ ! -d "$1" ] || rmdir "$1"
}

# report NAME SECONDS - by STATUS, and by what the test has written to `why`
report() {
    local name=${1#test_} why="exit $STATUS" earlier=$TOP/$1.first
    [ "$STATUS" != "$TOOK_TOO_LONG" ] || why="not done after $LIMIT s"
    [ ! -s "$TOP/$1/why" ] || why=$(tr '\n' ' ' <"$TOP/$1/why")
    if [ "$STATUS" -eq 0 ]; then
        echo "ok $name ($2 s)"
        [ ! -e "$earlier" ] || echo "flaky $name: $(<"$earlier")"
    elif [ "$STATUS" -eq "$SKIPPED" ] && [ ! -e "$earlier" ]; then
        echo "skip $name: $why"
    else
        if [ ! -e "$earlier" ] && has_another_chance; then
            echo "$why" >"$earlier"
            echo "run again at the end: $name: $why"
        else
            [ ! -e "$earlier" ] || why="$(<"$earlier"); then: $why"
            echo "FAIL $name: $why"
        fi
        tail -n 20 "$TOP/$1.log" | sed 's/^/    /'
    fi
}

# Many tests wait for something that a busy machine is late with. The first that fail run once more, alone.
has_another_chance() {
    local i
    for ((i = 0; i < CHANCES; i++)); do
        ! claim "chance$i" || return 0
    done
    return 1
}

# claim NAME - true for one of all workers
claim() {
    (set -o noclobber && : >"$TOP/$1.claim") 2>/dev/null
}

# --- A worker -----------------------------------------------------------------------------------

# limited COMMAND... - run it in a process group of its own, for LIMIT seconds at most; STATUS is its
# exit status. A timer is killed outright: one that is still a copy of this shell must not run its traps.
limited() {
    local job timer ended signal
    set -m
    # With `||` behind it, the command would run without its `set -e`.
    ("$@") </dev/null &
    job=$!
    set +m
    for signal in TERM KILL NONE; do
        sleep "$([ "$signal" = TERM ] && echo "$LIMIT" || echo "$GRACE")" &
        timer=$!
        STATUS=0
        wait -n -p ended "$job" "$timer" || STATUS=$?
        kill -KILL "$timer" 2>/dev/null
        wait "$timer" 2>/dev/null
        [ "${ended:-}" != "$job" ] || break
        kill -"$signal" -- "-$job" 2>/dev/null
    done
    [ "$signal" = TERM ] || STATUS=${ENDING:-$TOOK_TOO_LONG}
}

# work NAME... - run those of the tests that no other worker has begun
work() {
    local name number=0 began
    # It also ends the waiting for a test, which is then ended.
    trap ENDING=143 INT TERM
    ENDING=
    set_stage
    for name; do
        [ -z "$ENDING" ] || exit "$ENDING"
        claim "$name" || continue
        microseconds
        began=$NOW
        limited test_process "$name" $((number += 1)) >"$TOP/$name.log" 2>&1
        microseconds
        report "$name" "$(((NOW - began) / 1000000)).$(((NOW - began) / 100000 % 10))"
    done
}

set_stage() {
    mkdir "$TOP/stage.$$"
    cp -a /etc "$TOP/stage.$$"
    mount --bind "$TOP/stage.$$/etc" /etc
    rm -rf /etc/activity-heartbeat
    echo "$GROUP:x:$GROUP_ID:" >>/etc/group
    mount -t tmpfs -o mode=0755 tmpfs /run
    mount -t bpf -o mode=0755 bpf "$BPFFS"
}

start_worker() {
    HB_TESTS_TOP=$TOP unshare --mount --propagation private "$0" "$@" &
}

wait_workers() {
    local pid
    for pid in $(jobs -p); do
        wait "$pid" || echo "FAIL worker: ended with status $?"
    done
}

# --- All tests ----------------------------------------------------------------------------------

# Sets ALL to the names of the tests that HB_TEST_DEPENDS asks for: a line DEPENDS= is for those below it.
read_tests() {
    local file
    for file in "$DIRECTORY"/*.sh; do
        # shellcheck disable=SC1090
        . "$file"
    done
    mapfile -t ALL < <(awk -F'[=(]' -v wanted="$HB_TEST_DEPENDS" '
        FNR == 1 { depends = "user" }
        $1 == "DEPENDS" { depends = $2 }
        /^test_[a-z0-9_]*\(\) \{$/ && index(wanted, depends) { print $1 }' "$DIRECTORY"/*.sh)
}

# is_chosen NAME FILTER... - any of the filters is part of the name. With HB_TEST_HOOK, the hook that
# most tests load, the tests of the other hook are left out.
is_chosen() {
    local name=$1 filter
    shift
    case ${HB_TEST_HOOK:-} in
    fentry) [[ $name != *_tracepoint_* ]] || return 1 ;;
    tracepoint) [[ $name != *_fentry_* ]] || return 1 ;;
    esac
    [ $# -gt 0 ] || return 0
    for filter; do
        [[ $name != *"$filter"* ]] || return 0
    done
    return 1
}

# is_of_share NUMBER - HB_TEST_SHARE=N/M deals the tests out to M machines, and this is the Nth
is_of_share() {
    ((($1 - ${HB_TEST_SHARE%/*}) % ${HB_TEST_SHARE#*/} == 0))
}

contains() {
    [[ " ${*:2} " == *" $1 "* ]]
}

give_up() {
    echo "FAIL all: $*"
    exit
}

# run_tests FILTER... - those whose names have a filter in them
run_tests() {
    local name file twice count=0 i
    local -a beside=() alone=()
    [ "$(id -u)" -eq 0 ] || give_up "the tests need root"
    for file in hb-load hb-read tests/beater; do
        [ -x "$BUILD/$file" ] || give_up "there is no $BUILD/$file: make all test-programs"
    done
    # All files share one shell.
    twice=$(sed -nE 's/^([a-z0-9_]+)\(\) \{$/\1/p' "$LIB_ROOT"/tests/*.sh "$DIRECTORY"/*.sh | sort | uniq -d)
    [ -z "$twice" ] || give_up "defined twice: ${twice//$'\n'/ }"
    TOP=$(mktemp -d /tmp/hb-test.XXXXXX)
    # Workers that are still copies of this shell have its traps.
    trap '[ "$$" != "$BASHPID" ] || [ -n "${KEEP:-}" ] || rm -rf "$TOP"' EXIT
    trap 'trap "" INT TERM; kill $(jobs -p) 2>/dev/null; wait; exit 143' INT TERM
    chmod 0755 "$TOP"
    # Ordinary users may not be able to reach the build.
    install -D -t "$TOP/programs" "$BUILD/hb-load" "$BUILD/hb-read" "$BUILD/tests/forge" "$BUILD/tests/member"
    mkdir "$TOP/bpf"
    : >"$TOP/ids"
    for name in "${ALL[@]}"; do
        is_chosen "$name" "$@" || continue
        count=$((count + 1))
        [ -z "${HB_TEST_SHARE:-}" ] || is_of_share "$count" || continue
        if contains "$name" "${BACKGROUND[@]}"; then
            start_worker "$name"
        elif contains "$name" "${ALONE[@]}"; then
            alone+=("$name")
        else
            beside+=("$name")
        fi
    done
    [ "$count" -gt 0 ] || give_up "there is no test of that name"
    for ((i = 0; i < WORKERS && i < ${#beside[@]}; i++)); do
        start_worker "${beside[@]}"
    done
    wait_workers
    if [ ${#alone[@]} -gt 0 ]; then
        start_worker "${alone[@]}"
        wait_workers
    fi
    for file in "$TOP"/*.first; do
        [ -e "$file" ] || continue
        name=$(basename "$file" .first)
        mv "$TOP/$name" "$TOP/$name.1"
        rm "$TOP/$name.claim"
        start_worker "$name"
        wait_workers
    done
    if within 10 is_all_gone; then
        echo "ok nothing_is_left"
    else
        echo "FAIL nothing_is_left: still in the kernel: $LEFT"
    fi
}

# What any test has loaded is out of the kernel.
is_all_gone() {
    LEFT=$("$BUILD/tests/ids" alive <"$TOP/ids" | tr '\n' ' ')
    [ -z "$LEFT" ]
}

TOP=${HB_TESTS_TOP:-}
[ -n "$TOP" ] || sum_up "$0" "$@"
read_tests
if [ -n "$TOP" ]; then
    BPFFS=$TOP/bpf
    HB_LOAD=$TOP/programs/hb-load
    HB_READ=$TOP/programs/hb-read
    work "$@"
else
    run_tests "$@"
fi
