# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# hb-read idle: its answers to a workspace manager, and its exit status.

DEPENDS=kernel
EXIT_IDLE=10
TIME='[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z'

# idle STATUS PATTERN [ARGUMENT]... - `hb-read idle` prints one line
idle() {
    local status=$1 pattern=$2
    shift 2
    exits "$status" "${AS[@]}" "$HB_READ" idle --pin-dir "$PIN" "$@"
    same "lines" 1 "$(lines "$T/out")"
    says "$T/out" "$pattern"
    empty "$T/err"
}

test_idle_says_since_when_and_why() {
    load --programs "$PROG"
    # Before any activity, the load is the latest time that is known.
    idle 0 "^active: for [0-2] s, since $TIME: hb-load ran, and nothing was seen since\$" 60
    start_beater "$PROG" --terminal --type --hold 11
    # The start of a program without a terminal is no activity of anybody's.
    idle 0 "^active: for [0-2] s, since $TIME: hb-load ran, and nothing was seen since\$" 60
    go "$BEATER"
    wait_for 5 "the keys" has_read "$PROG" 11
    idle 0 "^active: for [0-2] s, since $TIME: the last key, read by $PROG \(pid $BEATER\), in control group /" 60
    sleep 2
    idle "$EXIT_IDLE" "^idle: for [2-9] s, since $TIME: the last key, read by $PROG \(pid $BEATER\), in control group /" 2
    idle 0 "^active: for [2-9] s, since " 60
    idle "$EXIT_IDLE" "^idle: .* the last key, read by $PROG \(pid $BEATER\)" 2 --pid "$BEATER"
    # A program that has ended still counts.
    end "$BEATER" KILL
    idle 0 "^active: for .* the last key, read by (a program that has ended|$PROG)" 60
    idle 1 "^unknown: process $BEATER does not count, or has ended: see hb-read explain $BEATER\$" \
        2 --pid "$BEATER"
    # A load that changes nothing leaves the clock alone. After one that changes the list, idle time
    # counts from then: what is new on it may have been in use.
    load --programs "$PROG"
    idle "$EXIT_IDLE" "^idle: .* the last key, read by " 2
    load --programs "$PROG,${PROG}x"
    idle 0 "^active: for [0-1] s, since $TIME: hb-load ran, and nothing was seen since\$" 2
}

test_idle_of_cgroups() {
    local quiet=/hb$$.idle busy=/hb$$.busy scope=/hb$$.idle/docker-$CONTAINER.scope
    make_cgroups "$quiet" "$scope" "$busy"
    load --programs "$PROG,${PROG}t"
    started_in "$scope" "$PROG" 11
    started_in "$busy" "${PROG}t" --pace-us 20000 0
    sleep 2.2
    idle 0 "^active: .* the last key, read by ${PROG}t \(pid $BEATER\), in control group $busy\$" 2
    idle 0 "^active: .* the last key, read by ${PROG}t " 2 --cgroup "$busy"
    idle "$EXIT_IDLE" "^idle: .* the last key, read by $PROG .* in control group $scope\$" 2 --cgroup "$quiet"
    idle "$EXIT_IDLE" "^idle: .* the last key, read by $PROG " 2 --cgroup "$scope"
    idle "$EXIT_IDLE" "^idle: .* the last key, read by $PROG " 2 --container "$CONTAINER"
    idle "$EXIT_IDLE" "^idle: .* the last key, read by $PROG " 2 --container "${CONTAINER:0:12}"
    idle 0 "^active: .* the last key, read by ${PROG}t " 2 --pid "$BEATER"
    idle 1 "^unknown: there is no control group $quiet/none in the version 2 hierarchy\$" 2 --cgroup "$quiet/none"
    idle 1 "^unknown: .*container ffff" 2 --container "${CONTAINER/0123/ffff}"
}

