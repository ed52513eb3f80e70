# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# A killed reader and the next one together print every beat.

DEPENDS=kernel

# Bytes that a reader writes at once. The next one may repeat them if they were not committed.
LAST_BATCH=4096

test_killed_reader_of_a_file() {
    local round
    need jq
    load --programs "$PROG"
    for ((round = 0; round < (HB_TEST_SLOW == 1 ? 12 : 2); round++)); do
        kill_in_mid_stream file json --pace-us 1000
        check_sequence
    done
}

test_killed_reader_of_a_pipe() {
    local round
    need jq
    load --programs "$PROG"
    for ((round = 0; round < (HB_TEST_SLOW == 1 ? 12 : 2); round++)); do
        kill_in_mid_stream pipe json --pace-us 1000
        check_sequence
    done
}

# As fast as possible, but the beats between the two readers must fit into the ring.
test_killed_reader_flat_out() {
    local round kind
    need jq
    load --programs "$PROG" --ring-size 16777216
    for ((round = 0; round < (HB_TEST_SLOW == 1 ? 5 : 1); round++)); do
        kind="file"
        [ $((round % 2)) = 0 ] || kind="pipe"
        kill_in_mid_stream "$kind" json --pace-us $((5000 * HB_TEST_SLOW)) --burst $((500 / HB_TEST_SLOW))
        check_sequence
    done
}

test_killed_reader_of_text() {
    local kind
    load --programs "$PROG"
    for kind in "file" "pipe"; do
        kill_in_mid_stream "$kind" text --pace-us 1000
        check_times
    done
}

# kill_in_mid_stream file|pipe FORMAT OPTION... - the lines are in $T/first and $T/second, and READS is
# how many there must be: the number of reads that the hooks saw
kill_in_mid_stream() {
    local kind=$1 format=$2 first slot cat before
    shift 2
    rm -f "$T/beater.$PROG"
    before=$(beats)
    run_reader "$kind" first "$format"
    first=$READER
    slot=$(slot_of "$first")
    cat=$CAT
    start_beater "$PROG" "$@" 0
    go "$BEATER"
    wait_for 10 "the first lines" has_lines "$T/first" 50
    kill -KILL "$first"
    finish "$first"
    [ -z "$cat" ] || finish "$cat"
    run_reader "$kind" second "$format"
    same "slot of the second reader" "$slot" "$(slot_of "$READER")"
    wait_for 10 "lines of the second reader" has_lines "$T/second" 50
    kill -TERM "$BEATER"
    finish "$BEATER"
    READS=$(($(beats) - before))
    at_most "beats" "$(reads_of "$PROG")" "$READS"
    at_least "beats and missed" "$(reads_of "$PROG")" $((READS + $(missed)))
    wait_for 10 "the last line" is_last "$format"
    end "$READER"
    same "exit status of the second reader" 0 "$STATUS"
    [ -z "$CAT" ] || finish "$CAT"
    empty "$T/second.err"
    same "open slots" 0 "$(pinned open)"
}

# Text does not show it, but a reader prints everything before it ends.
is_last() {
    [ "$1" = text ] || [ "$(tail -n 1 "$T/second" | jq .seq 2>/dev/null)" = "$READS" ]
}

# run_reader file|pipe NAME FORMAT - its output goes to $T/NAME; CAT is the process that reads the pipe
run_reader() {
    CAT=
    if [ "$1" = pipe ]; then
        rm -f "$T/pipe"
        mkfifo "$T/pipe"
        exec 9<>"$T/pipe"
        start cat <"$T/pipe" >"$T/$2" 9>&-
        CAT=$STARTED
        start "$HB_READ" --pin-dir "$PIN" --listen none --format "$3" >"$T/pipe" 2>"$T/$2.err" 9>&-
        exec 9>&-
    else
        start "$HB_READ" --pin-dir "$PIN" --listen none --format "$3" >"$T/$2" 2>"$T/$2.err"
    fi
    READER=$STARTED
    wait_for 10 "the reader" is_reading "$READER"
}

# complete FILE - print it without an incomplete last line
complete() {
    if [ -n "$(tail -c 1 "$1")" ]; then
        sed '$d' "$1"
    else
        cat "$1"
    fi
}

# Each number from 1 to READS is there once, but the killed reader's last lines may be there twice.
check_sequence() {
    local count=$READS repeated
    complete "$T/first" >"$T/first.lines"
    complete "$T/second" >"$T/second.lines"
    jq .seq <"$T/first.lines" >"$T/first.order"
    sort "$T/first.order" >"$T/first.seq"
    jq .seq <"$T/second.lines" | sort >"$T/second.seq"
    seq "$count" | sort >"$T/all.seq"
    sort -u "$T/first.seq" "$T/second.seq" >"$T/both.seq"
    cmp -s "$T/all.seq" "$T/both.seq" ||
        fail "missing of $count beats: $(comm -23 "$T/all.seq" "$T/both.seq" | head -n 5 | tr '\n' ' '); too many: $(comm -13 "$T/all.seq" "$T/both.seq" | head -n 5 | tr '\n' ' ')"
    same "repeated by the first reader" "" "$(uniq -d "$T/first.seq" | head -n 3)"
    same "repeated by the second reader" "" "$(uniq -d "$T/second.seq" | head -n 3)"
    comm -12 "$T/first.seq" "$T/second.seq" >"$T/repeated.seq"
    repeated=$(lines "$T/repeated.seq")
    tail -n "$repeated" "$T/first.lines" >"$T/repeated"
    cmp -s <(tail -n "$repeated" "$T/first.order" | sort) "$T/repeated.seq" || fail "the repeated lines are not the last ones of the first reader"
    at_most "repeated bytes" "$LAST_BATCH" "$(wc -c <"$T/repeated")"
    at_least "lines of the first reader" 50 "$(lines "$T/first.lines")"
    at_least "lines of the second reader" 50 "$(lines "$T/second.lines")"
}

# The same for text. Two readers give one beat times that differ by microseconds; two beats are never
# closer than 1 ms, as the beater waits that long between two reads.
check_times() {
    local count=$READS last repeated
    complete "$T/first" >"$T/first.lines"
    complete "$T/second" >"$T/second.lines"
    says_not "$T/second.lines" '^[0-9]{19} - [0-9]+.+[^0-9]'
    last=$(tail -n 1 "$T/first.lines" | sed 's/ .*//')
    repeated=$(awk -v last="$last" '$1 < last + 500000' "$T/second.lines" | wc -l)
    same "lines" "$count" $(($(lines "$T/first.lines") + $(lines "$T/second.lines") - repeated))
    at_most "repeated bytes" "$LAST_BATCH" "$(tail -n "$repeated" "$T/first.lines" | wc -c)"
}

BACKGROUND+=(test_old_beats_are_only_counted)

test_old_beats_are_only_counted() {
    load --programs "$PROG"
    start_reader first
    end "$READER" KILL
    beat 101
    # There must be no other reader meanwhile: it would close the slot.
    sleep 61
    beat 53
    start_reader second
    wait_for 5 "the fresh lines" has_lines "$T/second.out" 53
    end "$READER"
    same "lines" 53 "$(lines "$T/second.out")"
    same "fresh lines of $BEATER, the first of which is '$(head -n 1 "$T/second.out")'" 53 \
        "$(grep -c " - $BEATER\$" "$T/second.out")"
    same "lost" 101 "$(said_lost second)"
}
