# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Work without keys: while a busy program runs, its workspace is not idle.

DEPENDS=kernel
BACKGROUND+=(test_busy_in_a_container test_busy_outlives_its_allowance)
# What a busy program of that name and pid makes `idle` say, as a pattern.
WORKS='has been working for [0-9]+ (s|min); this counts for another [0-9]+ (s|min|h( [0-9]+ min)?)$'

# work_in CGROUP [STEP]... - start a busy program called $WORK there, which waits for go(); WORKER is its pid
work_in() {
    local cgroup=$1
    shift
    WORK=${PROG}w
    steps "$WORK" background wait "$@"
    WORKER=$STEPS
    enter_cgroup "$cgroup" "$WORKER"
    took 1
}

# load_busy [ARGUMENT]... - load, and make two control groups with a container in the first
load_busy() {
    own_container
    SITE=/hb$$.site BOX=/hb$$.site/docker-$CONTAINER.scope OTHER=/hb$$.other
    load --programs "$PROG" --busy "${PROG}w,${PROG}v" "$@"
    make_cgroups "$SITE" "$BOX" "$OTHER"
}

is_working() {
    grep -q "^active: $WORK " < <("$HB_READ" idle 1 --pin-dir "$PIN" "$@")
}

is_not_working() {
    ! is_working "$@"
}

test_busy_keeps_what_contains_it_active() {
    local what
    load_busy --group "$GROUP"
    sleep 1.2
    idle "$EXIT_IDLE" "^idle: " 1 --cgroup "$SITE"
    work_in "$BOX"
    for what in "--cgroup $SITE" "--cgroup $BOX" "--cgroup /" "--container $CONTAINER" "--pid $WORKER" ""; do
        # shellcheck disable=SC2086
        idle 0 "^active: $WORK \(pid $WORKER\) $WORKS" 1 $what
    done
    idle "$EXIT_IDLE" "^idle: .*: it was created, and nothing was seen since" 1 --cgroup "$OTHER"
    # Without privileges, and where /proc hides the processes of others.
    as_user "$MEMBER" "$GROUP_ID"
    AS=(unshare --mount --propagation private "$BASH" -c
        'mount -t proc -o hidepid=2 proc /proc && exec "$@"' - "${AS[@]}")
    idle 0 "^active: $WORK \(pid $WORKER\) $WORKS" 1 --container "$CONTAINER"
    AS=()
    # It moves, and ends.
    enter_cgroup "$OTHER" "$WORKER"
    idle "$EXIT_IDLE" "^idle: " 1 --cgroup "$SITE"
    idle 0 "^active: $WORK \(pid $WORKER\) " 1 --cgroup "$OTHER"
    end "$WORKER" KILL
    idle "$EXIT_IDLE" "^idle: " 1 --cgroup "$OTHER"
    idle "$EXIT_IDLE" "^idle: " 1
}

# Stopped by a signal, frozen with its control group, or dead and not reaped.
test_busy_must_run() {
    load_busy
    work_in "$BOX"
    sleep 1.2
    idle 0 "^active: $WORK " 1 --cgroup "$BOX"
    kill -STOP "$WORKER"
    wait_for 5 "the stop" is_not_working --cgroup "$BOX"
    idle "$EXIT_IDLE" "^idle: " 1 --cgroup "$BOX"
    kill -CONT "$WORKER"
    wait_for 5 "the work" is_working --cgroup "$BOX"
    if [ -e "$HIERARCHY$SITE/cgroup.freeze" ]; then
        echo 1 >"$HIERARCHY$SITE/cgroup.freeze"
        wait_for 5 "the frost" is_not_working --cgroup "$BOX"
        echo 0 >"$HIERARCHY$SITE/cgroup.freeze"
        wait_for 5 "the thaw" is_working --cgroup "$BOX"
    fi
    kill -KILL "$WORKER"
    wait_for 5 "the end" is_not_working --cgroup "$BOX"
    # A zombie: its parent does not wait for it.
    start "$BASH" -c '"$0" wait & echo $! >"$1"; exec sleep 1000' "$T/bin/$WORK" "$T/pid"
    enter_cgroup "$BOX" "$STARTED"
    wait_for 5 "the child" test -s "$T/pid"
    WORKER=$(<"$T/pid")
    enter_cgroup "$BOX" "$WORKER"
    wait_for 5 "the work of the child" is_working --cgroup "$BOX"
    kill -KILL "$WORKER"
    wait_for 5 "a zombie" is_zombie "$WORKER"
    idle "$EXIT_IDLE" "^idle: " 1 --cgroup "$BOX"
    # With ^Z a shell stops the whole job; a debugger or strace stops it only for a moment.
}

