# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Watched from the moment when a process has a listed name, however it came to it, and until it has
# another. Keys come through descriptor 3; descriptor 0 is /dev/null, which nobody reads.

DEPENDS=hook
STEPS_STARTED=0

# steps NAME STEP... - start tests/kernel/steps.c under that name; STEPS is its pid
steps() {
    local name=$1
    shift
    mkdir -p "$T/bin"
    [ -e "$T/bin/$name" ] || cp "$BUILD/tests/steps" "$T/bin/$name"
    # A file of its own: an earlier one may still say that it has waited.
    TAKEN=$T/steps.$((STEPS_STARTED += 1))
    start "$T/bin/$name" "$@" </dev/null >>"$TAKEN" 2>"$T/steps.err"
    STEPS=$STARTED
}

# took NUMBER - wait for so many steps; TOOK is the process that took the last one
took() {
    wait_for 10 "step $1 ($(paste -sd, "$TAKEN") $(<"$T/steps.err"))" has_lines "$TAKEN" "$1"
    TOOK=$(sed -n "$1s/.* //p" "$TAKEN")
}

# has_record PID BEATS - and the public verdict
has_record() {
    same "beats of $1" "$2" "$(process_field "$1" beats)"
    same "verdict of $1" 1 "$(pinned verdict "$1")"
}

has_no_record() {
    same "record of $1" none "$(pinned process "$1")"
    same "verdict of $1" none "$(pinned verdict "$1")"
}

# idle_is STATUS PATTERN [ARGUMENT]... - idle for one second, or active within a minute
idle_is() {
    local status=$1 pattern=$2 seconds=60
    shift 2
    [ "$status" = 0 ] || seconds=1
    exits "$status" "$HB_READ" idle "$seconds" --pin-dir "$PIN" "$@"
    says "$T/out" "$pattern"
}

# --- Forks --------------------------------------------------------------------------------------

# As `emacs --daemon` does: the child has no terminal on descriptor 0, and the parent waits.
test_forked_child_reads_other_descriptors() {
    load --programs "$PROG"
    steps "$PROG" fork wait keys 11 wait
    took 1
    sleep 1.1
    idle_is 10 "^idle: "
    has_record "$TOOK" 0
    go "$TOOK"
    took 3
    has_record "$TOOK" 11
    has_record "$STEPS" 0
    idle_is 0 "^active: .* the last key, read by $PROG \(pid $TOOK\)"
    idle_is 0 "^active: " --pid "$TOOK"
    end "$STEPS" KILL
    go "$TOOK"
    wait_for 5 "the end of the child" is_done "$TOOK"
    has_no_record "$TOOK"
    same "beats" 11 "$(beats)"
}

# The name of a child is that of the thread that forks.
test_fork_by_a_thread() {
    load --programs "$PROG"
    steps "not$PROG" thread name "$PROG" fork keys 5 wait
    took 3
    [ "$TOOK" != "$STEPS" ] || fail "no child"
    has_record "$TOOK" 5
    has_no_record "$STEPS"
    go "$TOOK"
    steps "$PROG" thread name "not$PROG" fork keys 5 wait
    took 3
    has_no_record "$TOOK"
    has_record "$STEPS" 0
    go "$TOOK"
    same "beats" 5 "$(beats)"
}

# What is run by posix_spawn(3), which shares memory with its parent at first, has its own name.
test_spawned_program() {
    load --programs "$PROG"
    mkdir "$T/bin"
    cp "$BUILD/tests/steps" "$T/bin/$PROG"
    cp "$BUILD/tests/steps" "$T/bin/not$PROG"
    steps "$PROG" spawn "$T/bin/not$PROG" keys 5 wait
    took 1
    has_no_record "$TOOK"
    has_record "$STEPS" 0
    go "$TOOK"
    steps "not$PROG" spawn "$T/bin/$PROG" keys 5 wait
    took 1
    has_record "$TOOK" 5
    has_no_record "$STEPS"
    go "$TOOK"
    finish "$STEPS"
    same "beats" 5 "$(beats)"
}

# --- Names --------------------------------------------------------------------------------------

