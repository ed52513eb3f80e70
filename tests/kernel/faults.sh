# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# hb-load and hb-read killed at any system call, or with one that fails: what is left is in nobody's way.

DEPENDS=kernel

# traced COMMAND... - run it, and write the system calls that it makes to $T/trace
traced() {
    strace -f -o "$T/trace" "$@" >"$T/out" 2>"$T/err"
}

# faulty SYSTEM_CALL FAULT NUMBER COMMAND... - run it with that fault of that call. STATUS is its exit status.
faulty() {
    local call=$1 fault=$2 number=$3
    shift 3
    STATUS=0
    strace -f -o "$T/trace" -e "trace=$call" -e "inject=$call:$fault:when=$number" "$@" \
        >"$T/out" 2>"$T/err" || STATUS=$?
}

# calls SYSTEM_CALL [PATTERN] - the numbers of those calls in $T/trace that match; a slow machine tries
# fewer
calls() {
    grep -oE "^[0-9]+ +$1\\(.*" "$T/trace" | grep -nE -e "${2:-}" | cut -d: -f1 |
        awk -v slow="$HB_TEST_SLOW" '(NR - 1) % (slow * slow) == 0'
}

# loads_well WHAT - the next load succeeds, nothing but it is there, and it counts
loads_well() {
    local before
    load --programs "$PROG"
    [ ! -e "${PIN}_new" ] || fail "$1 left ${PIN}_new"
    [ ! -e "${PIN}_old" ] || fail "$1 left ${PIN}_old"
    before=$(beats)
    beat 3
    same "beats after $1" 3 $(($(beats) - before))
}

test_unload_that_is_killed_or_fails() {
    local call fault number
    need strace
    LOADED+=("$PIN")
    load --programs "$PROG"
    traced "$HB_LOAD" unload --pin-dir "$PIN"
    cp "$T/trace" "$T/unload"
    for call in rename unlink rmdir; do
        for fault in signal=KILL error=EIO; do
            for number in $(cp "$T/unload" "$T/trace" && calls "$call" | awk 'NR % 5 == 1'); do
                load --programs "$PROG"
                faulty "$call" "$fault" "$number" "$HB_LOAD" unload --pin-dir "$PIN"
                [ "$STATUS" != 0 ] || [ "$call$fault" = renameerror=EIO ] ||
                    grep -q ENOENT "$T/trace" || fail "$fault of $call $number had no effect"
                # Moved aside, or untouched if that was what failed.
                [ ! -e "$PIN" ] || exits 0 "$HB_READ" status --pin-dir "$PIN"
                loads_well "$fault of $call $number"
                unload
            done
        done
    done
}

# The maps and hooks of a load that had to do without something can be used by a later load.
test_first_load_without_a_map() {
    local number failed=0
    need strace
    LOADED+=("$PIN")
    traced "$HB_LOAD" load --pin-dir "$PIN" --programs "$PROG"
    unload
    cp "$T/trace" "$T/load"
    # libbpf tries with socket filters whether maps can have names: a map that has none cannot be used again.
    for number in $(calls bpf 'BPF_MAP_CREATE|SOCKET_FILTER'); do
        faulty bpf error=ENOMEM "$number" "$HB_LOAD" load --pin-dir "$PIN" --programs "$PROG"
        if [ "$STATUS" != 0 ]; then
            failed=$((failed + 1))
            at_least "messages" 1 "$(lines "$T/err")"
            [ ! -e "$PIN" ] || fail "without call $number hb-load failed and left $PIN"
            [ ! -e "${PIN}_new" ] || fail "without call $number hb-load left ${PIN}_new"
        fi
        loads_well "a load without call $number"
        unload
    done
    at_least "loads that failed" 1 "$failed"
}

# Killed at any step of a change, it and the next one together restart the clock.
test_upgrade_that_is_killed() {
    local number before
    need strace
    load --programs "$PROG"
    traced "$HB_LOAD" load --pin-dir "$PIN" --programs "$PROG,${PROG}b" ${HB_TEST_HOOK:+--hook "$HB_TEST_HOOK"}
    cp "$T/trace" "$T/upgrade"
    # What comes before the first change of a map is not seen by others.
    for number in $(calls bpf . | awk -v from="$(calls bpf BPF_MAP_UPDATE_ELEM | head -n 1)" '$1 >= from && ++n % 3 == 1'); do
        load --programs "$PROG"
        before=$(sed 's/ .*//; s/\.//' /proc/uptime)
        faulty bpf signal=KILL "$number" "$HB_LOAD" load --pin-dir "$PIN" --programs "$PROG,${PROG}b" \
            ${HB_TEST_HOOK:+--hook "$HB_TEST_HOOK"}
        exits 0 "$HB_READ" status --pin-dir "$PIN"
        load --programs "$PROG,${PROG}b"
        at_least "time from which idle time counts, killed at call $number" "$before" $(($(changed) / 10000000 + 1))
    done
}

# Its successor prints what came meanwhile.
test_reader_whose_event_loop_fails() {
    local fault
    need strace
    load --programs "$PROG"
    for fault in error=EBADF signal=KILL; do
        start strace -f -o "$T/trace" -e "trace=?epoll_wait,?epoll_pwait" -e "inject=?epoll_wait,?epoll_pwait:$fault:when=5+" \
            "$HB_READ" --pin-dir "$PIN" --listen none --gc-interval 1
        finish "$STARTED" 20
        [ "$STATUS" != 0 ] || fail "$fault of epoll_wait had no effect"
        same "open slots after $fault" 1 "$(pinned open)"
        beat 7
        start_reader r
        wait_for 5 "the lines" has_lines "$T/r.out" 7
        end "$READER"
        same "lines after $fault" 7 "$(lines "$T/r.out")"
        same "slots after the end" 0 "$(pinned open)"
    done
}
