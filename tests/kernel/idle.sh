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
    # Its start is no activity, because it was not started at a terminal: see names.sh.
    idle 0 "^active: for [0-2] s, since $TIME: hb-load ran, and nothing was seen since\$" 60
    idle 0 "^active: for [0-2] s, since $TIME: $PROG \(pid $BEATER\) started, and no key was seen since, in control group /" 60 --pid "$BEATER"
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
    # After a change of the list, earlier activity does not count.
    load --programs "$PROG,${PROG}b"
    idle 0 "^active: for [0-1] s, since $TIME: hb-load ran, and nothing was seen since\$" 2
}

# Times as sleep(1) takes them.
test_idle_takes_times_with_units() {
    local time
    load --programs "$PROG"
    sleep 1.1
    for time in 0.001 .5 1 1s 0.01m 0.0002h 0.00001d 1.; do
        idle "$EXIT_IDLE" "^idle: for [1-9] s, " "$time"
    done
    for time in 90 90s 30m 1.5h 2d 366d; do
        idle 0 "^active: for [1-9] s, " "$time"
    done
}

test_idle_of_cgroups() {
    own_container
    local quiet=/hb$$.idle busy=/hb$$.busy scope=/hb$$.idle/docker-$CONTAINER.scope id
    make_cgroups "$quiet" "$scope" "$busy"
    load --programs "$PROG,${PROG}t"
    started_in "$scope" "$PROG" 11
    started_in "$busy" "${PROG}t" --pace-us 20000 0
    sleep 2.2
    idle 0 "^active: .* the last key, read by ${PROG}t \(pid $BEATER\), in control group $busy\$" 2
    idle 0 "^active: .* the last key, read by ${PROG}t " 2 --cgroup "$busy"
    idle "$EXIT_IDLE" "^idle: .* the last key, read by $PROG .*, in container ${CONTAINER:0:12}\$" 2 --cgroup "$quiet"
    idle "$EXIT_IDLE" "^idle: .* the last key, read by $PROG .*, in container ${CONTAINER:0:12}, in control group $scope\$" 2 -v --cgroup "$quiet"
    idle "$EXIT_IDLE" "^idle: .* the last key, read by $PROG " 2 --cgroup "$scope"
    for id in "$CONTAINER" "${CONTAINER:0:12}" {containerd,docker,cri-o}"://$CONTAINER"; do
        idle "$EXIT_IDLE" "^idle: .* the last key, read by $PROG " 2 --container "$id"
    done
    idle 0 "^active: .* the last key, read by ${PROG}t " 2 --pid "$BEATER"
    idle 1 "^unknown: there is no control group $quiet/none in the version 2 hierarchy\$" 2 --cgroup "$quiet/none"
    idle 1 "^unknown: .*container ${CONTAINER:1}f" 2 --container "${CONTAINER:1}f"
}

# idle_json STATUS FILTER [ARGUMENT]... - it prints one JSON object, for which the jq filter is true
idle_json() {
    local status=$1 filter=$2
    shift 2
    exits "$status" "${AS[@]}" "$HB_READ" idle --pin-dir "$PIN" --format json "$@"
    empty "$T/err"
    same "lines" 1 "$(lines "$T/out")"
    jq -e "$filter" "$T/out" >"$T/jq" || fail "idle $*: not $filter: $(<"$T/out")"
}

# The members of the object in FILE, of all levels, with their types. What is null now has no type.
members() {
    jq -r 'paths(. != null) as $p | [$p[] | if type == "number" then 0 else . end] + [getpath($p) | type] | @json' "$1" | sort -u
}