is_zombie() {
    grep -q "^State:.Z" "/proc/$1/status"
}

# A process that is traced is stopped again and again, and works all the same.
test_busy_is_traced() {
    need strace
    load_busy
    work_in "$BOX"
    start strace -qq -e trace=none -o /dev/null -p "$WORKER"
    wait_for 10 "strace" is_traced "$WORKER"
    sleep 1.2
    idle 0 "^active: $WORK " 1 --cgroup "$BOX"
}

# The name is that of the first thread, however it came to it.
test_busy_names() {
    load_busy
    sleep 1.2
    WORK=${PROG}w
    steps "not$PROG" background wait name "$WORK" wait name "not$PROG" wait thread name "$WORK" wait name-first "${PROG}v" wait
    enter_cgroup "$BOX" "$STEPS"
    took 1
    idle "$EXIT_IDLE" "^idle: " 1 --cgroup "$BOX"
    go "$STEPS"
    took 3
    idle 0 "^active: $WORK \(pid $STEPS\) " 1 --cgroup "$BOX"
    go "$STEPS"
    took 5
    idle "$EXIT_IDLE" "^idle: " 1 --cgroup "$BOX"
    # Only a thread has the name.
    go "$STEPS"
    took 7
    idle "$EXIT_IDLE" "^idle: " 1 --cgroup "$BOX"
    go "$STEPS"
    took 9
    idle 0 "^active: ${PROG}v \(pid $STEPS\) " 1 --cgroup "$BOX"
}

# It is no watched program: no line, no record, no verdict.
test_busy_is_not_watched() {
    load_busy
    start_reader r --gc-interval 1
    work_in "$BOX" keys 7 wait
    go "$WORKER"
    took 3
    has_no_record "$WORKER"
    [ "$(pinned verdict "$WORKER")" != 1 ] || fail "it is considered"
    same "beats" 0 "$(beats "$WORK")"
    end "$READER"
    empty "$T/r.out"
    sleep 1
    idle 0 "^active: $WORK \(pid $WORKER\) " 1 --cgroup "$BOX"
    same "considered" "verdicts of watched processes: 0" \
        "verdicts of watched processes: $(pinned verdicts | sed 's/.*ones=//')"
    # On both lists it is both.
    load --programs "$PROG,$WORK" --busy "$WORK" --rule keys
    steps "$WORK" keys 3 wait
    enter_cgroup "$BOX" "$STEPS"
    took 1
    same "beats" 3 "$(process_field "$STEPS" beats)"
    same "verdict" 1 "$(pinned verdict "$STEPS")"
    idle 0 "^active: $WORK \(pid [0-9]+\) $WORKS" 1 --cgroup "$BOX"
    kill -STOP "$WORKER" "$STEPS"
    wait_for 5 "the stop" is_not_working --cgroup "$BOX"
    idle 0 "^active: .*: the last key, read by $WORK \(pid $STEPS\)" 100 --cgroup "$BOX"
}

# A build that outlives its allowance: a key in its workspace renews it, one elsewhere does not.
test_busy_outlives_its_allowance() {
    local for=$((4 * HB_TEST_SLOW)) before
    load_busy --busy-for "${for}s"
    work_in "$BOX"
    idle 0 "^active: $WORK \(pid $WORKER\) " 0.1 --container "$CONTAINER"
    start_beater "$PROG" --hold --terminal --type 3
    enter_cgroup "$OTHER" "$BEATER"
    sleep "$((for + 1))"
    idle "$EXIT_IDLE" "^idle: .*: it was created" 1 --container "$CONTAINER"
    kill -0 "$WORKER"
    go "$BEATER"
    wait_for 5 "the keys" has_read "$PROG" 3
    idle "$EXIT_IDLE" "^idle: .*: it was created" 1 --container "$CONTAINER"
    # On the node it was the last key.
    before=$(changed)
    idle 0 "^active: $WORK \(pid $WORKER\) " 0.001 --touch "$T/file"
    near "time of the file" "$EPOCHREALTIME" "$(stat -c %.Y "$T/file")"
    go "$BEATER"
    finish "$BEATER"
    start_beater "$PROG" --hold --terminal --type 5
    enter_cgroup "$SITE" "$BEATER"
    go "$BEATER"
    wait_for 5 "the keys" has_read "$PROG" 5
    # What is above it has had a key, but it has not.
    idle 0 "^active: $WORK " 0.001 --cgroup "$SITE"
    idle "$EXIT_IDLE" "^idle: " 1 --container "$CONTAINER"
    enter_cgroup "$BOX" "$BEATER"
    idle 0 "^active: $WORK " 0.001 --container "$CONTAINER"
    sleep "$((for + 1))"
    idle "$EXIT_IDLE" "^idle: .*: the last key" 1 --container "$CONTAINER"
    idle "$EXIT_IDLE" "^idle: .*: the last key" 1
    same "change at" "$before" "$(changed)"
}

