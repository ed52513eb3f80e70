# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Functions for all benchmarks: a private environment, tools to attach, and the program to watch.
#
# Everything runs in a private mount namespace, with a private BPF file system and pin directory, and is
# ended at the end. Each result is a line of $CSV:
#
#     round,who,what,value
#
# WHO is what is attached: see attach().

set -uo pipefail

BENCH_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=${BUILD:-build}
[[ $BUILD == /* ]] || BUILD=$BENCH_ROOT/$BUILD
BENCH=$BUILD/bench
# All tools watch the program named LISTED. It is one of ten names like the default ones, but none that
# somebody on this machine may be using. The other tools compare with LISTED first.
LISTED=hb.nvim
NAMES=(hb.nvim hb.nano hb.vim hb.ed hb.vi hb.emacs hb.more hb.less hb.vimdiff hb.tilde)
# bpftool is in /usr/sbin, which a user's PATH may lack.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

say() {
    echo "${0##*/}: $*" >&2
}

# enter SECONDS ARGUMENT... - run this script again as root, in a private mount namespace, for at most
# that long
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

# set_stage NAME - set TOP, PIN, CSV and the processors
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
        say "there is only one processor: the tool and the watched program share it"
        WATCHED=$TOOL
    fi
}

clean_up() {
    # A child that gets a signal before it has reset the traps comes here, too.
    [ "$BASHPID" = $$ ] || exit
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

# on_tool COMMAND... - start it in the background, on the processor of the tools, and count its lines.
# STARTED is its pid. If TIMES is set, the time of each line goes to that file.
on_tool() {
    rm -f "$TOP/pipe"
    mkfifo "$TOP/pipe"
    taskset -c "$TOOL" "$BENCH/arrivals" "$TOP/state" ${TIMES:+"$TIMES"} <"$TOP/pipe" &
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
#     nothing, again       nothing, measured twice to show the spread
#     empty:HOOK           a BPF program that does nothing: tracepoint (on the entry of read), exit or fentry
#     plain:perf           a perf buffer that wakes its reader for each beat
#     plain:ring           a ring buffer that wakes its reader if that had read everything
#     plain:silent         a ring buffer that never wakes its reader
#     bpftrace             a one-line script
#     ours:HOOK:RULE       hb-load with the arguments, and hb-read; RULE all: any program, by its keys
#
# Fails if this machine does not have it.
attach() {
    local who=$1 hook rule names
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
        names=$(IFS=, && echo "${NAMES[*]}")
        [ "$rule" != all ] || names='*'
        taskset -c "$TOOL" "$BUILD/hb-load" load --pin-dir "$PIN" --hook "$hook" --rule "${rule/all/keys}" \
            --programs "$names" "$@" >"$TOP/load" 2>&1 || return
        on_tool "$BUILD/hb-read" --pin-dir "$PIN" --listen none
        ;;
    esac
}

# hb-read has opened its slot, so beats arrive from now on.
has_slot() {
    [ -e "$TOP/state" ] && [ "$("$BUILD/tests/pinned" "$PIN" open)" != 0 ]
}

# A line has arrived.
is_reading() {
    [ -s "$TOP/state" ] && [ "$(arrived)" -gt 0 ]
}

# attach_and_wait WHO [ARGUMENT]... - attach it, and wait until beats arrive if it prints any
attach_and_wait() {
    attach "$@" || return
    [ -n "$COUNTING" ] || return 0
    if [[ $1 == *:keys || $1 == *:all ]]; then
        # These count keys only, and the watched program has no terminal.
        within 10 has_slot
        return
    fi
    within 10 beat_until_read || {
        say "$1: no line arrived: $(head -n 3 "$TOP/messages" | tr '\n' '|')"
        return 1
    }
    settle
}

beat_until_read() {
    watched "$LISTED" pace 1000 1 >/dev/null
    is_reading
}

# Print how many lines have arrived.
arrived() {
    "$BENCH/arrivals" --show "$TOP/state" | cut -d' ' -f1
}

# Wait until no more lines arrive.
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

# Count the hooks of other tools. They would be part of what is measured.
count_others() {
    bpftool link show | grep -cE '^[0-9]+: (perf_event|raw_tracepoint|tracing)'
}

# Wait until no other tool has hooks, at most until PATIENCE seconds from the start.
await_silence() {
    until [ "$SECONDS" -ge "$PATIENCE" ] || [ "$(count_others)" -eq 0 ]; do
        sleep 0.1
    done
}

# No other tool has hooks beside the OWN ones, or it is too late to wait for that.
is_undisturbed() {
    [ "$SECONDS" -ge "$PATIENCE" ] || [ "$(count_others)" -eq "$OWN" ]
}

# --- Choosing -----------------------------------------------------------------------------------

# choose WHO... - set CHOSEN to those that work here, and print why the others do not
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
