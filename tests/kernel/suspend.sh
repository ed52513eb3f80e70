# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2153
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# A machine that sleeps: only a virtual one is put to sleep, as tests/vm/inside says by HB_TEST_SUSPEND.

DEPENDS=kernel
ALONE+=(test_suspend_keeps_the_times test_suspend_uses_up_an_allowance)
SUSPENDED=6

# The nanoseconds of CLOCK_MONOTONIC, which stands still in suspend.
monotonic() {
    sed -n 's/^now at \([0-9]*\) nsecs.*/\1/p' /proc/timer_list
}

# beat_is_now NUMBER - one beat; the line of that number has the time of it
beat_is_now() {
    local before after at
    before=$(date +%s%N)
    beat 1
    after=$(date +%s%N)
    wait_for 5 "line $1" has_lines "$T/r.out" "$1"
    at=$(sed -n "$1s/ - $BEATER\$//p" "$T/r.out")
    at_least "time of line $1" "$before" "$at"
    at_most "time of line $1" "$after" "$at"
}

test_suspend_keeps_the_times() {
    local unix stood held ago
    [ -n "${HB_TEST_SUSPEND:-}" ] || skip "this machine is not to be suspended"
    need rtcwake
    load --programs "$PROG"
    start_reader r
    start_beater "$PROG" --hold 1
    held=$BEATER
    go "$held"
    wait_for 5 "the read" has_read "$PROG" 1
    beat_is_now 2
    unix=$(date +%s%N)
    stood=$(monotonic)
    rtcwake --mode mem --seconds "$SUSPENDED" || skip "it cannot be suspended"
    # Else it has not slept, and this would prove nothing.
    at_least "nanoseconds that the clock stood still" $(((SUSPENDED - 2) * 1000000000)) \
        $(($(date +%s%N) - unix - $(monotonic) + stood))
    beat_is_now 3
    ago=$(awk -v pid="$held" '$1 == pid { print int($5) }' "$PIN/considered")
    at_least "seconds since the beat before it" $((SUSPENDED - 2)) "$ago"
    end "$READER"
    empty "$T/r.err"
}

# A busy program counts for a limited time, which passes while the machine sleeps.
test_suspend_uses_up_an_allowance() {
    local for=$((5 * HB_TEST_SLOW))
    [ -n "${HB_TEST_SUSPEND:-}" ] || skip "this machine is not to be suspended"
    need rtcwake
    load --programs "$PROG" --busy "${PROG}w" --busy-for "${for}s"
    steps "${PROG}w" background wait
    took 1
    idle 0 "^active: ${PROG}w \(pid $STEPS\) has been working for " 0.001
    rtcwake --mode mem --seconds "$((for + 2))" || skip "it cannot be suspended"
    idle "$EXIT_IDLE" "^idle: " "$for"
    kill -0 "$STEPS"
}
