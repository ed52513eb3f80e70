# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Which reads each hook sees, the times of its beats, and what it reports as unseen. processes.sh tests
# whose reads it sees.

DEPENDS=hook

# --- Loading ------------------------------------------------------------------------------------

# load_hook HOOK [ARGUMENT]... - load it, or skip the test if this kernel refuses it
load_hook() {
    local hook=$1
    shift
    LOADED+=("$PIN")
    "$HB_LOAD" load --pin-dir "$PIN" --hook "$hook" "$@" >"$T/load.out" 2>"$T/load.err" ||
        skip "this kernel refuses hook $hook: $(tail -n 1 "$T/load.err")"
    "$BUILD/tests/ids" list "$PIN" >>"$TOP/ids"
    is_hook "$hook" || fail "hook $hook was asked for, and another one is loaded"
}

# is_hook HOOK - it is loaded
is_hook() {
    grep -q " hook=$([ "$1" = fentry ] && echo 1 || echo 0) " < <(pinned meta)
}

# Remember the number of beats, for since_mark: it goes on as programs come and go.
mark() {
    BEFORE=$(beats)
}

since_mark() {
    echo $(($(beats) - BEFORE))
}

install_ways() {
    local program=$T/bin/${WAYS_NAME:-$PROG}
    [ ! -e "$program" ] || return 0
    mkdir -p "$T/bin"
    cp "$BUILD/tests/ways" "$program"
}

# ways [OPTION]... WAY COUNT - run it as $PROG. WAY_PID, WAY_KEYS and WAY_TIME are what it printed. Fails if
# this kernel does not have that way.
ways() {
    local status=0
    install_ways
    "$T/bin/${WAYS_NAME:-$PROG}" "$@" >"$T/ways" 2>"$T/ways.err" </dev/null || status=$?
    [ "$status" != "$SKIPPED" ] || return 1
    same "status of ways $* ($(<"$T/ways.err"))" 0 "$status"
    read -r WAY_PID WAY_KEYS WAY_TIME <"$T/ways"
}

# start_ways [OPTION]... WAY COUNT - start it in the background, and wait until it has read its keys
start_ways() {
    install_ways
    start "$T/bin/$PROG" --hold "$@" >"$T/ways" 2>"$T/ways.err" </dev/null
    wait_for 20 "the keys of ways $*" has_lines "$T/ways" 1
    read -r WAY_PID WAY_KEYS WAY_TIME <"$T/ways"
}

# gives EXPECTED [OPTION]... WAY - 11 reads are that many beats
gives() {
    local expected=$1
    shift
    mark
    if ! ways "$@" 11; then
        echo "this kernel has no way '$*': $(<"$T/ways.err")"
        return 0
    fi
    same "beats of 11 by '$*'" "$expected" "$(since_mark)"
}

process_field() {
    pinned process "$1" | sed -n "s/.*\\b$2=\\([0-9]*\\).*/\\1/p"
}

# --- Choice -------------------------------------------------------------------------------------

test_hook_auto_takes_the_best() {
    local status=0 reason
    LOADED+=("$PIN")
    "$HB_LOAD" load --pin-dir "$PIN" --programs "$PROG" --hook fentry >"$T/out" 2>"$T/err" || status=$?
    reason=$(sed 's/^hb-load: //; s/[][().*+?^$\\|{}]/\\&/g' "$T/err")
    PIN=${PIN}_1
    load --programs "$PROG" --hook auto
    exits 0 "$HB_READ" status --pin-dir "$PIN"
    if [ "$status" = 0 ]; then
        is_hook fentry || fail "fentry works, but auto took $(pinned meta)"
        says "$T/out" "^hook +fentry\$"
    else
        is_hook tracepoint || fail "fentry does not work, but auto took $(pinned meta)"
        # status shows the reason in one line, and it is the one that --hook fentry printed.
        says "$T/out" "^hook +tracepoint \\($reason\\)\$"
    fi
}

test_hook_that_is_refused() {
    local status=0
    "$HB_LOAD" load --pin-dir "$PIN" --programs "$PROG" --hook fentry >"$T/out" 2>"$T/err" || status=$?
    LOADED+=("$PIN")
    [ "$status" != 0 ] || skip "fentry works here"
    same "lines of the message ($(<"$T/err"))" 1 "$(lines "$T/err")"
    says "$T/err" "hook fentry"
    says_not "$T/err" "Unknown error"
    [ ! -e "$PIN" ] || fail "the refused load left $(ls "$PIN")"
}

test_hook_that_does_not_exist() {
    refuses "$EXIT_USAGE" "--hook kprobe: give one of: auto, tracepoint, fentry" \
        "$HB_LOAD" load --pin-dir "$PIN" --hook kprobe
}

# --- Ways to read, by hook and rule -------------------------------------------------------------

# Only read(2) of descriptor 0 counts, whatever that is.
by_rule_stdin() {
    gives 11 read
    gives 0 readv
    gives 0 preadv2
    gives 0 splice
    gives 0 uring
    gives 0 uring-worker
    gives 0 --fd 5 read
    gives 0 --fd 5 readv
    gives 11 --shared --fd 0 read
    gives 0 --shared --fd 2 read
    gives 11 end-of-file
    gives 11 again
    gives 0 interrupted
}

