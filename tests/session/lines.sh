# shellcheck shell=bash
# shellcheck disable=SC2153
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The lines of real editors, one for each read, by the original rule; and what bpftool and the metric
# show of them meanwhile.

LINES_GAUGE=gitpod_acitivity_heartbeat_currently_considered_pids

# The reads of descriptor 0 that strace has seen.
lines_traced() {
    grep -cE '^read\(0, ' "$1" || true
}

# lines_of WINDOW
lines_of() {
    grep -c " - ${KEYS_PIDS[$1]}\$" "$T/stdin.out" || true
}

lines_are_all() {
    [ "$(lines_of vim)" = "$(lines_traced "$T/trace")" ]
}

lines_gauge() {
    curl -s --unix-socket "$T/socket" http://localhost/metrics | sed -n "s/^$LINES_GAUGE //p"
}

lines_gauge_is() {
    [ "$(lines_gauge)" = "$1" ]
}

# What bpftool shows of our map. By the name alone it would show those of others, too.
lines_dump() {
    bpftool map dump pinned "${PIN}_stdin/considered_pids"
}

# lines_key WINDOW - as it appears there: 64 bits, the lowest first
lines_key() {
    printf '%016x' "${KEYS_PIDS[$1]}" |
        sed -E 's/(..)(..)(..)(..)(..)(..)(..)(..)/\8 \7 \6 \5 \4 \3 \2 \1/'
}

# lines_read SECONDS - another reader, that collects at this interval
lines_read() {
    local PIN=${PIN}_stdin
    end "$READER"
    start_reader stdin --gc-interval "$1"
}

test_lines_of_vim_nano_and_ed() {
    local window from until
    need strace vim nano ed bpftool curl
    keys_begin
    # Under names of our own: others here may have editors open.
    mkdir "$T/bin"
    for window in vim nano ed; do
        ln -s "$(command -v "$window")" "$T/bin/$PROG$window"
    done
    ln -s "$(command -v vim)" "$T/bin/notvim"
    LISTEN=(--listen "unix:$T/socket")
    # No collection, so that the zeros are there to be seen.
    keys_load "${HB_TEST_HOOK:-tracepoint}" stdin --programs "${PROG}vim,${PROG}nano,${PROG}ed"
    lines_read 0
    cp "$T/text" "$T/text.nano"
    keys_open vim j strace -qq -e trace=read -e signal=none -o "$T/trace" "$T/bin/${PROG}vim" --clean -n "$T/text"
    keys_open nano x "$T/bin/${PROG}nano" --ignorercfiles "$T/text.nano"
    keys_open ed "p Enter" "$T/bin/${PROG}ed" "$T/text"
    keys_open notvim j "$T/bin/notvim" --clean -n "$T/text"
    keys_open bash "x Enter" bash --norc
    keys_open cat "x Enter" cat -
    for window in vim nano ed notvim; do
        keys_wait "$window" "line 2 of|^$(stat -c %s "$T/text")\$"
    done
    # The pane is strace's.
    KEYS_PIDS[vim]=$(pgrep -P "${KEYS_PIDS[vim]}")
    keys_quiet
    from=$(date +%s%N)
    keys_mark
    keys_type
    # A key that comes while an editor is late would be read with the one before.
    for ((i = 1; i <= KEYS; i++)); do
        for window in vim nano ed; do
            wait_for 5 "a line at key $i in $window" lines_window_has "$window" "$i"
        done
        pause "$KEYS_PACE"
        [ "$i" = "$KEYS" ] || keys_type
    done
    wait_for 5 "a line for each read of vim ($(lines_of vim) lines, $(lines_traced "$T/trace") reads)" lines_are_all
    until=$(date +%s%N)
    for window in notvim bash cat; do
        same "lines of $window" 0 "$(lines_of "$window")"
    done
    same "lines of any other shape" 0 "$(grep -vcE '^[0-9]{19} - [0-9]+$' "$T/stdin.out" || true)"
    awk -v from="$from" -v until="$until" -v pid="${KEYS_PIDS[vim]}" '
        $3 == pid && $1 >= from && $1 <= until { n++ } END { print n + 0 }' "$T/stdin.out" >"$T/within"
    at_least "lines of vim with a time within the typing" "$KEYS" "$(<"$T/within")"

    bpftool map dump name considered_pids >"$T/dump"
    says "$T/dump" "^key: $(lines_key vim)  value: 01\$"
    for window in notvim bash cat; do
        says "$T/dump" "^key: $(lines_key "$window")  value: 00\$"
    done
    wait_for 2 "the gauge" lines_gauge_is 3
    # A collection takes the zeros alone.
    lines_read 1
    wait_for 2 "the end of the zeros" lines_zeros_are_gone
    says <(lines_dump) "^key: $(lines_key vim)  value: 01\$"
    # At once, by the kernel alone.
    lines_read 0
    keys_tmux send-keys -t "${KEYS_IDS[vim]}" Escape ':q!' Enter
    wait_for 2 "the fall of the gauge" lines_gauge_is 2
    lines_dump >"$T/dump"
    says_not "$T/dump" "$(lines_key vim)"
}

lines_window_has() {
    [ $(($(lines_of "$1") - ${KEYS_BEFORE[stdin:$1]})) -ge "$2" ]
}

# Others have theirs all the time.
lines_zeros_are_gone() {
    local window
    lines_dump >"$T/dump"
    for window in notvim bash cat; do
        ! grep -q "^key: $(lines_key "$window")" "$T/dump" || return 1
    done
}