# A program reads the answer: it is that of /activity, with the verdict.
test_idle_json() {
    local quiet=/hb$$.pods path
    need jq
    own_container
    path=$quiet/pod$POD/$CONTAINER
    make_net
    make_cgroups "$quiet" "$quiet/pod$POD" "$path"
    load --programs "$PROG"
    serve
    idle_json 0 '.type == "activity" and .verdict == "active" and .limit_seconds == 1800 and .because == "load"
        and .select == null and .last_activity == null and .doubt == null and .cgroups == []' 30m
    started_in "$path" "$PROG" 11
    wait_for 5 "the keys" has_read "$PROG" 11
    idle_json 0 ".verdict == \"active\" and .because == \"key\" and .program == \"$PROG\" and .pid == $BEATER
        and .select.container == \"$CONTAINER\" and .cgroups[0].path == \"$path\" and .cgroups[0].pod == \"$POD\"
        and .idle_seconds < 90" 1.5m --container "containerd://$CONTAINER"
    sleep 1.1
    idle_json "$EXIT_IDLE" '.verdict == "idle" and .limit_seconds == 0.5 and .idle_seconds > 1' 0.5 --container "$CONTAINER"
    idle "$EXIT_IDLE" "^idle: .*, in container ${CONTAINER:0:12} of pod $POD\$" 1 --container "$CONTAINER"
    # It has the same members as the answer over HTTP.
    exits "$EXIT_IDLE" "$HB_READ" idle 1 --pin-dir "$PIN" --format json --container "$CONTAINER"
    answers 200 ask_socket "/activity?container=$CONTAINER"
    jq 'del(.verdict, .limit_seconds)' "$T/out" >"$T/command"
    same "members that only idle (<) or only /activity (>) has" "" "$(diff <(members "$T/command") <(members "$T/body"))"
    # A file is touched as well.
    idle_json "$EXIT_IDLE" '.verdict == "idle"' 1 --touch "$T/file"
    near "time of the file" "$(unix_time "$(field "$(pinned process "$BEATER")" last_key)")" "$(stat -c %.Y "$T/file")"
    # What does not exist, and what is not known, is never idle.
    idle_json "$EXIT_FAILED" '.type == "error" and .verdict == "unknown" and .limit_seconds == 1
        and .error == "there is no control group /none in the version 2 hierarchy"' 1 --cgroup /none
    rm -f "$PIN"/hooks/{fentry_read,fentry_read_compat,fexit_tty_read,read_exit}
    wait_for 5 "the end of the hooks" is_unknown
    idle_json "$EXIT_FAILED" '.type == "activity" and .verdict == "unknown" and .idle_seconds == null
        and (.doubt | test("does not fire"))' 1
    # Activity just before that still counts.
    idle_json 0 '.verdict == "active" and .idle_seconds == null and .doubt != null' 600
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
    # The keys of a process that finds no room in the map are seen, and only what it did itself is not known.
    pinned fill processes
    start_beater "$PROG" --hold --terminal --type --fd 5 3
    at_least "refused" 1 "$(pinned stat refused_processes)"
    idle "$EXIT_IDLE" "^idle: " 1
    go "$BEATER"
    wait_for 5 "the reads" has_read "$PROG" 3
    idle 0 "^active: .*: the last key, read by ($PROG|a program that has ended)" 60
    idle 1 "^unknown: process $BEATER does not count" 1 --pid "$BEATER"
    sleep 1.1
    idle "$EXIT_IDLE" "^idle: .*: the last key" 1
}

# changed - when idle time began to count, if nothing is seen
changed() {
    pinned meta | sed -n 's/.*changed_at=\([0-9]*\) .*/\1/p'
}

# restarts PATTERN [ARGUMENT]... - a load restarts the clock, and says why
restarts() {
    local pattern=$1 before
    shift
    before=$(changed)
    load --programs "$PROG" "$@"
    says "$T/load.err" "^hb-load: idle time counts from now: $pattern\$"
    at_least "change at" $((before + 1)) "$(changed)"
    idle 0 "^active: .*: hb-load ran, and nothing was seen since\$" 60
}

