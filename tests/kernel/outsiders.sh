# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What outsiders may find out and what tenants may disturb: each test is an attack. SECURITY.md names them.

BACKGROUND+=(test_gauge_changes_once_per_second)

# An outsider who asks all the time must not learn when an editor is started and ended.
test_gauge_changes_once_per_second() {
    local began
    make_net
    load --programs "$PROG"
    serve
    beater "$PROG"
    # Short-lived editors, three at a time, all the time.
    for _ in 1 2 3; do
        start "$BASH" -c 'while :; do "$1" --pace-us 30000 3 </dev/zero; read -rt 0.0$((RANDOM % 9 + 1)) -u 9; done 9<> <(:)' \
            - "$T/bin/$PROG" >/dev/null
    done
    microseconds
    began=$NOW
    fetch "http://127.0.0.1:9191/metrics?[1-3000]" | grep "^$GAUGE " >"$T/seen"
    fetch_from "$T/socket" "http://localhost/metrics?[1-1000]" | grep "^$GAUGE " >"$T/exact"
    microseconds
    same "answers" 3000 "$(lines "$T/seen")"
    at_most "changes in $((NOW - began)) us" $(((NOW - began) / 1000000 + 1)) $(($(uniq "$T/seen" | wc -l) - 1))
    # The number itself changes much more often.
    at_least "changes over the socket" 10 $(($(uniq "$T/exact" | wc -l) - 1))
}

# as_page HOST PATH [OPTION]... - ask as a browser does for a page of a site that lets HOST point here
as_page() {
    local host=$1 path=$2
    shift 2
    fetch --resolve "$host:9191:127.0.0.1" "http://$host:9191$path" -o "$T/body" -w '%{http_code}' \
        -H 'Accept-Language: en' "$@"
}

test_pages_of_other_sites_get_nothing() {
    local path name=node-1.example
    make_net
    load --programs "$PROG"
    serve
    for path in / /metrics /activity /healthz '/activity?cgroup=/'; do
        same "status of $path by another name" 403 "$(as_page attacker.example "$path")"
        says "$T/body" "^the URL names another host: use this machine's address, its host name or localhost\$"
        same "status of $path from another origin" 403 "$(as_page localhost "$path" -H 'Origin: http://attacker.example')"
        same "status of $path by address" 200 "$(as_page 127.0.0.1 "$path")"
        same "status of $path by localhost" 200 "$(as_page localhost "$path")"
        same "status of $path by host name" 200 "$(as_page "$(uname -n)" "$path")"
    done
    # Programs may use any name for metrics, and over the socket, which no page can reach.
    same "metrics by another name" 200 "$(fetch --resolve "$name:9191:127.0.0.1" "http://$name:9191/metrics" -o "$T/body" -w '%{http_code}')"
    same "activity by another name" 403 "$(fetch --resolve "$name:9191:127.0.0.1" "http://$name:9191/activity" -o "$T/body" -w '%{http_code}')"
    same "activity over the socket" 200 "$(fetch_from "$T/socket" "http://$name/activity" -o "$T/body" -w '%{http_code}')"
    # A proxy may lead from a port to the socket.
    same "activity over the socket for a page" 403 \
        "$(fetch_from "$T/socket" "http://$name/activity" -o "$T/body" -w '%{http_code}' -H 'Accept-Language: en')"
    empty "$T/serve.err"
}

# An attack from a real browser: the site attacker.example leads to this machine.
test_browser_on_a_rebound_name() {
    local host
    need chromium
    make_net
    load --programs "$PROG"
    serve
    for host in attacker.example localhost; do
        "${NET[@]}" timeout $((60 * HB_TEST_SLOW)) chromium --headless --no-sandbox --disable-gpu --user-data-dir="$T/chromium" \
            --host-resolver-rules="MAP attacker.example 127.0.0.1" --dump-dom "http://$host:9191/metrics" \
            >"$T/$host" 2>"$T/chromium.err" || fail "chromium: exit $?: $(tail -n 1 "$T/chromium.err")"
    done
    says "$T/attacker.example" "the URL names another host"
    says_not "$T/attacker.example" activity_heartbeat
    says "$T/localhost" "$GAUGE"
}

# A Prometheus knows the machine by a name that the machine does not know.
test_prometheus_scrapes_by_any_name() {
    need jq prometheus promtool
    make_net
    load --programs "$PROG"
    start "${NET[@]}" "$HB_READ" serve --pin-dir "$PIN" 2>"$T/serve.err"
    echo "127.0.0.1 node-1.example" >>/etc/hosts
    start_prometheus node-1.example
    wait_for 60 "a scrape" has_result 'up == 1'
}