# busybox runs its applets so.
test_name_taken_and_lost() {
    load --programs "$PROG"
    steps "not$PROG" keys 5 name "$PROG" wait keys 7 wait name "not$PROG" keys 5 wait name "$PROG" keys 1 wait
    took 2
    has_record "$STEPS" 0
    go "$STEPS"
    took 4
    has_record "$STEPS" 7
    go "$STEPS"
    took 7
    has_no_record "$STEPS"
    same "beats" 7 "$(beats)"
    # What it did under that name is not forgotten.
    idle_is 0 "^active: .* the last key, "
    go "$STEPS"
    took 10
    has_record "$STEPS" 1
    same "beats" 8 "$(beats)"
    go "$STEPS"
}

# The first key after the rename counts, although the hook comes before the name is written.
test_name_taken_between_keys() {
    load --programs "$PROG" --rule keys
    steps "not$PROG" keys 3 name "$PROG" keys 3 name "not$PROG" keys 3 name "$PROG" keys 3 wait
    took 7
    same "beats" 6 "$(beats)"
    go "$STEPS"
}

# Through /proc/PID/comm. The kernel lets no other process do that.
test_name_given_by_another_thread() {
    load --programs "$PROG"
    steps "not$PROG" thread keys 3 name-first "$PROG" keys 7 wait name-first "not$PROG" keys 5 wait
    took 3
    has_record "$STEPS" 7
    go "$STEPS"
    took 6
    has_no_record "$STEPS"
    same "beats" 7 "$(beats)"
    go "$STEPS"
}

# Only the name of the first thread counts.
test_name_of_another_thread() {
    load --programs "$PROG"
    steps "not$PROG" thread name "$PROG" keys 5 wait
    took 2
    has_no_record "$STEPS"
    go "$STEPS"
    steps "$PROG" thread name "not$PROG" keys 5 wait
    took 2
    has_record "$STEPS" 5
    go "$STEPS"
}

# It gets the pid of the first thread, which ends.
test_exec_by_another_thread() {
    load --programs "$PROG"
    mkdir "$T/bin"
    cp "$BUILD/tests/steps" "$T/bin/$PROG"
    cp "$BUILD/tests/steps" "$T/bin/not$PROG"
    steps "not$PROG" thread exec "$T/bin/$PROG" keys 5 wait
    took 1
    same "pid" "$STEPS" "$TOOK"
    has_record "$STEPS" 5
    go "$STEPS"
    steps "$PROG" thread exec "$T/bin/not$PROG" keys 5 wait
    took 1
    same "pid" "$STEPS" "$TOOK"
    has_no_record "$STEPS"
    go "$STEPS"
    same "beats" 5 "$(beats)"
}

test_new_name_keeps_the_last_key() {
    local key
    load --programs "$PROG,${PROG}b"
    steps "$PROG" keys 5 wait name "${PROG}b" wait keys 3 wait
    took 1
    key=$(process_field "$STEPS" last_key)
    at_least "last key" 1 "$key"
    go "$STEPS"
    took 3
    says <(pinned process "$STEPS") "beats=0 .* last_key=$key .*command=${PROG}b\$"
    idle_is 0 "^active: .* the last key, read by ${PROG}b? ?" --pid "$STEPS"
    go "$STEPS"
    took 5
    same "beats under the first name" 5 "$(beats)"
    same "beats under the second" 3 "$(beats "${PROG}b")"
    go "$STEPS"
}

# --- Repairs ------------------------------------------------------------------------------------

# steps_to_spoil - a process that waits, for its record to be spoilt
steps_to_spoil() {
    load --programs "$PROG,${PROG}b"
    steps "$PROG" keys 0 wait keys 7 wait
    took 1
}

# steps_count - its keys count
steps_count() {
    go "$STEPS"
    took 3
    has_record "$STEPS" 7
    go "$STEPS"
}

# Without a record it is not seen; the next collection finds it.
test_lost_record_is_made_again() {
    steps_to_spoil
    pinned delete-process "$STEPS"
    has_no_record "$STEPS"
    cat "$PIN/collect" >"$T/collected"
    has_record "$STEPS" 0
    steps_count
}