# Configuration management runs hb-load again and again.
test_idle_time_goes_on_across_loads() {
    local before i
    need bpftool
    load --programs "$PROG"
    before=$(changed)
    for ((i = 0; i < 4; i++)); do
        sleep 0.4
        load --programs "$PROG"
        empty "$T/load.err"
        same "change at" "$before" "$(changed)"
    done
    idle "$EXIT_IDLE" "^idle: for [0-9]+ s, .*: hb-load ran" 1
    restarts "the rule has changed" --rule keys
    restarts "the rule has changed"
    restarts "the list of programs has changed" --programs "$PROG,${PROG}b"
    restarts "the list of programs has changed"
    if [ "${HB_TEST_HOOK:-}" = fentry ]; then
        restarts "the hook has changed" --hook tracepoint
        restarts "the hook has changed"
    fi
    rm "$PIN/hooks/rename"
    restarts "a hook was missing until now"
    # As if a load had been killed after it pinned the stub. The key is STUB_FORK.
    bpftool map delete pinned "$PIN/hooks/raw_tracepoints" key 2 0 0 0
    restarts "a hook was missing until now"
    sleep 1.1
    before=$(changed)
    load --programs "$PROG"
    empty "$T/load.err"
    same "change at" "$before" "$(changed)"
    idle "$EXIT_IDLE" "^idle: " 1
}

# Hook tracepoint does not see its reads: nobody knows while it runs, and it counts until its end.
test_idle_beside_a_32_bit_program() {
    local cgroup=/hb$$.narrow other=/hb$$.wide
    [ "${HB_TEST_HOOK:-tracepoint}" = tracepoint ] || skip "hook fentry sees 32-bit programs"
    make_cgroups "$cgroup" "$other"
    tiny_32 "$PROG"
    mkfifo "$T/in"
    exec 9<>"$T/in"
    load --hook tracepoint --programs "$PROG"
    start "$T/narrow/$PROG" <"$T/in" 9>&-
    enter_cgroup "$cgroup" "$STARTED"
    sleep 1.1
    idle 1 "^unknown: a 32-bit program runs, $PROG \(pid $STARTED\), and hook tracepoint cannot see its reads\$" 1
    idle 1 "^unknown: a 32-bit program runs" 1 --cgroup "$cgroup"
    idle 1 "^unknown: a 32-bit program runs" 1 --pid "$STARTED"
    idle "$EXIT_IDLE" "^idle: " 1 --cgroup "$other"
    exec 9>&-
    finish "$STARTED"
    idle "$EXIT_IDLE" "^idle: " 1 --cgroup "$cgroup"
    # Started at a terminal, it may have been in use until its end.
    steps "not$PROG" terminal exec "$T/narrow/$PROG"
    took 1
    sleep 1.5
    idle 1 "^unknown: a 32-bit program runs" 1
    end "$STEPS" KILL
    idle 0 "^active: for [0-4] s, " 60
    sleep 1.1
    idle "$EXIT_IDLE" "^idle: " 1
}

# With `*` a program counts from its first key on; one whose keys cannot be seen, from its start.
test_idle_beside_any_32_bit_program() {
    local cgroup=/hb$$.any
    [ "${HB_TEST_HOOK:-tracepoint}" = tracepoint ] || skip "hook fentry sees 32-bit programs"
    make_cgroups "$cgroup"
    tiny_32 "$PROG"
    load --hook tracepoint --programs '*' --rule keys
    # One without a terminal is in nobody's use.
    mkfifo "$T/in"
    exec 9<>"$T/in"
    start setsid "$T/narrow/$PROG" <"$T/in" 9>&-
    enter_cgroup "$cgroup" "$STARTED"
    sleep 1.1
    idle "$EXIT_IDLE" "^idle: " 1 --cgroup "$cgroup"
    exec 9>&-
    finish "$STARTED"
    steps "not$PROG" terminal exec "$T/narrow/$PROG"
    enter_cgroup "$cgroup" "$STEPS"
    took 1
    sleep 1.1
    idle 1 "^unknown: a 32-bit program runs, $PROG " 1 --cgroup "$cgroup"
    end "$STEPS" KILL
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
    idle 0 "^active: .*: hb-load ran, and nothing was seen since\$" 60
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

DEPENDS=user

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
1.x
1m30s
367d
99999999999
60 60
60 --cgroup relative
60 --cgroup /a/../b
60 --container abc
60 --container 0123456789AB
60 --container containerd://
60 --pid 0
60 --pid vim
60 --pid 1 --cgroup /
60 --cgroup / --cgroup /
60 --listen none
60 --pid
60 --format yaml
END
}