# A load changes the list and the time in place, says so, and leaves idle times alone.
test_busy_list_is_replaced() {
    local before
    load_busy
    says "$T/load.out" ", busy ${PROG}w,${PROG}v for 6 h, "
    work_in "$BOX"
    before=$(changed)
    sleep 1.2
    idle 0 "^active: $WORK .* another 5 h 59 min$" 1 --cgroup "$BOX"
    load --programs "$PROG" --busy "$WORK" --busy-for 90m
    says "$T/load.out" "^updated: busy -${PROG}v, busy for 6 h -> 1 h 30 min\$"
    empty "$T/load.err"
    same "seconds" 5400 "$(field "$(pinned meta)" busy_for)"
    idle 0 "^active: $WORK .* another 1 h 29 min$" 1 --cgroup "$BOX"
    load --programs "$PROG" --busy "${PROG}v"
    says "$T/load.out" "^updated: busy \+${PROG}v, busy -$WORK, busy for 1 h 30 min -> 6 h\$"
    idle "$EXIT_IDLE" "^idle: " 1 --cgroup "$BOX"
    load --programs "$PROG"
    says "$T/load.out" "^updated: busy -${PROG}v\$"
    same "seconds" 0 "$(field "$(pinned meta)" busy_for)"
    idle "$EXIT_IDLE" "^idle: " 1 --cgroup "$BOX"
    same "change at" "$before" "$(changed)"
}

# Without a name on the list, the same programs run at the same places, and nobody looks at processes.
test_busy_nothing_costs_nothing() {
    local tags
    need strace bpftool
    load --programs "$PROG"
    tags=$(tags)
    strace -e trace=openat,bpf -o "$T/trace" "$HB_READ" idle 60 --pin-dir "$PIN" >"$T/out"
    says_not "$T/trace" '/busy"'
    load --programs "$PROG" --busy "${PROG}w"
    same "programs" "$tags" "$(tags)"
    strace -e trace=openat,bpf -o "$T/trace" "$HB_READ" idle 60 --pin-dir "$PIN" >"$T/out"
    says "$T/trace" '/busy"'
}

# A reader that cannot see them says so.
test_busy_that_cannot_be_seen() {
    load_busy
    work_in "$BOX"
    sleep 1.2
    AS=(unshare --pid --fork --mount-proc --kill-child --propagation private)
    idle 1 "^unknown: busy programs outside this pid namespace cannot be seen: run hb-read on the host\$" 1 --cgroup "$OTHER"
    idle 1 "^unknown: busy programs outside" 1 --cgroup "$BOX"
    idle 0 "^active: " 600 --cgroup "$OTHER"
    AS=()
    rm "$PIN/busy"
    idle 1 "^unknown: it cannot be seen which busy programs run: run hb-load again, as root\$" 1 --cgroup "$OTHER"
}

# All times are those of the host.
test_busy_in_a_time_namespace() {
    local ahead
    load_busy
    work_in "$BOX"
    for ahead in 864000 -5; do
        in_time "$ahead"
        AS=("${INSIDE[@]}")
        idle 0 "^active: $WORK \(pid $WORKER\) has been working for [0-9]+ s; this counts for another 5 h 59 min$" 0.001 --cgroup "$BOX"
    done
    AS=()
    # It started in one with another clock.
    in_time 864000
    start "${INSIDE[@]}" --kill-child "$T/bin/$WORK" wait
    end "$WORKER"
    wait_for 5 "the work" is_working
    idle 0 "^active: $WORK \(pid [0-9]+\) has been working for [0-9]+ s; this counts for another 5 h 59 min$" 0.001
}

