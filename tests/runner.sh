# shellcheck shell=bash
# Called and read by the tests, which are sourced:
# shellcheck disable=SC2030,SC2034,SC2317
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Runs the tests of a directory, each in a subshell of its own, and says what became of them.

# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

clean_up() {
    local status=$? pid pin i
    trap - EXIT ERR
    set +e
    for pid in "${PIDS[@]}"; do
        kill -KILL "$pid" 2>/dev/null
    done
    wait 2>/dev/null
    for ((i = ${#CGROUPS[@]} - 1; i >= 0; i--)); do
        [ ! -d "${CGROUPS[i]}" ] || within 5 rmdir "${CGROUPS[i]}"
    done
    for pin in "${LOADED[@]}"; do
        [ -e "$pin" ] || continue
        if ! unload "$pin" && [ "$status" -eq 0 ]; then
            echo "the unloading of $pin failed" >"$T/why"
            status=1
        fi
    done
    [ ! -d "$T/bin" ] || rm -rf "${T:?}/bin"
    exit "$status"
}

# Run one test; the verdict stays in its directory.
run_test() {
    (
        set -eEu
        trap - TERM INT
        TEST_PID=$BASHPID
        T=$TOP/$1
        mkdir -m 0755 "$T"
        PIN=$BPFFS/$1
        PROG=h$$_$2
        PIDS=()
        AS=()
        LISTEN=(--listen none)
        LOADED=()
        CGROUPS=()
        trap clean_up EXIT
        trap 'unexpected "$LINENO" "$BASH_COMMAND" "${BASH_SOURCE[0]}"' ERR
        trap 'exit 143' TERM
        "$1"
    ) >"$TOP/$1.log" 2>&1 </dev/null &
    RUNNING=$!
    watch_over "$RUNNING" "$TOP/$1/why" &
    WATCHER=$!
}

# A test that hangs is ended: first what it waits for, so that it can clean up.
watch_over() {
    local child
    read -rt "$LIMIT" -u "$NEVER"
    # One in the background may have ended long ago.
    ! is_done "$1" || exit 0
    echo "not done after $LIMIT s" >"$2"
    kill -TERM "$1"
    sleep 1
    # shellcheck disable=SC2013
    for child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
        kill -TERM "$child" 2>/dev/null
    done
    sleep 5
    kill -KILL "$1"
} 2>/dev/null

# wait_test PID NAME WATCHER START
wait_test() {
    local status=0
    wait "$1" || status=$?
    kill "$3" 2>/dev/null && wait "$3"
    report "$2" "$status" "$4"
}

report() {
    local name=$1 status=$2 took=$((SECONDS - ${3:-SECONDS})) why=
    [ ! -s "$TOP/$name/why" ] || why=$(tr '\n' ' ' <"$TOP/$name/why")
    case $status in
    0)
        echo "ok ${name#test_}${V:+ ($took s)}"
        passed=$((passed + 1))
        ;;
    "$SKIPPED")
        # What failed, and then was not to be tried, has failed.
        if contains "$name" "${again[@]}"; then
            echo "FAIL ${name#test_}: $(<"$TOP/$name.first/why"); then skipped: $why"
            failed=$((failed + 1))
        else
            echo "skip ${name#test_}: $why"
            skipped=$((skipped + 1))
        fi
        ;;
    *)
        if [ "$chances" -gt 0 ]; then
            chances=$((chances - 1))
            again+=("$name")
            echo "${why:=exit $status}" >"$TOP/$name/why"
            echo "once more, at the end: ${name#test_}: $why"
        else
            echo "FAIL ${name#test_}: ${why:-exit $status}"
            failed=$((failed + 1))
        fi
        tail -n 20 "$TOP/$name.log" | sed 's/^/    /'
        ;;
    esac
}

# Many tests wait for something that a machine may be too busy for, be it with other tests. The first
# that fail are tried once more, alone; one that passes then is called flaky, and to be mended.
run_again() {
    local name start before
    chances=0
    for name in "${again[@]}"; do
        mv "$TOP/$name" "$TOP/$name.first"
        start=$SECONDS before=$passed
        run_test "$name" $((number += 1))
        wait_test "$RUNNING" "$name" "$WATCHER" "$start"
        [ "$passed" -eq "$before" ] || echo "flaky ${name#test_}: $(<"$TOP/$name.first/why")"
    done
}

finish_all() {
    trap - EXIT
    trap '' TERM INT
    local pids
    pids=$(jobs -p)
    # shellcheck disable=SC2086
    [ -z "$pids" ] || kill $pids 2>/dev/null
    wait
    umount /etc 2>/dev/null
    sed -n "s,^[^ ]* \\($TOP/[^ ]*\\) .*,\\1,p" /proc/mounts | sort -r | while read -r mounted; do
        umount "$mounted"
    done
    [ -n "${KEEP:-}" ] || rm -rf "$TOP"
}

