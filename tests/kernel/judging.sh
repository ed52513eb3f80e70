# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Which processes are watched, from when, and until when.

DEPENDS=kernel

test_first_read_counts() {
    load --programs "$PROG"
    start_reader r
    beat 1
    wait_for 5 "a line" has_lines "$T/r.out" 1
    end "$READER"
    same "lines" 1 "$(lines "$T/r.out")"
    says "$T/r.out" "^[0-9]{19} - $BEATER\$"
    same "beats in the maps" 1 "$(beats)"
}

test_other_names_never_count() {
    load --programs "$PROG"
    start_reader r --gc-interval 0
    start_beater "not$PROG" --hold 101
    go "$BEATER"
    wait_for 5 "the reads" has_read "not$PROG" 101
    same "verdict of a program that is not listed" 0 "$(pinned verdict "$BEATER")"
    beat 1
    wait_for 5 "a line" has_lines "$T/r.out" 1
    same "lines" 1 "$(lines "$T/r.out")"
}

test_exec_with_the_same_pid() {
    local shell
    load --programs "$PROG"
    start_reader r --gc-interval 0
    beater "$PROG"
    mkfifo "$T/in"
    exec 9<>"$T/in"
    start bash -c 'read -r _; read -r _; exec "$1" 101 </dev/zero' bash "$T/bin/$PROG" <"$T/in" >"$T/beat"
    shell=$STARTED
    echo one >&9
    wait_for 5 "the verdict 0 of the shell" has_verdict "$shell" 0
    echo two >&9
    finish "$shell"
    exec 9>&-
    wait_for 5 "the lines" has_lines "$T/r.out" 101
    end "$READER"
    same "lines" 101 "$(lines "$T/r.out")"
    same "lines of the shell's pid" 101 "$(grep -c " - $shell\$" "$T/r.out")"
}

test_exec_of_another_program() {
    load --programs "$PROG"
    start_reader r --gc-interval 0
    beater "$PROG"
    beater "not$PROG"
    # A listed program runs an unlisted one, whose reads are not beats.
    cp "$(command -v bash)" "$T/bin/$PROG.sh"
    mv "$T/bin/$PROG.sh" "$T/bin/$PROG"
    "$T/bin/$PROG" -c 'read -r _; exec "$1" --wait 101 </dev/zero' bash "$T/bin/not$PROG" \
        <<<"x" >"$T/beater.x" &
    PIDS+=($!)
    BEATER=$!
    wait_for 5 "the exec" says_ready "$T/beater.x"
    at_least "beats of the first" 1 "$(beats)"
    same "verdict after the exec" none "$(pinned verdict "$BEATER")"
    local before
    before=$(beats)
    go "$BEATER"
    finish "$BEATER"
    same "beats" "$before" "$(beats)"
}

test_pid_reused() {
    load --programs "$PROG"
    start_reader r --gc-interval 0
    beater "not$PROG"
    start_beater "$PROG" --hold 7
    go "$BEATER"
    wait_for 5 "the reads" has_read "$PROG" 7
    same "verdict" 1 "$(pinned verdict "$BEATER")"
    end "$BEATER" KILL
    same "verdict after the end" none "$(pinned verdict "$BEATER")"
    reuse "$BEATER" "$T/bin/not$PROG" 101
    reuse "$BEATER" --read 101
    # The same again, as if the hooks had missed its end.
    pinned set-verdict "$BEATER"
    reuse "$BEATER" --read 101
    pinned set-process "$BEATER:$PROG"
    reuse "$BEATER" --read 101
    pinned set-process "$BEATER:$PROG"
    reuse "$BEATER" "$T/bin/not$PROG" 101
    has_lines "$T/r.out" 7 || wait_for 5 "lines" has_lines "$T/r.out" 7
    end "$READER"
    same "lines" 7 "$(lines "$T/r.out")"
}

# reuse PID COMMAND... - run it as that pid, reading descriptor 0
reuse() {
    local status=0
    "$BUILD/tests/pidreuse" "$@" </dev/zero >>"$T/reuse" 2>&1 || status=$?
    [ "$status" != 125 ] || skip "this kernel does not let us choose a pid: $(tail -n 1 "$T/reuse")"
    same "status of pidreuse ($(tail -n 1 "$T/reuse"))" 0 "$status"
}