test_idle_unknown() {
    refuses "$EXIT_NOT_LOADED" "not loaded|run hb-load" "$HB_READ" idle 60 --pin-dir "$PIN"
    load --programs "$PROG"
    beat 3
    sleep 1.1
    idle "$EXIT_IDLE" "^idle: " 1
    idle 1 "^unknown: process $$ does not count, or has ended: see hb-read explain $$\$" 1 --pid $$
    as_user "$STRANGER"
    exits "$EXIT_DENIED" "${AS[@]}" "$HB_READ" idle 1 --pin-dir "$PIN"
    empty "$T/out"
    AS=()
    # What a process without a record did is known all the same, but not about that process.
    pinned fill processes
    start_beater "$PROG" --terminal --type --hold 3
    go "$BEATER"
    wait_for 5 "the reads" has_read "$PROG" 3
    at_least "refused" 1 "$(pinned stat refused_processes)"
    idle 0 "^active: .* the last key, read by a program that has ended, in control group " 5
    idle 1 "^unknown: process $BEATER does not count" 1 --pid "$BEATER"
    sleep 1.1
    idle "$EXIT_IDLE" "^idle: .* the last key, read by " 1
}

test_idle_when_hooks_are_gone() {
    load --programs "$PROG"
    beat 3
    sleep 1.1
    idle "$EXIT_IDLE" "^idle: " 1
    rm -f "$PIN"/hooks/{fentry_read,fentry_read_compat,fexit_tty_read,read_exit}
    # The kernel may detach them later.
    wait_for 5 "the end of the hooks" is_unknown
    idle 1 "^unknown: the hook on reads of .* does not fire: run hb-load again, as root\$" 1
    idle 1 "^unknown: the hook" 1 --cgroup /
    # Activity just before that still counts.
    idle 0 "^active: " 600
    load --programs "$PROG"
    sleep 1.1
    idle "$EXIT_IDLE" "^idle: " 1
}

is_unknown() {
    local status=0
    "$HB_READ" idle 1 --pin-dir "$PIN" >/dev/null 2>&1 || status=$?
    [ "$status" = 1 ]
}

test_idle_touches_a_file() {
    local time
    load --programs "$PROG"
    idle 0 "^active: " 60 --touch "$T/file"
    [ ! -e "$T/file" ] || fail "the file was touched although nobody was active"
    start_beater "$PROG" --terminal --type --hold 11
    go "$BEATER"
    wait_for 5 "the keys" has_read "$PROG" 11
    idle 0 "^active: " 60 --touch "$T/file"
    time=$(stat -c %.Y "$T/file")
    near "time of the file" "$(unix_time "$(field "$(pinned process "$BEATER")" last_key)")" "$time"
    # Asking again is not activity. A newer time stays, an older one is updated.
    sleep 1.1
    idle "$EXIT_IDLE" "^idle: " 1 --touch "$T/file"
    near "time of the file, asked again" "$time" "$(stat -c %.Y "$T/file")"
    touch -d "2001-01-01" "$T/file"
    idle "$EXIT_IDLE" "^idle: " 1 --touch "$T/file"
    near "time of an old file" "$time" "$(stat -c %.Y "$T/file")"
    touch -d "2101-01-01" "$T/file"
    idle "$EXIT_IDLE" "^idle: " 1 --touch "$T/file"
    same "time of a new file" "$(date -d "2101-01-01" +%s)" "$(stat -c %Y "$T/file")"
    ln -s file "$T/link"
    exits "$EXIT_FAILED" "$HB_READ" idle 60 --pin-dir "$PIN" --touch "$T/link"
    says "$T/err" "is a symbolic link"
    exits "$EXIT_FAILED" "$HB_READ" idle 60 --pin-dir "$PIN" --touch "$T/none/file"
    says "$T/err" "--touch $T/none/file: No such file or directory"
}

test_idle_refuses_bad_values() {
    local -a arguments
    load --programs "$PROG"
    while read -ra arguments; do
        refuses "$EXIT_USAGE" "^hb-read: " "$HB_READ" idle --pin-dir "$PIN" "${arguments[@]}"
        empty "$T/out"
    done <<'END'

0
-1
1x
99999999999
60 60
60 --cgroup relative
60 --cgroup /a/../b
60 --container abc
60 --container 0123456789AB
60 --pid 0
60 --pid vim
60 --pid 1 --cgroup /
60 --cgroup / --cgroup /
60 --listen none
60 --pid
END
}