# A hook on renames may be skipped: then two collections see that the name is another.
test_stale_name_is_mended() {
    steps_to_spoil
    pinned set-process "$STEPS:${PROG}b"
    cat "$PIN/collect" "$PIN/collect" >"$T/collected"
    says <(pinned process "$STEPS") " command=$PROG\$"
    steps_count
}

# --- Starts -------------------------------------------------------------------------------------

test_start_in_the_background_is_no_activity() {
    mkdir "$T/bin"
    cp "$BUILD/tests/steps" "$T/bin/$PROG"
    load --programs "$PROG"
    sleep 1.1
    idle_is 10 "^idle: "
    steps "not$PROG" background exec "$T/bin/$PROG" fork wait
    took 2
    same "start at a terminal" 0 "$(process_field "$STEPS" opened)"
    same "start of the child" 0 "$(process_field "$TOOK" opened)"
    idle_is 10 "^idle: "
    end "$TOOK" KILL
}

# The start of a program at a terminal is, but not that of its children: they may come by themselves.
test_start_at_a_terminal_is_activity() {
    local before now opened
    mkdir "$T/bin"
    cp "$BUILD/tests/steps" "$T/bin/$PROG"
    cp "$BUILD/tests/steps" "$T/bin/${PROG}b"
    load --programs "$PROG,${PROG}b"
    sleep 1.1
    idle_is 10 "^idle: "
    before=$(awk '{ printf "%d", $1 * 100 }' /proc/uptime)
    steps "not$PROG" terminal exec "$T/bin/$PROG" keys 0 wait fork wait exec "$T/bin/${PROG}b" keys 0 wait
    took 2
    has_record "$STEPS" 0
    opened=$(process_field "$STEPS" opened)
    now=$(awk '{ printf "%d", $1 * 100 + 1 }' /proc/uptime)
    at_least "start at a terminal" "$before" $((opened / 10000000))
    at_most "start at a terminal" "$now" $((opened / 10000000))
    idle_is 0 "^active: .*: $PROG \(pid $STEPS\) was started at a terminal"
    sleep 1.1
    idle_is 10 "^idle: .*: $PROG \(pid $STEPS\) was started at a terminal"
    go "$STEPS"
    took 4
    has_record "$TOOK" 0
    same "start of the child" "$opened" "$(process_field "$TOOK" opened)"
    # Nor that of another program there.
    go "$TOOK"
    took 6
    says <(pinned process "$TOOK") "opened=$opened .*command=${PROG}b\$"
    idle_is 10 "^idle: "
    # Nor does the load start them again.
    load --programs "$PROG,${PROG}b"
    idle_is 10 "^idle: "
    end "$TOOK" KILL
}

# --- Keys ---------------------------------------------------------------------------------------

# Rules choose the lines. Activity is a key under each of them.
test_keys_are_activity_under_each_rule() {
    local rule
    for rule in stdin any keys; do
        load --programs "$PROG" --rule "$rule"
        steps "$PROG" keys 0 wait keys 7 wait
        took 1
        sleep 1.1
        idle_is 10 "^idle: "
        go "$STEPS"
        took 3
        has_record "$STEPS" "$([ "$rule" = stdin ] && echo 0 || echo 7)"
        at_least "last key with rule $rule" 1 "$(process_field "$STEPS" last_key)"
        idle_is 0 "^active: .* the last key, read by $PROG \(pid $STEPS\)"
        go "$STEPS"
        finish "$STEPS"
    done
}

# A pipe, a file: heartbeats by the original rule, but no activity.
test_other_reads_are_no_activity() {
    load --programs "$PROG" --rule any
    sleep 1.1
    beat 11
    same "beats of a device" 11 "$(beats)"
    beater "$PROG"
    seq 100 | "$T/bin/$PROG" 11 >"$T/beat"
    same "beats of a pipe" 22 "$(beats)"
    beat --terminal 11
    same "beats of a terminal without a key" 33 "$(beats)"
    idle_is 10 "^idle: .*: hb-load ran, and nothing was seen since"
}