# One read is one beat, however many hooks see it.
each_read_once() {
    gives 11 read
    gives 11 --shared --fd 0 read
    gives 11 --shared --fd 2 read
    gives 11 --shared --fd 5 read
    gives 11 --fd 5 read
    gives 11 --fd 500 read
}

other_ways() {
    gives "$1" readv
    gives "$1" preadv2
    gives "$1" splice
    gives "$1" uring
    gives "$1" uring-worker
    gives "$1" --fd 5 readv
    gives "$1" --fd 5 preadv2
    gives "$1" --fd 5 splice
    gives "$1" --fd 5 uring
    gives "$1" --fd 5 uring-worker
    gives "$1" --shared --fd 2 readv
}

# Of descriptor 0 all that return count. Nobody typed if a signal interrupted the read.
keyless_by_rule_any() {
    gives 0 --fd 5 end-of-file
    gives 0 --fd 5 again
    gives 0 --fd 5 interrupted
    gives 11 end-of-file
    gives 11 again
    gives 0 interrupted
    gives 11 restarted
    gives 11 --fd 5 restarted
}

no_key_no_beat() {
    gives 0 end-of-file
    gives 0 again
    gives 0 interrupted
    gives 0 --fd 5 end-of-file
    gives 0 --fd 5 again
    gives 0 --fd 5 interrupted
    gives 11 restarted
    gives 11 --fd 5 restarted
}

test_fentry_stdin() {
    load_hook fentry --programs "$PROG" --rule stdin
    by_rule_stdin
}

test_fentry_any() {
    load_hook fentry --programs "$PROG" --rule any
    each_read_once
    other_ways 11
    keyless_by_rule_any
}

test_fentry_keys() {
    load_hook fentry --programs "$PROG" --rule keys
    each_read_once
    other_ways 11
    no_key_no_beat
}

test_tracepoint_stdin() {
    load_hook tracepoint --programs "$PROG" --rule stdin
    by_rule_stdin
}

test_tracepoint_any() {
    load_hook tracepoint --programs "$PROG" --rule any
    each_read_once
    other_ways 0
    keyless_by_rule_any
}

test_tracepoint_keys() {
    load_hook tracepoint --programs "$PROG" --rule keys
    each_read_once
    other_ways 0
    no_key_no_beat
}

# --- Times --------------------------------------------------------------------------------------

# In an emulated machine, what other tests do would come between a key and its read.
[ "$HB_TEST_SLOW" = 1 ] ||
    ALONE+=(test_fentry_time test_tracepoint_time test_fentry_stdin_last_key test_tracepoint_stdin_last_key)

# The key arrives 50 ms after the read was issued.
time_is_that_of_the_return() {
    local rule fd
    for rule in any keys; do
        load_hook "$1" --programs "$PROG" --rule "$rule"
        for fd in 0 5; do
            start_ways --fd "$fd" --late-ms 50 read 3
            at_least "time of the last beat of descriptor $fd" "$WAY_TIME" "$(process_field "$WAY_PID" last_beat)"
            same "time of the last key" "$(process_field "$WAY_PID" last_beat)" "$(process_field "$WAY_PID" last_key)"
            end "$STARTED" USR1
        done
    done
}

test_fentry_time() {
    time_is_that_of_the_return fentry
}

test_tracepoint_time() {
    time_is_that_of_the_return tracepoint
}

# The key is not a beat, but its time is known. Calls are those that the hook sees.
last_key_by_rule_stdin() {
    local hook=$1 call fd
    shift
    load_hook "$hook" --programs "$PROG" --rule stdin
    for call; do
        for fd in 0 5; do
            start_ways --fd "$fd" "$call" 3
            same "beats by $call of descriptor $fd" "$([ "$call$fd" = read0 ] && echo 3 || echo 0)" "$(process_field "$WAY_PID" beats)"
            at_least "time of the last key of descriptor $fd" "$WAY_TIME" "$(process_field "$WAY_PID" last_key)"
            end "$STARTED" USR1
        done
    done
    exits 0 "$HB_READ" status --pin-dir "$PIN"
    says_not "$T/out" "not known"
}

test_fentry_stdin_last_key() {
    last_key_by_rule_stdin fentry read readv
}

test_tracepoint_stdin_last_key() {
    last_key_by_rule_stdin tracepoint read
}

# --- Terminal emulators -------------------------------------------------------------------------

# A terminal emulator reads from the master side what a program writes to its terminal.
masters_never_beat() {
    local rule
    for rule in any keys; do
        load_hook "$1" --programs "$PROG" --rule "$rule"
        mark
        beat --master --type --fd 5 101
        same "beats by reads of a master, rule $rule" 0 "$(since_mark)"
    done
    mark
    beat --master --type 101
    same "keys by reads of a master at 0" 0 "$(since_mark)"
}

test_fentry_masters() {
    local pid
    masters_never_beat fentry
    start_beater "$PROG" --hold --master --type --fd 5 7
    pid=$BEATER
    go "$pid"
    wait_for 5 "the reads" grep -q " 7$" "$T/beater.$PROG"
    same "last key" 0 "$(process_field "$pid" last_key)"
}

test_tracepoint_masters() {
    masters_never_beat tracepoint
}