# A member of the group holds the only slot under a name that is a command to the terminal.
test_name_of_a_slot_holder_is_harmless() {
    local name=$'\e]0;owned\a'
    need flock
    load --programs "$PROG" --readers 1
    mkdir "$T/bin"
    cp /bin/sleep "$T/bin/$name"
    start flock --no-fork "$PIN/readers/0" "$T/bin/$name" 600
    wait_for 5 "the lock" is_held_by "$STARTED"
    refuses "$EXIT_FAILED" "the only reader slot is taken, by |all 1 reader slots are taken, by \?\]0;owned\? \(pid $STARTED\)" \
        "$HB_READ" --pin-dir "$PIN" --listen none
    ! grep -q $'[\e\a]' "$T/err" || fail "the message has escape sequences"
    exits 0 "$HB_READ" status --pin-dir "$PIN"
    ! grep -q $'[\e\a]' "$T/out" || fail "the status has escape sequences"
}

is_held_by() {
    [ "$(tr -d '\0' <"/proc/$1/comm")" != flock ] && ! flock --nonblock "$PIN/readers/0" true
}

# delegated PATH UID - make a control group, and give it to that user, as systemd does
delegated() {
    make_cgroups "$1"
    chown "$2" "$HIERARCHY$1" "$HIERARCHY$1"/cgroup.{procs,subtree_control,threads}
}

# in_group_of UID PATH - as that user, make a control group and read a key in it
in_group_of() {
    local uid=$1 path=$2
    setpriv --reuid "$uid" --clear-groups mkdir "$HIERARCHY$path"
    CGROUPS+=("$HIERARCHY$path")
    started_in "$path" "$PROG" 7
    wait_for 5 "the keys" has_read "$PROG" 7
}

# A user gives a control group the name of another's container, which would be kept alive for ever.
test_container_of_another_is_not_believed() {
    local own=/hb$$.user boxes=/hb$$.boxes
    need jq
    own_container
    delegated "$own" "$STRANGER"
    make_cgroups "$boxes"
    load --programs "$PROG"
    make_cgroups "$boxes/docker-$CONTAINER.scope"
    sleep 1.2
    # The forger takes the id itself, and one that begins alike.
    in_group_of "$STRANGER" "$own/docker-$CONTAINER.scope"
    in_group_of "$STRANGER" "$own/docker-${CONTAINER:0:12}${CONTAINER:12:51}0.scope"
    idle "$EXIT_IDLE" "^idle: .* it was created" 1 --container "$CONTAINER"
    idle "$EXIT_IDLE" "^idle: .* it was created" 1 --container "${CONTAINER:0:12}"
    serve_json
    same "containers with a key" "" "$(jq -r '.cgroups[].container | select(.)' "$T/activity")"
    same "container in the list" "$own/docker-$CONTAINER.scope" \
        "$("$HB_READ" list --pin-dir "$PIN" --format json | jq -r 'select(.cgroup | contains("scope")) |
            .container // .cgroup' | head -n 1)"
    # The key is seen all the same, where it was read.
    idle 0 "^active: .* the last key" 60 --cgroup "$own"
    # An engine that a user runs has a container that nobody else claims.
    in_group_of "$STRANGER" "$own/libpod-f${CONTAINER:0:63}.scope"
    idle 0 "^active: .* the last key" 60 --container "f${CONTAINER:0:63}"
    # Two users, and nobody knows whose it is.
    delegated "${own}2" "$MEMBER"
    in_group_of "$MEMBER" "${own}2/libpod-f${CONTAINER:0:63}.scope"
    idle 1 "^unknown: several control groups have the name of container f${CONTAINER:0:63}: ask for one of them by --cgroup\$" \
        60 --container "f${CONTAINER:0:63}"
}

serve_json() {
    make_net
    serve
    ask_socket /activity >"$T/activity"
}

# --- Members of the group -----------------------------------------------------------------------

# member COMMAND [ARGUMENT]... - what a member of the group can do: see tests/kernel/member.c
member() {
    setpriv --reuid "$MEMBER" --regid "$MEMBER" --groups "$GROUP_ID" "$TOP/programs/member" "$PIN" "$@" 2>"$T/member.err" ||
        skip "this kernel does not let a member $*: $(<"$T/member.err")"
}

