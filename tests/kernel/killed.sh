# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# A reader that is killed, and the next one: together they print every beat.

DEPENDS=kernel

# A reader's last write; what was not committed after it may come again.
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

# As fast as it goes, but not for so long that what is unread between the two has no room in the ring.
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
# how many there must be: the reads that the kernel has shown
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

# Of text one cannot tell; but it does not end before all is printed.
is_last() {
    [ "$1" = text ] || [ "$(tail -n 1 "$T/second" | jq .seq 2>/dev/null)" = "$READS" ]
}

# run_reader file|pipe NAME FORMAT - its output comes to $T/NAME; CAT is who reads the pipe
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

# Lines that were begun only are none.
complete() {
    if [ -n "$(tail -c 1 "$1")" ]; then
        sed '$d' "$1"
    else
        cat "$1"
    fi
}

# 1 to READS is there, each once, but for the killed reader's last lines
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
        fail "of $count beats are missing: $(comm -23 "$T/all.seq" "$T/both.seq" | head -n 5 | tr '\n' ' '); too many: $(comm -13 "$T/all.seq" "$T/both.seq" | head -n 5 | tr '\n' ' ')"
    same "repeated by the first reader" "" "$(uniq -d "$T/first.seq" | head -n 3)"
    same "repeated by the second reader" "" "$(uniq -d "$T/second.seq" | head -n 3)"
    comm -12 "$T/first.seq" "$T/second.seq" >"$T/repeated.seq"
    repeated=$(lines "$T/repeated.seq")
    tail -n "$repeated" "$T/first.lines" >"$T/repeated"
    cmp -s <(tail -n "$repeated" "$T/first.order" | sort) "$T/repeated.seq" || fail "what comes twice are not the last lines"
    at_most "bytes that come twice" "$LAST_BATCH" "$(wc -c <"$T/repeated")"
    at_least "lines of the first reader" 50 "$(lines "$T/first.lines")"
    at_least "lines of the second reader" 50 "$(lines "$T/second.lines")"
}

# The same for text, at 1 ms from beat to beat: two readers give one beat times that differ by
# microseconds.
check_times() {
    local count=$READS last repeated
    complete "$T/first" >"$T/first.lines"
    complete "$T/second" >"$T/second.lines"
    says_not "$T/second.lines" '^[0-9]{19} - [0-9]+.+[^0-9]'
    last=$(tail -n 1 "$T/first.lines" | sed 's/ .*//')
    repeated=$(awk -v last="$last" '$1 < last + 200000' "$T/second.lines" | wc -l)
    same "lines" "$count" $(($(lines "$T/first.lines") + $(lines "$T/second.lines") - repeated))
    at_most "bytes that come twice" "$LAST_BATCH" "$(tail -n "$repeated" "$T/first.lines" | wc -c)"
}

BACKGROUND+=(test_old_beats_are_counted_only)

test_old_beats_are_counted_only() {
    load --programs "$PROG"
    start_reader first
    end "$READER" KILL
    beat 101
    # No reader may be there meanwhile: it would shut the slot.
    sleep 61
    beat 53
    start_reader second
    wait_for 5 "the fresh lines" has_lines "$T/second.out" 53
    end "$READER"
    same "lines" 53 "$(lines "$T/second.out")"
    same "lines of the fresh, of $BEATER, the first of which is '$(head -n 1 "$T/second.out")'" 53 \
        "$(grep -c " - $BEATER\$" "$T/second.out")"
    same "lost" 101 "$(said_lost second)"
}
