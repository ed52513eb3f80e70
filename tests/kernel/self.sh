# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Workspaces that ask about themselves: who gets which answer, and what nobody gets.

DEPENDS=kernel
# Keys are told to 8 seconds: this long after one, idle time is 1 s at least.
SELF_COARSE=10

# Start `hb-read serve` with a self socket, and one for members.
serve_self() {
    need curl jq
    mkdir "$T/self"
    start "${AS[@]}" "$HB_READ" serve --pin-dir "$PIN" --listen "self:$T/self/socket" --listen "unix:$T/socket" \
        2>"$T/serve.err"
    READER=$STARTED
    wait_for 10 "the server: $(<"$T/serve.err")" is_serving
}

# within_cgroup CGROUP COMMAND... - run it in that control group; an empty one is the root
within_cgroup() {
    local cgroup=$1
    shift
    "$BASH" -c 'echo 0 >"$1/cgroup.procs" && shift && exec "$@"' - "$HIERARCHY$cgroup" "$@"
}

# self STATUS PATTERN CGROUP [ARGUMENT]... - `hb-read idle --self` there prints one line; BY starts its
# command line
self() {
    local status=$1 pattern=$2 cgroup=$3
    shift 3
    exits "$status" within_cgroup "$cgroup" "${BY[@]}" "$HB_READ" idle --self --socket "$T/self/socket" "$@"
    same "lines" 1 "$(lines "$T/out")"
    says "$T/out" "$pattern"
    empty "$T/err"
}

# self_get STATUS CGROUP PATH [OPTION]... - by curl, into $T/head and $T/body
self_get() {
    local status=$1 cgroup=$2 path=$3
    shift 3
    same "status of $path in $cgroup $*" "$status" "$(within_cgroup "$cgroup" curl -sS --max-time 10 --path-as-is \
        --unix-socket "$T/self/socket" "http://localhost$path" -D "$T/head" -o "$T/body" -w '%{http_code}' "$@")"
}

# Asking more often would be too often.
has_self_key() {
    pause 0.3
    grep -q "the last key" < <(within_cgroup "$1" "$HB_READ" idle 1000 --self --socket "$T/self/socket")
}

# Make the groups of a node: BOX and OTHER are containers, PODDED and SIDECAR those of a pod, DESK is a user's.
make_node() {
    local top=/hb$$.node
    own_container
    BOX=$top/docker-${CONTAINER:0:63}a.scope OTHER=$top/docker-${CONTAINER:0:63}b.scope
    PODDED=$top/kubepods/pod$POD/${CONTAINER:0:63}c SIDECAR=$top/kubepods/pod$POD/${CONTAINER:0:63}d
    DESK=$top/user-54321.slice
    make_cgroups "$top" "$BOX" "$BOX/own" "$OTHER" "$top/kubepods" "$top/kubepods/pod$POD" "$PODDED" "$SIDECAR" \
        "$DESK" "$DESK/session-1.scope" "$top/sshd.service"
}

# Print what an answer says but for the passage of time.
timeless() {
    jq -S 'del(.as_of, .as_of_ns, .idle_seconds)' "$T/body"
}

