# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Whose reads each hook sees: threads, 32-bit programs, processes that were there before the load, many
# at once, and many that live for a short time.

DEPENDS=hook

# --- Threads and ABIs ---------------------------------------------------------------------------

threads_count() {
    local rule
    for rule in any keys; do
        load_hook "$1" --programs "$PROG" --rule "$rule"
        gives 11 --thread another read
        gives 11 --thread another --fd 5 read
        gives 11 --thread another --alone read
        gives 11 --thread another --alone --fd 5 read
        # Only the name of the leader counts.
        WAYS_NAME=not$PROG gives 0 --thread "$PROG" read
        WAYS_NAME=not$PROG gives 0 --thread "$PROG" --fd 5 read
    done
}

test_fentry_threads() {
    threads_count fentry
    gives 11 --thread another --fd 5 uring-worker
}

test_tracepoint_threads() {
    threads_count tracepoint
}

# tiny_32 NAME - make a 32-bit program and try it, or skip the test
tiny_32() {
    mkdir -p "$T/narrow"
    "$BUILD/tests/tiny" --32 "$T/narrow/$1" 0 11 2>"$T/tiny.err" || skip "$(<"$T/tiny.err")"
    local status=0
    "$T/narrow/$1" </dev/zero 2>"$T/tiny.err" || status=$?
    # bash cannot execute it.
    [ "$status" != 126 ] || skip "this kernel runs no 32-bit programs"
    same "status of a 32-bit program" 0 "$status"
}

test_fentry_32_bit() {
    local rule
    tiny_32 "not$PROG"
    tiny_32 "$PROG"
    for rule in stdin any keys; do
        load_hook fentry --programs "$PROG" --rule "$rule"
        mark
        "$T/narrow/$PROG" </dev/zero
        "$T/narrow/not$PROG" </dev/zero
        same "beats of a file, rule $rule" "$([ "$rule" = keys ] && echo 0 || echo 11)" "$(since_mark)"
        WAYS_NAME=typist gives 11 child "$T/narrow/$PROG"
        WAYS_NAME=typist gives 0 child "$T/narrow/not$PROG"
        # A 64-bit program can make the same call.
        gives 11 int80
        gives "$([ "$rule" = stdin ] && echo 0 || echo 11)" --fd 5 int80
    done
    exits 0 "$HB_READ" status --pin-dir "$PIN"
    says_not "$T/out" "32-bit"
}

test_tracepoint_32_bit() {
    load_hook tracepoint --programs "$PROG"
    exits 0 "$HB_READ" status --pin-dir "$PIN"
    says "$T/out" "^not seen .*32-bit"
    tiny_32 "$PROG"
    mark
    "$T/narrow/$PROG" </dev/zero
    same "beats" 0 "$(since_mark)"
}

# --- Started before the load --------------------------------------------------------------------

started_before() {
    local hook=$1 fd rule
    shift
    for rule in any keys; do
        for fd in 0 3; do
            [ ! -e "$PIN" ] || unload
            start_beater "$PROG" --hold --terminal --type --fd "$fd" 11
            load_hook "$hook" --programs "$PROG" --rule "$rule"
            go "$BEATER"
            wait_for 5 "the reads" grep -q " 11$" "$T/beater.$PROG"
            same "beats of descriptor $fd, rule $rule" 11 "$(process_field "$BEATER" beats)"
            go "$BEATER"
            finish "$BEATER"
        done
    done
}

test_fentry_started_before() {
    started_before fentry
}

test_tracepoint_started_before() {
    started_before tracepoint
}

is_asleep() {
    grep -q "^State:.S" "/proc/$1/status"
}