test_reads_by_another_thread() {
    load --programs "$PROG"
    start_reader r
    beat --thread 1009
    wait_for 5 "the lines" has_lines "$T/r.out" 1009
    end "$READER"
    same "lines of the process" 1009 "$(grep -c " - $BEATER\$" "$T/r.out")"
    same "beats" 1009 "$(beats)"
}

test_threads_on_all_processors() {
    local count
    count=$(prime 50021)
    load --programs "$PROG"
    beat --threads 4 "$count"
    same "reads" $((4 * count)) "$READS"
    at_most "beats" "$READS" "$(beats)"
    at_least "beats and missed" "$READS" $(($(beats) + $(missed)))
}

test_running_before_the_load() {
    start_beater "$PROG" --hold 13
    load --programs "$PROG"
    same "verdict without a read" 1 "$(pinned verdict "$BEATER")"
    start_reader r
    go "$BEATER"
    wait_for 5 "the lines" has_lines "$T/r.out" 13
    same "beats" 13 "$(beats)"
}

test_new_list_is_applied_to_all() {
    local first second
    load --programs "$PROG"
    start_beater "$PROG" --hold 11
    first=$BEATER
    start_beater "${PROG}b" --hold 17
    second=$BEATER
    same "verdict of the first" 1 "$(pinned verdict "$first")"
    same "verdict of the second" none "$(pinned verdict "$second")"
    load --programs "${PROG}b"
    same "verdict of the first, no longer listed" none "$(pinned verdict "$first")"
    same "verdict of the second, now listed" 1 "$(pinned verdict "$second")"
    start_reader r
    go "$first" "$second"
    wait_for 5 "the reads of the first" has_read "$PROG" 11
    wait_for 5 "the reads of the second" has_read "${PROG}b" 17
    seen 17 "${PROG}b"
    wait_for 5 "the lines" has_lines "$T/r.out" "$SEEN"
    end "$READER"
    same "lines" "$SEEN" "$(lines "$T/r.out")"
    same "beats of the first" 0 "$(beats "$PROG")"
}

# A process that does not beat is cached. Its verdict is made again when something may have changed.
test_cached_process_is_judged_again() {
    local shell
    load --programs "$PROG"
    mkdir -p "$T/bin"
    cp "$(command -v bash)" "$T/bin/not$PROG"
    mkfifo "$T/in"
    exec 9<>"$T/in"
    # Each byte is a read.
    start "$T/bin/not$PROG" -c 'while read -r _; do :; done' <"$T/in"
    shell=$STARTED
    echo one >&9
    wait_for 5 "the verdict 0" has_verdict "$shell" 0
    cat "$PIN/collect" >"$T/collected"
    wait_for 3 "the end of the zero" is_collected_of "$shell"
    echo two >&9
    wait_for 5 "the verdict 0 again" has_verdict "$shell" 0
    load --programs "not$PROG"
    echo three >&9
    wait_for 5 "the beats" has_so_many_beats "not$PROG" 6
    load --programs "$PROG"
    echo four >&9
    wait_for 5 "the verdict 0 in the end" has_verdict "$shell" 0
    exec 9>&-
}

is_collected_of() {
    cat "$PIN/collect" >"$T/collected" && has_verdict "$1" none
}

has_so_many_beats() {
    [ "$(beats "$1")" = "$2" ]
}

test_long_name_is_cut() {
    local name=${PROG}_abcdefghijklmnop
    load --programs "$name"
    says "$T/load.err" "cut to ${name:0:15}\$"
    start_beater "$name" --hold 5
    go "$BEATER"
    wait_for 5 "the reads" has_read "$name" 5
    same "beats" 5 "$(beats "${name:0:15}")"
}