test_self_is_each_for_itself() {
    local id
    load --programs "$PROG"
    make_node
    serve_self
    self_get 200 "$OTHER" "/activity?idle=1h"
    is '.select.self' container '.select.id' "${CONTAINER:0:63}b" '.node' null '.because' birth '.last_activity' null \
        '.verdict' active '.limit_seconds' 3600 '.cgroups | length' 0 '.doubt' null
    timeless >"$T/before"
    started_in "$BOX/own" "$PROG" 11
    wait_for 20 "the keys" has_self_key "$BOX"
    # From inside, from the top, and by a user who is nobody.
    self 0 "^active: for [0-9]+ s, since $TIME: the last key, in this container\$" "$BOX/own" 1h
    BY=(setpriv --reuid "$STRANGER" --regid "$STRANGER" --clear-groups --inh-caps=-all --no-new-privs)
    self 0 "^active: .* the last key, in this container\$" "$BOX" 1h
    BY=()
    # All containers of a pod are one workspace; all sessions of a user are another.
    self 0 "^active: .* it was created, and nothing was seen since, in this pod\$" "$SIDECAR" 1h
    self 0 "^active: .* it was created, and nothing was seen since, in this user's slice\$" "$DESK/session-1.scope" 1h
    started_in "$PODDED" "$PROG" 11
    wait_for 20 "the keys" has_self_key "$SIDECAR"
    self 0 "^active: .* the last key, in this pod\$" "$SIDECAR" 1h
    started_in "$DESK" "$PROG" 11
    wait_for 20 "the keys" has_self_key "$DESK/session-1.scope"
    self_get 200 "$DESK/session-1.scope" /activity
    is '.select.self' user '.select.id' 54321 '.because' key '.verdict' null
    # The other container is told what it was told before.
    self_get 200 "$OTHER" "/activity?idle=1h"
    timeless >"$T/after"
    same "what all this changes for another container" "" "$(diff "$T/before" "$T/after")"
    self_get 200 "$OTHER" /healthz
    is .status alive .lastHeartbeat 0
    for id in "$PROG" "$BEATER" "hb$$" "${CONTAINER:0:63}a" "$POD" 54321; do
        self_get 200 "$OTHER" "/activity"
        says_not "$T/body" "$id"
    done
    # Who is in no workspace gets nothing, and above all not the whole node.
    for id in "" "/hb$$.node" "/hb$$.node/sshd.service" "/hb$$.node/kubepods"; do
        self 1 "^unknown: you are in no workspace" "$id" 1h
        self_get 403 "$id" /activity
        self_get 403 "$id" /healthz
        is .type error
    done
    empty "$T/serve.err"
}

test_self_serves_nothing_else() {
    local path
    load --programs "$PROG"
    make_node
    serve_self
    started_in "$OTHER" "$PROG" 11
    for path in / /metrics; do
        self_get 403 "$BOX" "$path"
        is .error "this socket serves /activity and /healthz only"
    done
    for path in /nothing /activity/ //activity /metrics/../activity; do
        self_get 404 "$BOX" "$path"
    done
    sleep 4
    for path in cgroup=/ "cgroup=$OTHER" "container=${CONTAINER:0:63}b" pid=1 "pod=$POD" "idle=1h&cgroup=/" idle=0 idle= x=y; do
        self_get 400 "$BOX" "/activity?$path"
        is .type error
    done
    sleep 4
    self_get 405 "$BOX" /activity -X POST
    same "methods" "GET, HEAD" "$(header Allow)"
    self_get 413 "$BOX" /activity -X GET -d body
    self_get 431 "$BOX" /activity -H "X-Long: $(printf '%020000d' 0)"
    # One answer on each connection.
    self_get 200 "$BOX" /activity --next -sS --unix-socket "$T/self/socket" http://localhost/activity -o "$T/second"
    same "connection" close "$(header Connection)"
    same "modes" "666 755" "$(stat -c %a "$T/self/socket" "$T/self" | xargs)"
    # The sockets for members and workspaces are not taken for one another.
    exits 1 within_cgroup "$BOX" "$HB_READ" idle 1h --self --socket "$T/socket"
    says "$T/err" "^hb-read: $T/socket: the answer makes no sense"
    exits 1 within_cgroup "$BOX" "$HB_READ" idle 1h --self --socket "$T/none"
    says "$T/err" "^hb-read: $T/none: No such file or directory: nobody answers there"
    refuses "$EXIT_FAILED" "there is a self socket already" "$HB_READ" serve --pin-dir "$PIN" \
        --listen "self:$T/a" --listen "self:$T/b"
}

BACKGROUND+=(test_self_in_time test_self_hostile_clients)

# Rounded times never make a workspace idle too early, and a file gets the time of the last key.
test_self_in_time() {
    local typed
    load --programs "$PROG"
    make_node
    serve_self
    self 0 "^active: " "$BOX" 60 --touch "$T/file"
    [ ! -e "$T/file" ] || fail "the file was touched although nobody was active"
    started_in "$BOX" "$PROG" 11
    typed=$(date +%s)
    wait_for 20 "the keys" has_self_key "$BOX"
    self 0 "^active: .*: the last key" "$BOX" 1h --touch "$T/file"
    at_least "time of the file" $((typed - 9)) "$(stat -c %Y "$T/file")"
    at_most "time of the file" $((typed + 1)) "$(stat -c %Y "$T/file")"
    self_get 200 "$BOX" /activity
    same "seconds in the time of a key, by the boot" 0 \
        "$(jq -r '(.since_ns - .watching_since_ns) / 1000000000 | round % 8' "$T/body")"
    sleep "$SELF_COARSE"
    self "$EXIT_IDLE" "^idle: for [0-9]+ s, since $TIME: the last key, in this container\$" "$BOX" 1
    self 0 "^active: " "$BOX" 60
    exits "$EXIT_IDLE" within_cgroup "$BOX" "$HB_READ" idle 1 --self --socket "$T/self/socket" --format json
    cp "$T/out" "$T/body"
    is .verdict idle .limit_seconds 1 .select.self container .because key
    exits 1 within_cgroup "$OTHER/.." "$HB_READ" idle 1 --self --socket "$T/self/socket" --format json
    cp "$T/out" "$T/body"
    is .type error .verdict unknown .limit_seconds 1
}