# A frozen ring cannot be mapped any more: a reader takes the next one.
test_member_freezes_a_ring() {
    local first
    load --programs "$PROG" --group "$GROUP" --readers 3
    member freeze readers/0/events
    start_reader r
    first=$READER
    same "slot" 1 "$(slot_of "$READER")"
    beat 101
    wait_for 5 "the lines" has_lines "$T/r.out" 101
    same "messages" 1 "$(lines "$T/r.err")"
    says "$T/r.err" "^hb-read: $PIN/readers/0/events: a member of the group has frozen it: trying the next slot"
    # The kernel refuses to freeze what somebody has mapped.
    ! "$TOP/programs/member" "$PIN" freeze readers/1/events 2>"$T/busy" || fail "a ring in use was frozen"
    says "$T/busy" "Device or resource busy"
    start_reader s
    same "slot" 2 "$(slot_of "$READER")"
    refuses_all_but_one "all usable ones of 3 reader slots are taken, by hb-read"
    end "$READER"
    end "$first"
    member freeze readers/1/events
    member freeze readers/2/events
    goes_on_without_lines rings
}

refuses_all_but_one() {
    exits "$EXIT_FAILED" "$HB_READ" --pin-dir "$PIN" --listen none
    says "$T/err" "$1"
}

# goes_on_without_lines WHAT - a reader serves and collects all the same
goes_on_without_lines() {
    local command
    need curl
    for command in "" serve; do
        start_beater "not$PROG" --hold 3
        start "$HB_READ" ${command:+"$command"} --pin-dir "$PIN" --gc-interval 1 --listen "unix:$T/frozen" \
            >"$T/frozen.out" 2>"$T/frozen.err"
        READER=$STARTED
        wait_for 5 "the server" socket_gauge_is "$T/frozen" 0
        go "$BEATER"
        wait_for 5 "collection" has_verdict "$BEATER" none
        end "$READER"
        same "exit status" 0 "$STATUS"
        empty "$T/frozen.out"
        [ "$command,$1" = serve,rings ] ||
            says "$T/frozen.err" "a member of the group has frozen the pins in $PIN/readers, so there are no lines: run hb-load unload and hb-load as root"
    done
    # What the message says helps.
    unload
    load --programs "$PROG"
    start_reader healed
    beat 3
    wait_for 5 "the lines" has_lines "$T/healed.out" 3
}

test_member_freezes_the_mask_of_readers() {
    load --programs "$PROG" --group "$GROUP"
    member freeze readers/open
    goes_on_without_lines mask
    same "messages" 1 "$(lines "$T/frozen.err")"
}

# The kernel wakes nobody up any more, until the reader notices.
test_member_moves_a_position() {
    local lines
    load --programs "$PROG" --group "$GROUP"
    start_reader r --gc-interval 1
    beat 11
    wait_for 5 "the lines" has_lines "$T/r.out" 11
    for lines in 112 213; do
        member position 0 18446744073709551615
        beat 101
        wait_for 5 "the lines after the move" has_lines "$T/r.out" "$lines"
    done
    # Beyond the end: to the kernel the ring is full, so it loses what comes.
    member position 0 123456
    beat 101
    wait_for 5 "the losses" says_all_beats r 314
    beat 101
    wait_for 5 "the lines after the repair" says_all_beats r 415
    end "$READER"
    same "exit status" 0 "$STATUS"
    same "lines and lost" 415 $(($(lines "$T/r.out") + $(said_lost r)))
    at_least "lines" 314 "$(lines "$T/r.out")"
    same "messages about it" 1 "$(grep -c disturbed "$T/r.err")"
    says "$T/r.err" "^hb-read: a member of the group has disturbed reader slot 0: repaired, but heartbeats may be missing"
}

# says_all_beats READER NUMBER - it has printed them or reported them as lost
says_all_beats() {
    [ $(($(lines "$T/$1.out") + $(said_lost "$1"))) = "$2" ]
}

test_member_closes_the_slots() {
    load --programs "$PROG" --group "$GROUP"
    start_reader r --gc-interval 1
    member close
    wait_for 5 "the repair" is_reading "$READER"
    beat 101
    wait_for 5 "the lines" has_lines "$T/r.out" 101
    member close
    wait_for 5 "the second repair" is_reading "$READER"
    end "$READER"
    same "lines" 101 "$(lines "$T/r.out")"
    same "messages" 1 "$(lines "$T/r.err")"
    same "open slots" 0 "$(pinned open)"
}