test_lists_of_programs() {
    local ten="ed emacs less more nano nvim tilde vi vim vimdiff"
    load
    same "default list" "$ten" "$(listed)"
    load --programs "+$PROG"
    same "list with one more" "$(echo "$ten $PROG" | tr ' ' '\n' | sort | paste -sd' ')" "$(listed)"
    printf '# comment\n\nhb_one\n  hb_two  # comment\nhb_one\n' >"$T/list"
    load --programs "@$T/list"
    same "list in a file" "hb_one hb_two" "$(listed)"
}

listed() {
    pinned programs | sort | paste -sd' '
}

test_full_map_of_processes() {
    local refused
    need jq
    load --programs "$PROG"
    start_reader r --format json --gc-interval 0
    pinned fill processes
    beat 101
    wait_for 5 "the lines" has_lines "$T/r.out" 101
    end "$READER"
    same "pid of 101 lines" "101 $BEATER" "$(jq .pid <"$T/r.out" | uniq -c | xargs)"
    same "beats of the program" 101 "$(beats)"
    refused=$(pinned stat refused_processes)
    at_least "refused records" 1 "$refused"
}

test_full_map_of_verdicts() {
    load --programs "$PROG" --max-pids 1000
    start_reader r --gc-interval 0
    pinned fill considered_pids
    beat 101
    wait_for 5 "the lines" has_lines "$T/r.out" 101
    end "$READER"
    same "lines" 101 "$(lines "$T/r.out")"
    same "beats of the program" 101 "$(beats)"
    at_least "refused verdicts" 1 "$(pinned stat refused_verdicts)"
}

test_collection() {
    local i
    load --programs "$PROG"
    for i in 1 2 3; do
        start_beater "not$PROG$i" --hold 3
        go "$BEATER"
        wait_for 5 "the reads" has_read "not$PROG$i" 3
        same "verdict" 0 "$(pinned verdict "$BEATER")"
    done
    start_beater "$PROG" --hold 3
    go "$BEATER"
    wait_for 5 "the reads" has_read "$PROG" 3
    # Add a record of a process whose end was missed.
    pinned set-process "4194303:$PROG"
    cat "$PIN/collect" >"$T/collected"
    empty "$T/collected"
    is_collected || wait_for 3 "the end of the zeros" is_collected
    same "verdict of the living" 1 "$(pinned verdict "$BEATER")"
    same "beats of the living" 4 "$(beats)"
    same "verdict of the dead" none "$(pinned verdict 4194303)"
    same "record of the dead" none "$(pinned process 4194303)"
}

# Only ask about ours: other processes on this machine may read their standard input meanwhile.
is_collected() {
    local pid
    for pid in "${PIDS[@]:0:3}"; do
        has_verdict "$pid" none || return 1
    done
}

test_zeros_are_collected_in_time() {
    local interval
    for interval in 1 5; do
        load --programs "$PROG"
        start_reader r --gc-interval "$interval"
        start_beater "not$PROG" --hold 3
        # Else the zero might be gone before the test sees it.
        kill -STOP "$READER"
        go "$BEATER"
        wait_for 5 "the verdict 0" has_verdict "$BEATER" 0
        kill -CONT "$READER"
        wait_for $((interval + 1)) "the end of the zero" has_verdict "$BEATER" none
        end "$READER"
        kill -KILL "$BEATER"
    done
}

test_forked_child_counts() {
    load --programs "$PROG"
    cp "$(command -v bash)" "$T/$PROG"
    start_reader r --gc-interval 0
    # The subshell has the same name and never calls exec. It counts, with its own pid.
    "$T/$PROG" -c '(read -r _; echo "$BASHPID"); true' <<<"line" >"$T/pid"
    wait_for 5 "a line" has_lines "$T/r.out" 1
    says "$T/r.out" " - $(<"$T/pid")\$"
}

test_exit_is_seen_at_once() {
    load --programs "$PROG"
    start_beater "$PROG" --hold 3
    go "$BEATER"
    wait_for 5 "the reads" has_read "$PROG" 3
    same "verdicts 1" 1 "$(ones)"
    go "$BEATER"
    finish "$BEATER"
    same "verdicts 1" 0 "$(ones)"
    same "beats" 3 "$(beats)"
}

ones() {
    pinned verdicts | sed 's/.*ones=//'
}
