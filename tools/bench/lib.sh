# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What the benchmarks share: a place of their own, what can be attached, and the watched program.
# All of it works in a mount namespace of its own, with a BPF file system and a pin directory of its
# own, and ends what it started; what was measured is added to $CSV:
#
#     round,who,what,value
#
# WHO is what is attached: see attach().

set -uo pipefail

BENCH_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=${BUILD:-build}
[[ $BUILD == /* ]] || BUILD=$BENCH_ROOT/$BUILD
BENCH=$BUILD/bench
# What runs as LISTED is considered by all of them. Ten names like the default ones, so that no
# editor that somebody has open is measured too; the peers look for LISTED first.
LISTED=hb.nvim
NAMES=(hb.nvim hb.nano hb.vim hb.ed hb.vi hb.emacs hb.more hb.less hb.vimdiff hb.tilde)
# bpftool is in /usr/sbin, which a user's PATH may lack.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

say() {
    echo "${0##*/}: $*" >&2
}

# enter SECONDS ARGUMENT... - run the script again, for no longer, as root, and where nothing that is
# mounted shows outside
enter() {
    local seconds=$1
    local -a as_root=()
    shift
    [ -z "${HB_BENCH_INSIDE:-}" ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || {
            say "needs root: run it as root, or install sudo"
            exit 1
        }
        as_root=(sudo)
    fi
    exec "${as_root[@]}" env HB_BENCH_INSIDE=1 BUILD="$BUILD" \
        timeout --kill-after=10 "$seconds" unshare --mount --propagation private "$0" "$@"
}

# set_stage NAME - TOP, PIN, CSV, and the processors
set_stage() {
    local -a processors
    TOP=$(mktemp -d /tmp/hb-bench.XXXXXX)
    trap clean_up EXIT
    trap 'exit 130' INT TERM
    CSV=$BENCH/$1.csv
    echo round,who,what,value >"$CSV"
    round=0
    mkdir "$TOP/bpf"
    mount -t bpf bpf "$TOP/bpf"
    mount -t tmpfs -o mode=0755 tmpfs /run
    [ -e /sys/kernel/tracing/events ] || mount -t tracefs tracefs /sys/kernel/tracing
    PIN=$TOP/bpf/heartbeat
    cp "$BENCH/watched" "$TOP/$LISTED"
    cp "$BENCH/watched" "$TOP/unlisted"
    mapfile -t processors < <(taskset -pc $$ | sed 's/.*: //' | tr ',' '\n' |
        awk -F- '{ for (i = $1; i <= ($2 == "" ? $1 : $2); i++) print i }')
    TOOL=${processors[0]}
    WATCHED=${processors[1]-}
    if [ -z "$WATCHED" ]; then
        say "one processor only: the tool and what it watches share it"
        WATCHED=$TOOL
    fi
}

clean_up() {
    trap - EXIT
    trap '' INT TERM
    detach
    [ -z "${PID_MAX-}" ] || echo "$PID_MAX" >/proc/sys/kernel/pid_max
    umount "$TOP/bpf"
    rm -rf "$TOP"
}

# record WHO WHAT VALUE
record() {
    printf '%s,%s,%s,%s\n' "$round" "$1" "$2" "$3" >>"$CSV"
}

# watched LISTED|unlisted ARGUMENT... - run it to its end
watched() {
    local name=$1
    shift
    taskset -c "$WATCHED" "$TOP/$name" "$@"
}

# within SECONDS COMMAND... - try until it succeeds
within() {
    local end=$((SECONDS + $1 + 1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.02
    done
}

# --- Attaching ----------------------------------------------------------------------------------

# on_tool COMMAND... - in the background, on the processor of the tools; its lines are counted.
# STARTED is its pid. TIMES, if it is set, is the file for the time of each line.
on_tool() {
    rm -f "$TOP/pipe"
    mkfifo "$TOP/pipe"
    # shellcheck disable=SC2086
    taskset -c "$TOOL" "$BENCH/arrivals" "$TOP/state" ${TIMES-} <"$TOP/pipe" &
    COUNTING=$!
    taskset -c "$TOOL" "$@" >"$TOP/pipe" 2>"$TOP/messages" &
    STARTED=$!
}

is_attached() {
    ! kill -0 "$STARTED" 2>/dev/null || grep -qs attached "$TOP/pipe.out"
}

attach_empty() {
    rm -f "$TOP/pipe.out"
    taskset -c "$TOOL" "$BENCH/empty" "$1" >"$TOP/pipe.out" 2>&1 &
    STARTED=$!
    COUNTING=
    within 5 is_attached
    kill -0 "$STARTED" 2>/dev/null
}

condition() {
    local name text=
    for name in "${NAMES[@]}"; do
        text+="${text:+ || }comm == \"$name\""
    done
    printf '%s' "$text"
}

# attach WHO [ARGUMENT]... - WHO is one of
#
#     nothing, again       nothing (twice, for the spread)
#     empty:HOOK           a program that does nothing
#     plain:perf           a perf buffer, whose reader is woken for each beat
#     plain:ring           a ring buffer, whose reader is woken if it had read all
#     plain:silent         one whose reader is never woken
#     bpftrace             a one-liner
#     ours:HOOK:RULE       hb-load, with the arguments, and hb-read
#
# Returns non-zero if that is not to be had here.
attach() {
    local who=$1 hook rule
    shift
    STARTED=
    COUNTING=
    LOADED=
    rm -f "$TOP/state"
    case $who in
    nothing | again) ;;
    empty:*) attach_empty "${who#*:}" ;;
    plain:*) on_tool "$BENCH/plain" "${who#*:}" "$(cat /proc/sys/kernel/pid_max)" "${NAMES[@]}" ;;
    bpftrace)
        on_tool bpftrace -q -e "tracepoint:syscalls:sys_enter_read /args->fd == 0 && ($(condition))/ {
            printf(\"%llu - %d\\n\", nsecs, pid); }"
        ;;
    ours:*)
        IFS=: read -r _ hook rule <<<"$who"
        LOADED=1
        taskset -c "$TOOL" "$BUILD/hb-load" load --pin-dir "$PIN" --hook "$hook" --rule "$rule" \
            --programs "$(IFS=, && echo "${NAMES[*]}")" "$@" >"$TOP/load" 2>&1 || return
        on_tool "$BUILD/hb-read" --pin-dir "$PIN" --listen none
        ;;
    esac
}