test_busy_over_http() {
    local now way
    need jq
    make_net
    load_busy --busy-for 2h
    work_in "$BOX"
    serve
    get "/activity?container=$CONTAINER"
    now=$(date +%s)
    is .because busy .program "$WORK" .pid "$WORKER" .last_activity null .doubt null .idle_seconds 0 \
        '.since == .as_of' true '.busy_until > .since' true \
        "(.busy_until_ns - .as_of_ns) / 1e9 | . > 7100 and . <= 7200" true \
        '.cgroups[].because' busy '.cgroups[].container' "$CONTAINER" '.cgroups | length' 1
    get /healthz
    is "(.lastHeartbeat / 1000 - $now) | fabs < 20" true
    get /activity
    is .because busy "$(group "$BOX") | .because" busy
    # Anybody may know that there is work, but not whose.
    wait_for 25 "the work, over TCP" tcp_says_busy
    is .because busy .idle_seconds 0 ".busy_until_ns % 1000000000" 0 \
        "$(group "$BOX") | .because" busy
    says_not "$T/body" "\"pid\":|\"program\":|$WORK"
    for way in ask ask_socket; do
        "$way" /metrics >"$T/metrics"
        says_not "$T/metrics" "$WORK"
        says "$T/metrics" "^activity_heartbeat_cgroup_busy\{cgroup=\"$BOX\",container_id=\"$CONTAINER\",pod_uid=\"\"\} 1\$"
        says_not "$T/metrics" "^activity_heartbeat_cgroup_busy\{cgroup=\"$OTHER\""
        same "active at" "$(sed -n 's/^activity_heartbeat_as_of_timestamp_seconds //p' "$T/metrics")" \
            "$(sed -n "s|^activity_heartbeat_cgroup_active_timestamp_seconds{cgroup=\"$BOX\".* ||p" "$T/metrics")"
        ! command -v promtool >/dev/null || promtool_check "$T/metrics"
    done
    kill -STOP "$WORKER"
    wait_for 5 "the stop" is_not_working --cgroup "$BOX"
    get "/activity?container=$CONTAINER"
    is .because birth .busy_until null
}

tcp_says_busy() {
    answers 200 ask "/activity" && [ "$(jq -r .because "$T/body")" = busy ]
}

# A workspace that asks about itself learns of its own work alone, and not by whom.
test_busy_asks_about_itself() {
    load_busy --busy-for 2h
    serve_self
    work_in "$BOX"
    sleep 1.2
    self 0 "^active: a busy program works in this container; this counts for another (1 h 59 min|2 h)\$" "$BOX" 1 --touch "$T/file"
    at_least "time of the file" $((EPOCHSECONDS - 3 * HB_TEST_SLOW)) "$(stat -c %Y "$T/file")"
    self_get 200 "$BOX" /activity
    is .because busy .idle_seconds 0
    says_not "$T/body" "$WORK|\"pid\":"
    self_get 200 "$BOX" /healthz
    is "(.lastHeartbeat / 1000 - $(date +%s)) | fabs < 20" true
    kill -STOP "$WORKER"
    sleep 1.2
    self_get 200 "$BOX" /activity
    is .because birth .busy_until null
}

# A real build, and the same name elsewhere: other builds may run on this machine.
test_busy_make() {
    local recipe build
    need make
    load_busy --busy make,cargo
    printf 'all:\n\t@echo $$$$ $$PPID >%s/pid; exec sleep 1000\n' "$T" >"$T/Makefile"
    sleep 1.2
    start "$BASH" -c 'echo $$ >"$1"; exec make -s -C "$2" 9>&-' - "$HIERARCHY$BOX/cgroup.procs" "$T"
    wait_for 10 "the build" test -s "$T/pid"
    read -r recipe build <"$T/pid"
    PIDS+=("$recipe")
    same "pid" "$STARTED" "$build"
    idle 0 "^active: make \(pid $build\) $WORKS" 1 --container "$CONTAINER"
    kill "$recipe"
    finish "$STARTED"
    idle "$EXIT_IDLE" "^idle: " 1 --container "$CONTAINER"
}