# The answer is about the group in which the client connected, wherever it or anybody is by then.
test_self_of_clients_that_move() {
    local group askers=()
    load --programs "$PROG"
    make_node
    serve_self
    started_in "$BOX" "$PROG" 11
    wait_for 20 "the keys" has_self_key "$BOX"
    # In other pid, cgroup, network and time namespaces, and in a user namespace of its own.
    BY=(unshare --fork --pid --cgroup --net --user --map-root-user)
    "${BY[@]}" true 2>"$T/unshare" || BY=(unshare --fork --pid --cgroup --net)
    self 0 "^active: .* the last key, in this container\$" "$BOX" 1h
    self 0 "^active: .* it was created" "$OTHER" 1h
    BY=()
    # Who moves after connecting still asks about the group before.
    start "$BUILD/tests/asker" "$T/self/socket" "/activity?idle=1h" "$HIERARCHY$OTHER" "$HIERARCHY$BOX" >"$T/moved"
    wait_for 10 "the end of the client" grep -q gone "$T/moved"
    kill -USR1 "$STARTED"
    finish "$STARTED"
    says "$T/moved" "\"id\":\"${CONTAINER:0:63}b\".*\"because\":\"birth\""
    # Gone before anybody can look at them, and one with its group.
    make_cgroups "$OTHER/gone"
    kill -STOP "$READER"
    for group in "$BOX" "$OTHER" "$OTHER/gone"; do
        start "$BUILD/tests/asker" "$T/self/socket" "/activity?idle=1h" "$HIERARCHY$group" >"$T/asked.${group##*[-/]}"
        askers+=("$STARTED")
        wait_for 10 "the end of the client" grep -q gone "$T/asked.${group##*[-/]}"
    done
    rmdir "$HIERARCHY$OTHER/gone"
    kill -CONT "$READER"
    kill -USR1 "${askers[@]}"
    for group in "${askers[@]}"; do
        finish "$group"
        same "exit status of a client" 0 "$STATUS"
    done
    says "$T/asked.${BOX##*-}" "\"id\":\"${CONTAINER:0:63}a\".*\"because\":\"key\""
    says "$T/asked.${OTHER##*-}" "\"id\":\"${CONTAINER:0:63}b\".*\"because\":\"birth\""
    says "$T/asked.gone" "503 Service Unavailable"
    says "$T/asked.gone" "there is no record of your control group"
    empty "$T/serve.err"
}

# Nobody is told "idle" by what cannot know.
test_self_is_unknown() {
    load --programs "$PROG"
    make_node
    serve_self
    sleep "$SELF_COARSE"
    self "$EXIT_IDLE" "^idle: " "$BOX" 1
    # A version of hb-load that does not have the iterator.
    rm "$PIN/peers"
    self 1 "^unknown: nobody knows who asks: as root, run the hb-load of this version again\$" "$BOX" 1
    self_get 503 "$BOX" /healthz
    load --programs "$PROG"
    self "$EXIT_IDLE" "^idle: " "$BOX" 1
    # A group that found the map full.
    pinned fill cgroups
    make_cgroups "$BOX/late" "/hb$$.node/docker-${CONTAINER:0:63}e.scope"
    self 1 "^unknown: there is no record of your control group" "/hb$$.node/docker-${CONTAINER:0:63}e.scope" 1
    self 1 "^unknown: there is no record of your control group" "$BOX/late" 1
    # The hooks do not fire.
    rm -f "$PIN"/hooks/{fentry_read,fentry_read_compat,fexit_tty_read,read_exit}
    wait_for 5 "the end of the hooks" is_unknown
    sleep 1.1
    self 1 "^unknown: the hook on reads of .* does not fire" "$BOX" 1
    self 0 "^active: " "$BOX" 1h
    self_get 503 "$BOX" /healthz
    unload
    exits 1 within_cgroup "$BOX" "$HB_READ" idle 1 --self --socket "$T/self/socket"
    finish "$READER" 15
    same "exit status of the server" "$EXIT_NOT_LOADED" "$STATUS"
    exits 1 within_cgroup "$BOX" "$HB_READ" idle 1 --self --socket "$T/self/socket"
    says "$T/err" "nobody answers there"
}

