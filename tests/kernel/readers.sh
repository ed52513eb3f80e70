# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Several readers: each sees every beat, each has a slot, and the next one adopts a slot left behind.

DEPENDS=kernel

pids_of() {
    sed 's/.* - //' "$T/$1.out"
}

# compare_times READER READER - print how many of their lines differ by more than a millisecond, not
# counting whole hours, and how many differ by an hour. awk rounds such numbers to 256 ns.
compare_times() {
    paste -d' ' "$T/$1.out" "$T/$2.out" | awk '
        { d = $1 - $4; if (d < 0) d = -d }
        d > 1800e9 { hours++; d -= 3600e9; if (d < 0) d = -d }
        d > 1e6 { far++ }
        END { print far + 0, hours + 0 }'
}

test_two_readers_see_the_same() {
    local first second a b far hours
    need taskset
    load --programs "$PROG,${PROG}b"
    start_reader a
    a=$READER
    start_reader b
    b=$READER
    # Put both on one processor, since beats at the same time have no order.
    start_beater "$PROG" --pace-us 200 5003
    first=$BEATER
    start_beater "${PROG}b" --pace-us 200 5004
    second=$BEATER
    taskset -p 1 "$first"
    taskset -p 1 "$second"
    go "$first" "$second"
    finish "$first"
    finish "$second"
    seen 10007 "$PROG" "${PROG}b"
    wait_for 10 "all lines of a" has_lines "$T/a.out" "$SEEN"
    wait_for 10 "all lines of b" has_lines "$T/b.out" "$SEEN"
    end "$a"
    end "$b"
    empty "$T/a.err"
    empty "$T/b.err"
    same "lines of a" "$SEEN" "$(lines "$T/a.out")"
    same "lines of b" "$SEEN" "$(lines "$T/b.out")"
    same "lines of the first beater" "$(beats)" "$(pids_of a | grep -cx "$first")"
    cmp -s <(pids_of a) <(pids_of b) || fail "the pids are not in the same order"
    read -r far hours < <(compare_times a b)
    same "lines more than a millisecond apart" 0 "$far"
    same "lines hours apart" 0 "$hours"
}

test_step_of_the_clock() {
    local far hours name a b
    export CLOCKSHIM_TRIGGER=$T/step
    load --programs "$PROG"
    for name in a b; do
        LD_PRELOAD=$BUILD/tests/clockshim.so start_reader "$name"
        if [ "$name" = a ]; then a=$READER; else b=$READER; fi
    done
    start_beater "$PROG" --pace-us 200 10007
    go "$BEATER"
    wait_for 10 "half of the lines" has_lines "$T/a.out" 4000
    touch "$T/step"
    finish "$BEATER"
    seen 10007
    for name in a b; do
        wait_for 10 "all lines of $name" has_lines "$T/$name.out" "$SEEN"
        # There is one jump, by one hour.
        same "jumps of $name" "1 3600" "$(awk '
            NR > 1 && $1 - last > 1e12 { jumps++; by = ($1 - last) / 1e9 }
            { last = $1 }
            END { printf "%d %d\n", jumps, by + 0.5 }' "$T/$name.out")"
    done
    end "$a"
    end "$b"
    same "lines of a" "$SEEN" "$(lines "$T/a.out")"
    cmp -s <(pids_of a) <(pids_of b) || fail "the pids are not in the same order"
    read -r far hours < <(compare_times a b)
    same "lines more than a millisecond apart" 0 "$far"
    # Their batches do not begin with the same beat.
    at_most "lines that only one reader put after the step" 1000 "$hours"
}

test_stopped_reader_loses_only_its_own() {
    local format
    need jq
    for format in text json; do
        overflow "$format"
    done
}

overflow() {
    local format=$1 a b
    load --programs "$PROG" --ring-size 1048576
    start_reader "a$format" --format "$format"
    a=$READER
    start_reader "b$format"
    b=$READER
    kill -STOP "$a"
    beat 50021
    seen 50021
    wait_for 20 "all lines of the other" has_lines "$T/b$format.out" "$SEEN"
    kill -CONT "$a"
    wait_for 20 "printed and lost, together" accounts_for "a$format" "$SEEN"
    end "$a"
    end "$b"
    count_lines "a$format"
    at_least "lost" 1 "$LOST"
    at_least "printed" 1 "$PRINTED"
    same "printed ($PRINTED) + lost ($LOST)" "$SEEN" $((PRINTED + LOST))
    same "lost, on standard error" "$LOST" "$(said_lost "a$format")"
    same "lines of the other" "$SEEN" "$(lines "$T/b$format.out")"
    empty "$T/b$format.err"
    unload
}

accounts_for() {
    count_lines "$1"
    [ $((PRINTED + LOST)) -ge "$2" ]
}

# count_lines READER - PRINTED is how many beats it has printed, and LOST how many it has reported as
# lost: in its output if that is JSON, else in its messages
count_lines() {
    PRINTED=$(lines "$T/$1.out")
    LOST=$(said_lost "$1")
    [[ $1 == *json ]] || return 0
    grep '"type":"lost".*}$' "$T/$1.out" >"$T/lost" || true
    LOST=$(jq -s 'map(.count) | add // 0' <"$T/lost")
    PRINTED=$((PRINTED - $(lines "$T/lost")))
}