# An agent in a container that nobody ever types in.
test_busy_in_a_container() {
    need_containers
    make_cgroups "/hb$$.agents"
    load --programs vi --busy "${PROG}w" --busy-for "$((3 * LONG))s"
    WORK=${PROG}w
    mkdir -p "$T/bundle.$BOX_A/root/bin"
    printf '#!/bin/sh\nsleep 1000\n' >"$T/bundle.$BOX_A/root/bin/$WORK"
    chmod +x "$T/bundle.$BOX_A/root/bin/$WORK"
    start_container "$BOX_A" "/hb$$.agents/$BOX_A" "$WORK"
    sleep 2
    idle 0 "^active: $WORK \(pid [0-9]+\) $WORKS" 1 --container "$BOX_A"
    idle 0 "^active: $WORK \(pid [0-9]+\) $WORKS" 1 --cgroup "/hb$$.agents"
    "${RUNC[@]}" pause "$BOX_A"
    idle "$EXIT_IDLE" "^idle: .*: it was created" 1 --container "$BOX_A"
    "${RUNC[@]}" resume "$BOX_A"
    idle 0 "^active: $WORK " 1 --container "$BOX_A"
    sleep $((3 * LONG))
    idle "$EXIT_IDLE" "^idle: .*: it was created" 1 --container "$BOX_A"
    stop_container "$BOX_A"
}

test_busy_options() {
    local value
    for value in '*' a/b ',' 'make cargo'; do
        refuses "$EXIT_USAGE" "^hb-load: --busy" "$HB_LOAD" --pin-dir "$PIN" --busy "$value"
    done
    for value in 0 0.5 367d 1w -1; do
        refuses "$EXIT_USAGE" "^hb-load: --busy-for $value: give a time" "$HB_LOAD" --pin-dir "$PIN" --busy-for "$value"
    done
    # The configuration has some; an option replaces them, or adds to them.
    mkdir -p /etc/activity-heartbeat/heartbeat.conf.d
    printf 'Busy=make cargo\nBusyFor=90m\n' >/etc/activity-heartbeat/heartbeat.conf.d/busy.conf
    load --programs "$PROG"
    says "$T/load.out" ", busy make,cargo for 1 h 30 min, "
    load --programs "$PROG" --busy +claude --busy-for 1h
    says "$T/load.out" "^updated: busy \+claude, busy for 1 h 30 min -> 1 h\$"
    exits 0 "$HB_LOAD" check --pin-dir "$PIN"
    says "$T/out" "^setting  Busy=.*make,cargo \(/etc/activity-heartbeat/heartbeat.conf.d/busy.conf:1\)\$"
    load --programs "$PROG" --busy ''
    rm /etc/activity-heartbeat/heartbeat.conf.d/busy.conf
    same "seconds" 0 "$(field "$(pinned meta)" busy_for)"
}

test_busy_is_explained() {
    need jq
    load_busy --busy-for 2h --group "$GROUP"
    work_in "$BOX"
    explain "$WORKER"
    sentence "$WORK \(pid $WORKER\) counts\."
    sentence "  Its command name, $WORK, is on the list of busy programs\."
    sentence "  While it runs, its workspace is not idle, for another 1 h 59 min\."
    explain "$WORK"
    sentence "$WORK is on the list of busy programs: while one runs, its workspace is not idle, for at most 2 h after the last key in it\."
    sentence "$WORK is not on the list of watched programs\. Of 1 process, 1 counts\."
    says "$T/out" "^ *$WORKER +- +counts: its work does, for another 1 h 59 min\$"
    says_not "$T/out" "To watch it"
    same "JSON" '[true,"busy","counts","busy"]' \
        "$("$HB_READ" explain "$WORKER" --pin-dir "$PIN" --format json | jq -c '[.counts, .why, .work, .because]')"
    # Where /proc hides it.
    as_user "$MEMBER" "$GROUP_ID"
    AS=(unshare --mount --propagation private "$BASH" -c
        'mount -t proc -o hidepid=2 proc /proc && exec "$@"' - "${AS[@]}")
    explain "$WORK"
    says "$T/out" "^ *$WORKER +[?] +counts: its work does, for another 1 h 59 min\$"
    AS=()
    kill -STOP "$WORKER"
    wait_for 5 "the stop" is_not_working --cgroup "$BOX"
    explain "$WORKER"
    sentence "  Its work does not count at the moment: it is stopped\."
    end "$WORKER" KILL
    refuses "$EXIT_FAILED" "no process is called $WORK; the name is on the list of busy programs" \
        "$HB_READ" explain "$WORK" --pin-dir "$PIN"
    exits 0 "$HB_READ" status --pin-dir "$PIN"
    sentence "busy programs   ${PROG}v, ${PROG}w, for 2 h"
    same "status" "[\"${PROG}v\",\"${PROG}w\",7200]" \
        "$("$HB_READ" status --pin-dir "$PIN" --format json | jq -c '[.busy_programs[].name, .busy_for_seconds]')"
}