# A member of the group serves it, without any privilege.
test_self_server_is_a_member() {
    load --programs "$PROG" --group "$GROUP"
    make_node
    as_user "$MEMBER" "$GROUP_ID"
    mkdir "$T/home"
    chown "$MEMBER" "$T/home"
    start "${AS[@]}" "$HB_READ" serve --pin-dir "$PIN" --listen "self:$T/home/socket" 2>"$T/serve.err"
    wait_for 10 "the socket" test -S "$T/home/socket"
    says "/proc/$STARTED/status" "^CapEff:[[:space:]]0000000000000000"
    started_in "$BOX" "$PROG" 11
    wait_for 5 "the keys" has_read "$PROG" 11
    sleep 1.1
    exits 0 within_cgroup "$BOX" setpriv --reuid "$STRANGER" --regid "$STRANGER" --clear-groups \
        "$HB_READ" idle 1h --self --socket "$T/home/socket"
    says "$T/out" "^active: .* the last key, in this container\$"
    empty "$T/serve.err"
    # The sockets of a process are its own to read, and nobody else's.
    exits 0 "${AS[@]}" cat "$PIN/peers"
    empty "$T/out"
    as_user "$STRANGER"
    exits 1 "${AS[@]}" cat "$PIN/peers"
}

# --- Containers ---------------------------------------------------------------------------------

# in_box ID COMMAND... - run it there, as nobody and without any capability
in_box() {
    local id=$1
    shift
    "${RUNC[@]}" exec --user 65534:65534 "$id" "$@"
}

# box STATUS PATTERN ID [ARGUMENT]... - `hb-read idle --self` in container ID prints one line
box() {
    local status=$1 pattern=$2 id=$3
    shift 3
    exits "$status" in_box "$id" "$HB_READ" idle --self --socket "$T/self/socket" "$@"
    says "$T/out" "$pattern"
}

box_has_key() {
    pause 0.3
    grep -q "the last key" < <(in_box "$1" "$HB_READ" idle 1000 --self --socket "$T/self/socket")
}

# Two containers that have the socket and no privilege, and nothing else of ours.
test_self_in_containers() {
    local directory
    need_containers
    BOX_RIGHTS=()
    load --programs vi
    serve_self
    make_cgroups "/hb$$.box"
    for directory in /usr/lib /usr/lib64 /lib /lib64; do
        [ ! -d "$directory" ] || BINDS+=("$directory:ro")
    done
    BINDS+=("${HB_READ%/*}:ro" "$T/self:ro")
    start_container "$BOX_A" "/hb$$.box/$BOX_A" vi /tmp/text
    start_container "$BOX_B" "/hb$$.box/$BOX_B" sh -c \
        'mkdir /sys/fs/cgroup/own && echo 0 >/sys/fs/cgroup/own/cgroup.procs && exec vi /tmp/text'
    exits 0 in_box "$BOX_A" cat /proc/self/status
    says "$T/out" "^CapBnd:[[:space:]]0000000000000000\$"
    says "$T/out" "^CapEff:[[:space:]]0000000000000000\$"
    box 0 "^active: .* a program was started at a terminal, in this container\$" "$BOX_A" 1h
    box 0 "^active: .* a program was started at a terminal, in this container\$" "$BOX_B" 1h
    # Neither can find out anything in another way.
    exits "$EXIT_NOT_LOADED" in_box "$BOX_A" "$HB_READ" idle 1 --pin-dir "$PIN"
    type_in "$BOX_A" jjj
    wait_for 20 "keys in $BOX_A" box_has_key "$BOX_A"
    box 0 "^active: .* the last key, in this container\$" "$BOX_A" 1h
    box 0 "^active: .* a program was started" "$BOX_B" 1h
    exits 0 in_box "$BOX_B" "$HB_READ" idle 1h --self --socket "$T/self/socket" --format json
    cp "$T/out" "$T/body"
    is .select.id "$BOX_B" .last_activity null .because start
    says_not "$T/out" "$BOX_A|\"vi\""
    # A group of its own below that of the container: the key counts, and a client there is in the container.
    type_in "$BOX_B" jjj
    wait_for 20 "keys in $BOX_B" box_has_key "$BOX_B"
    exits 0 within_cgroup "/hb$$.box/$BOX_B/own" "$HB_READ" idle 1h --self --socket "$T/self/socket" --format json
    cp "$T/out" "$T/body"
    is .select.id "$BOX_B" .because key
    sleep $((SELF_COARSE + 1))
    type_in "$BOX_A" jjj
    sleep 1.1
    box 0 "^active: .* the last key, in this container\$" "$BOX_A" $((8 * HB_TEST_SLOW))
    box "$EXIT_IDLE" "^idle: .* the last key, in this container\$" "$BOX_B" 1
}