# is_chosen NAME FILTER... - any of the filters, or none given, is part of the name. With
# HB_TEST_HOOK, which is what tests load that ask for none, the tests of the other hook are left out.
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

contains() {
    local wanted=$1 item
    shift
    for item; do
        [ "$item" != "$wanted" ] || return 0
    done
    return 1
}

# run_tests DIRECTORY [FILTER]... - run the tests of DIRECTORY/*.sh whose names have a filter in them
run_tests() {
    local directory=$1 file name i start twice number=0 chances=3
    local -a names=() chosen=() background=() running=() watchers=() again=()
    shift
    passed=0 failed=0 skipped=0

    if [ "$(id -u)" -ne 0 ]; then
        echo "skip all: needs root"
        echo "0 passed, 0 failed, 1 skipped"
        exit 0
    fi
    # Nothing that is mounted here shows outside.
    if [ -z "${HB_TESTS_INSIDE:-}" ]; then
        HB_TESTS_INSIDE=1 exec unshare --mount --propagation private "$directory/run" "$@"
    fi
    for file in hb-load hb-read tests/beater; do
        [ -x "$BUILD/$file" ] || {
            echo "FAIL all: there is no $BUILD/$file: make all test-programs"
            echo "0 passed, 1 failed"
            exit 1
        }
    done
    TOP=$(mktemp -d /tmp/hb-test.XXXXXX)
    chmod 0755 "$TOP"
    trap finish_all EXIT
    trap 'exit 130' INT TERM
    BPFFS=$TOP/bpf
    mkdir "$BPFFS" "$TOP/programs"
    mount -t bpf -o mode=0755 bpf "$BPFFS"
    set_stage
    # Ordinary users may not be able to reach the build.
    cp "$BUILD/hb-load" "$BUILD/hb-read" "$BUILD/tests/forge" "$TOP/programs"
    chmod 0755 "$TOP/programs"/*
    HB_LOAD=$TOP/programs/hb-load
    HB_READ=$TOP/programs/hb-read
    : >"$TOP/ids"

    for file in "$directory"/*.sh; do
        DEPENDS=user
        # shellcheck disable=SC1090
        . "$file"
        [[ " $HB_TEST_DEPENDS " == *" $DEPENDS "* ]] || continue
        mapfile -t -O "${#names[@]}" names < <(sed -n 's/^\(test_[a-z0-9_]*\)() {$/\1/p' "$file")
    done
    # They share one shell: a name used twice would be another file's function.
    twice=$(sed -nE 's/^([a-z0-9_]+)\(\) \{$/\1/p' "$LIB_ROOT"/tests/{lib,runner}.sh "$directory"/*.sh | sort | uniq -d)
    [ -z "$twice" ] || {
        echo "FAIL all: defined twice: $(paste -sd' ' <<<"$twice")"
        echo "0 passed, 1 failed"
        exit 1
    }
    for name in "${names[@]}"; do
        is_chosen "$name" "$@" || continue
        if contains "$name" "${BACKGROUND[@]}"; then
            background+=("$name")
        else
            chosen+=("$name")
        fi
    done
    for name in "${background[@]}"; do
        run_test "$name" $((number += 1))
        running+=("$RUNNING")
        watchers+=("$WATCHER")
    done
    for name in "${chosen[@]}"; do
        start=$SECONDS
        run_test "$name" $((number += 1))
        wait_test "$RUNNING" "$name" "$WATCHER" "$start"
    done
    for i in "${!running[@]}"; do
        wait_test "${running[i]}" "${background[i]}" "${watchers[i]}" 0
    done
    run_again
    all_gone
    report test_nothing_is_left $?
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" -eq 0 ]
}

# Configuration, groups and the lock of our own, seen from here alone.
set_stage() {
    cp -a /etc "$TOP/etc"
    mount --bind "$TOP/etc" /etc
    rm -rf /etc/activity-heartbeat
    echo "$GROUP:x:$GROUP_ID:" >>/etc/group
    mount -t tmpfs -o mode=0755 tmpfs /run
}

# After all: what was loaded, by any test, is out of the kernel.
is_all_gone() {
    LEFT=$("$BUILD/tests/ids" alive <"$TOP/ids" | tr '\n' ' ')
    [ -z "$LEFT" ]
}

all_gone() {
    mkdir -p "$TOP/test_nothing_is_left"
    : >"$TOP/test_nothing_is_left.log"
    within 10 is_all_gone && return 0
    echo "still there: $LEFT" >"$TOP/test_nothing_is_left/why"
    return 1
}