# A program already waits for a key when the hooks are loaded: they may miss that key, but no later one.
waiting_before() {
    local pid
    install_ways
    start "$T/bin/$PROG" --hold --fd 3 --late-ms 400 read 11 >"$T/ways" 2>"$T/ways.err" </dev/null
    pid=$STARTED
    wait_for 5 "the start" is_asleep "$pid"
    load_hook "$1" --programs "$PROG" --rule "$2"
    [ ! -s "$T/ways" ] || skip "the load took longer than the first key"
    mark
    wait_for 20 "the keys" has_lines "$T/ways" 1
    at_least "beats" 1 "$(process_field "$pid" beats)"
    at_least "time of the last beat" "$(sed 's/.* //' "$T/ways")" "$(process_field "$pid" last_beat)"
}

test_fentry_waiting_before() {
    waiting_before fentry keys
}

test_tracepoint_waiting_before() {
    waiting_before tracepoint keys
}

# An upgrade leaves the hooks attached, and so does a check: if a program waits for a key meanwhile, that
# key counts. Other tools may attach or detach hooks at that moment, but not in every round.
upgrade_while_waiting() {
    local round pid
    install_ways
    load_hook "$1" --programs "$PROG" --rule keys
    for round in 1 2 3; do
        start "$T/bin/$PROG" --hold --fd 3 --late-ms $((500 * HB_TEST_SLOW)) read 1 >"$T/ways" 2>"$T/ways.err" </dev/null
        pid=$STARTED
        wait_for 5 "the start" is_asleep "$pid"
        load --hook "$1" --programs "$PROG" --rule keys
        same "changes" "updated: no setting has changed" "$(<"$T/load.out")"
        exits 0 "$HB_LOAD" check --pin-dir "$PIN" --hook "$1" --programs "$PROG" --rule keys
        [ ! -s "$T/ways" ] || skip "the upgrade took longer than the key"
        wait_for 5 "the key" has_lines "$T/ways" 1
        [ "$(process_field "$pid" beats)" != 1 ] || return 0
        echo "the key of round $round was missed"
        end "$pid" KILL
    done
    fail "the key was seen in none of $round rounds"
}

test_fentry_upgrade_while_waiting() {
    upgrade_while_waiting fentry
}

test_tracepoint_upgrade_while_waiting() {
    upgrade_while_waiting tracepoint
}

test_load_before_any_terminal() {
    local stat
    local -a rest
    for stat in /proc/[0-9]*/stat; do
        rest=()
        mapfile -t rest 2>/dev/null <"$stat" || true
        [ "${#rest[@]}" -gt 0 ] || continue
        # State, parent, group, session, terminal.
        read -ra rest <<<"${rest[-1]##*) }"
        [ "${rest[4]}" = 0 ] || skip "process ${stat//[!0-9]/} has a terminal already"
    done
    load --programs "$PROG" --rule keys
    gives 11 read
    gives 11 --fd 5 read
}

# --- Accounts -----------------------------------------------------------------------------------

# start_noise DESCRIPTOR - start two other programs that read as fast as they can
start_noise() {
    local name
    NOISE=()
    for name in a b; do
        start_beater "noise$name" --fd "$1" 0
        NOISE+=("$BEATER")
    done 5</dev/zero
    go "${NOISE[@]}"
}

stop_noise() {
    local pid
    for pid in "${NOISE[@]}"; do
        end "$pid"
    done
}

# accounts HOOK DESCRIPTOR - reads, beats, lines, lost beats and missed reads add up, beside noise
accounts() {
    local total printed lost missed
    load_hook "$1" --programs "$PROG" --rule any
    start_reader r
    start_noise "$2"
    beat --threads 2 "$(prime 50021)"
    total=$(beats)
    stop_noise
    missed=$(missed)
    at_most "beats of $READS reads" "$READS" "$total"
    at_least "beats ($total) and missed ($missed)" "$READS" $((total + missed))
    wait_for 20 "printed and lost, together" reader_accounts_for "$total"
    printed=$(lines "$T/r.out")
    lost=$(said_lost r)
    same "printed ($printed) and lost ($lost)" "$total" $((printed + lost))
    echo "reads $READS, beats $total, printed $printed, lost $lost, missed $missed"
}