# hb-read has told the kernel, and its lines would be counted.
has_slot() {
    [ -e "$TOP/state" ] && [ "$("$BUILD/tests/pinned" "$PIN" open)" != 0 ]
}

# A line has come.
is_reading() {
    [ -s "$TOP/state" ] && [ "$(arrived)" -gt 0 ]
}

# attach_and_wait WHO [ARGUMENT]... - until beats arrive, where that is what it is for
attach_and_wait() {
    attach "$@" || return
    [ -n "$COUNTING" ] || return 0
    if [[ $1 == *:keys ]]; then
        # What the watched program reads is no terminal.
        within 10 has_slot
        return
    fi
    within 10 beat_until_read || {
        say "$1: no line came: $(head -n 3 "$TOP/messages" | tr '\n' '|')"
        return 1
    }
    settle
}

beat_until_read() {
    watched "$LISTED" pace 1000 1 >/dev/null
    is_reading
}

# The lines that have arrived.
arrived() {
    "$BENCH/arrivals" --show "$TOP/state" | cut -d' ' -f1
}

# Until no more lines come.
settle() {
    local before=-1 now i
    for ((i = 0; i < 50; i++)); do
        now=$(arrived)
        [ "$now" != "$before" ] || return 0
        before=$now
        sleep 0.2
    done
}

detach() {
    if [ -n "${STARTED-}" ]; then
        kill -TERM "$STARTED" 2>/dev/null
        wait "$STARTED" 2>/dev/null
        STARTED=
    fi
    if [ -n "${COUNTING-}" ]; then
        wait "$COUNTING"
        COUNTING=
    fi
    if [ -n "${LOADED-}" ]; then
        "$BUILD/hb-load" unload --pin-dir "$PIN" >/dev/null 2>&1
        LOADED=
    fi
}

# The programs of others that something here may have to pass: with them, nothing is not nothing.
count_others() {
    bpftool link show | grep -cE '^[0-9]+: (perf_event|raw_tracepoint|tracing)'
}

# --- What is there ------------------------------------------------------------------------------

# Those of attach() that work here; says why not of the others.
choose() {
    local who
    CHOSEN=()
    for who; do
        if [ "$who" = bpftrace ] && ! command -v bpftrace >/dev/null; then
            say "bpftrace is skipped: it is not installed"
        elif attach_and_wait "$who"; then
            CHOSEN+=("$who")
        else
            say "$who is skipped: $(tail -n 1 "$TOP/load" 2>/dev/null || echo "the kernel refuses")"
        fi
        detach
    done
}

is_chosen() {
    local who
    for who in "${CHOSEN[@]}"; do
        [ "$who" != "$1" ] || return 0
    done
    return 1
}