test_fast_reader_loses_nothing() {
    load --programs "$PROG" --ring-size 8388608
    start_reader r
    beat 100003
    seen 100003
    wait_for 20 "all lines" has_lines "$T/r.out" "$SEEN"
    end "$READER"
    same "lines" "$SEEN" "$(lines "$T/r.out")"
    empty "$T/r.err"
}

test_all_slots_taken() {
    local first second
    load --programs "$PROG" --readers 2
    start_reader a
    first=$READER
    start_reader b
    second=$READER
    refuses "$EXIT_FAILED" "all 2 reader slots are taken.*--readers" "$HB_READ" --pin-dir "$PIN" --listen none
    says "$T/err" "hb-read \\(pid $first\\)"
    says "$T/err" "hb-read \\(pid $second\\)"
    # Commands that need no slot still work.
    exits 0 "$HB_READ" status --pin-dir "$PIN"
    end "$first"
    start_reader c
    same "slot of the third" 0 "$(slot_of "$READER")"
}

test_orphan_is_adopted_before_a_free_slot() {
    load --programs "$PROG"
    local a b
    start_reader a
    a=$READER
    start_reader b
    b=$READER
    same "slot of b" 1 "$(slot_of "$b")"
    end "$b" KILL
    end "$a"
    same "open slots" 2 "$(pinned open)"
    beat 13
    start_reader c
    same "slot of c" 1 "$(slot_of "$READER")"
    wait_for 5 "the lines that b left behind" has_lines "$T/c.out" 13
    end "$READER"
    same "lines" 13 "$(lines "$T/c.out")"
    same "open slots" 0 "$(pinned open)"
}

test_slot_that_was_closed_starts_empty() {
    load --programs "$PROG"
    start_reader a
    beat 13
    end "$READER"
    same "open slots" 0 "$(pinned open)"
    beat 17
    start_reader b
    beat 19
    wait_for 5 "lines" has_lines "$T/b.out" 19
    end "$READER"
    same "lines" 19 "$(lines "$T/b.out")"
    empty "$T/b.err"
}

test_signals_end_a_reader() {
    local signal
    load --programs "$PROG"
    for signal in INT TERM; do
        start_reader "r$signal"
        beat 3
        wait_for 5 "lines" has_lines "$T/r$signal.out" 3
        kill -"$signal" "$READER"
        finish "$READER" 2
        same "exit status after SIG$signal" 0 "$STATUS"
        same "open slots" 0 "$(pinned open)"
        empty "$T/r$signal.err"
    done
}

test_beats_before_the_signal_are_printed() {
    load --programs "$PROG"
    start_reader r
    kill -STOP "$READER"
    beat 1009
    kill -TERM "$READER"
    kill -CONT "$READER"
    finish "$READER"
    same "lines" 1009 "$(lines "$T/r.out")"
}

test_closed_pipe_ends_a_reader() {
    load --programs "$PROG"
    mkfifo "$T/pipe"
    exec 9<>"$T/pipe"
    start head -n 3 <"$T/pipe" >"$T/head" 9>&-
    local head=$STARTED
    start "$HB_READ" --pin-dir "$PIN" --listen none >"$T/pipe" 2>"$T/r.err" 9>&-
    exec 9>&-
    READER=$STARTED
    wait_for 10 "the reader" is_reading "$READER"
    beat --pace-us 1000 50
    finish "$head"
    finish "$READER"
    same "exit status" 0 "$STATUS"
    same "lines of head" 3 "$(lines "$T/head")"
    empty "$T/r.err"
}

test_json_lines() {
    need jq
    load --programs "$PROG"
    start_reader r --format json
    start_beater "$PROG" --hold 7
    go "$BEATER"
    wait_for 5 "lines" has_lines "$T/r.out" 7
    end "$READER"
    same "lines" 7 "$(lines "$T/r.out")"
    same "lines that are no object" 0 "$(grep -vc '^{.*}$' "$T/r.out")"
    jq -s . <"$T/r.out" >"$T/body" || fail "jq cannot read the lines as JSON"
    is 'map(.seq) | join(" ")' "1 2 3 4 5 6 7" \
        'map(.pid) | unique | join(" ")' "$BEATER" \
        'map(.program) | unique | join(" ")' "$PROG" \
        'map(.uid) | unique | join(" ")' 0 \
        'all(.time | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{9}Z$"))' true \
        'all(.cgroup_id | type == "number")' true
}

test_times_are_those_of_the_reads() {
    local before after first last
    load --programs "$PROG"
    start_reader r
    kill -STOP "$READER"
    beater "$PROG"
    before=$(date +%s%N)
    beat 101
    after=$(date +%s%N)
    sleep 0.3
    kill -CONT "$READER"
    wait_for 5 "lines" has_lines "$T/r.out" 101
    first=$(sed -n '1s/ .*//p' "$T/r.out")
    last=$(sed -n '$s/ .*//p' "$T/r.out")
    # The offset between the clocks is known to some microseconds.
    at_least "first time" $((before - 100000)) "$first"
    at_most "last time" $((after + 100000)) "$last"
    sort -c "$T/r.out" || fail "the times go back"
}