reader_accounts_for() {
    [ $(($(lines "$T/r.out") + $(said_lost r))) -ge "$1" ]
}

test_fentry_accounts() {
    accounts fentry 0
}

test_fentry_accounts_of_other_descriptors() {
    accounts fentry 5
}

test_tracepoint_accounts() {
    accounts tracepoint 0
}

test_tracepoint_accounts_of_other_descriptors() {
    accounts tracepoint 5
}

keys_beside_noise() {
    local rule fd total keys
    keys=$(prime $((HB_TEST_SLOW == 1 ? 1009 : 503)))
    for rule in any keys; do
        load_hook "$1" --programs "$PROG" --rule "$rule"
        for fd in 0 5; do
            start_noise 5
            mark
            ways --fd "$fd" read "$keys"
            total=$(since_mark)
            stop_noise
            if [ "$1" = fentry ] && [ "$fd$rule" != 0any ]; then
                same "keys of descriptor $fd, rule $rule" "$keys" "$total"
            else
                at_most "keys of descriptor $fd, rule $rule" "$keys" "$total"
                at_least "keys of descriptor $fd, rule $rule, with those missed" "$keys" $((total + $(missed)))
            fi
        done
    done
}

# fentry has a BPF program for terminals only, which reads of files do not block.
test_fentry_keys_beside_noise() {
    keys_beside_noise fentry
}

test_tracepoint_keys_beside_noise() {
    keys_beside_noise tracepoint
}

# --- Many short lives ---------------------------------------------------------------------------

# Print the pids in the maps that have no process. Look twice, since a process may just have ended.
entries_of_the_dead() {
    local pid
    for pid in $(pinned pids | sort -u); do
        [ ! -d "/proc/$pid" ] || continue
        [ "$(pinned verdict "$pid")$(pinned process "$pid")" = nonenone ] || echo "$pid"
    done
}

# churns HOOK - start and end a thousand processes per second, or as many as the machine can
churns() {
    local seconds=60 count took
    [ "$HB_TEST_SLOW" = 1 ] || seconds=3
    mkdir -p "$T/bin"
    "$BUILD/tests/tiny" "$T/bin/$PROG" 0 3 2>"$T/tiny.err" || skip "$(<"$T/tiny.err")"
    cp "$T/bin/$PROG" "$T/bin/not$PROG"
    load_hook "$1" --programs "$PROG" --rule any
    "$BUILD/tests/churn" 1000 "$seconds" "$T/bin/$PROG" "$T/bin/not$PROG" </dev/zero >"$T/churn"
    read -r count took <"$T/churn"
    echo "$count programs in $took ms, $(beats) beats, missed $(missed)"
    at_least "programs" $((seconds * 500 / HB_TEST_SLOW)) "$count"
    # Linux 7.2 preempts BPF programs, and therefore skips an exit now and then, which it counts.
    at_most "entries of the dead, without any collection" "$(missed_by exit)" "$(entries_of_the_dead | wc -l)"
    cat "$PIN/collect"
    same "entries of the dead, after one" "" "$(entries_of_the_dead | paste -sd' ')"
    # Half of the listed ones are killed at their start.
    at_least "beats" $((count * 3 / 4 - $(missed))) "$(beats)"
    at_most "beats" $((count * 3 / 2)) "$(beats)"
}

# A slow machine has a rate to keep, too.
if [ "$HB_TEST_SLOW" = 1 ]; then
    BACKGROUND+=(test_fentry_churn test_tracepoint_churn)
else
    ALONE+=(test_fentry_churn test_tracepoint_churn)
fi

# Up to Linux 6.12, a read that waits may be missed if another test attaches to the same function.
ALONE+=(test_fentry_32_bit test_fentry_waiting_before test_fentry_upgrade_while_waiting)

test_fentry_churn() {
    churns fentry
}

test_tracepoint_churn() {
    churns tracepoint
}