# --- Hostile clients ----------------------------------------------------------------------------

# A thousand clients of one container and some of another, beside honest ones of all kinds.
test_self_hostile_clients() {
    local seconds=30 attack pids=() before after
    local attacks=(idle flood slowloris header pipeline paths halves)
    make_net
    load --programs "$PROG"
    make_node
    mkdir "$T/self"
    # The server is not in the network: TCP is.
    start "${NET[@]}" "$HB_READ" serve --pin-dir "$PIN" --listen "self:$T/self/socket" --listen 127.0.0.1:9191 \
        --listen "unix:$T/socket" 2>"$T/serve.err"
    READER=$STARTED
    wait_for 10 "the server" is_serving
    before=$(resident "$READER")
    started_in "$DESK" "$PROG" 11
    # The attackers must not take the processor from the server.
    for attack in "${attacks[@]}"; do
        start within_cgroup "$BOX" nice -n 19 "$BUILD/tests/hostile" "$T/self/socket" "$seconds" "$attack" >"$T/$attack"
        pids+=("$STARTED")
    done
    start within_cgroup "$OTHER" nice -n 19 "$BUILD/tests/hostile" "$T/self/socket" "$seconds" slowloris >"$T/other"
    pids+=("$STARTED")
    start within_cgroup "$DESK" "$BUILD/tests/hostile" "$T/self/socket" $((seconds - 5)) none >"$T/desk"
    pids+=("$STARTED")
    "${NET[@]}" "$BUILD/tests/hostile" 9191 $((seconds - 5)) none >"$T/honest"
    after=$(resident "$READER")
    for attack in "${pids[@]}"; do
        finish "$attack" 30
        same "exit status of a client" 0 "$STATUS"
    done
    head -n 2 "$T/honest" "$T/desk" "${attacks[@]/#/$T/}"
    echo "resident before $before KiB, after $after KiB; descriptors $(find "/proc/$READER/fd" | wc -l)"
    # Each attack took place.
    at_least "idle connections" $((1000 / HB_TEST_SLOW)) "$(count_of connections idle)"
    at_least "connections of the flood" $((2000 / HB_TEST_SLOW)) "$(count_of connections flood)"
    at_least "slow connections" $((200 / HB_TEST_SLOW)) "$(count_of connections slowloris)"
    for attack in "${attacks[@]}"; do
        same "failures of the server under attack '$attack'" 0 "$(count_of failed "$attack")"
    done
    # Others are served: those of TCP, and another workspace.
    at_least "scrapes" $((50 / HB_TEST_SLOW)) "$(count_of answers honest)"
    same "scrapes without an answer" 0 "$(count_of failed honest)"
    at_most "us that 19 of 20 scrapes took" $((100000 * HB_TEST_SLOW * HB_TEST_SLOW)) "$(count_of most honest)"
    # In an emulated machine the queue of those who connect can take longer than a client waits.
    at_least "answers to another workspace" $((10 / HB_TEST_SLOW)) "$(count_of answers desk)"
    at_most "questions of another workspace without an answer" $((HB_TEST_SLOW - 1)) "$(count_of failed desk)"
    at_most "us that its slowest answer took" $((2000000 * HB_TEST_SLOW)) "$(count_of longest desk)"
    at_most "KiB more than before" 4096 $((after - before))
    empty "$T/serve.err"
    # What is left of it goes away.
    wait_for 20 "the attacker's own answers" self_recovers
}

self_recovers() {
    pause 0.3
    within_cgroup "$BOX" "$HB_READ" idle 1h --self --socket "$T/self/socket" >"$T/out" 2>"$T/err"
}
