# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# /activity and /healthz: when somebody was last active, and whether that is known.

DEPENDS=kernel

# started_in CGROUP NAME [OPTION]... COUNT - start a beater with a terminal in that control group
started_in() {
    local path=$1 name=$2
    shift 2
    start_beater "$name" --terminal --type --hold "$@"
    enter_cgroup "$path" "$BEATER"
    go "$BEATER"
}

# Set CONTAINER to the id of a container, and POD to that of a pod, that no other test makes: tests run side
# by side, and an id that is in two places is not believed.
own_container() {
    CONTAINER=$(sha256sum <<<"$PIN")
    CONTAINER=${CONTAINER:0:64}
    POD=${CONTAINER:0:8}-${CONTAINER:8:4}-${CONTAINER:12:4}-${CONTAINER:16:4}-${CONTAINER:20:12}
}

# get PATH - fetch it over the socket, into $T/body
get() {
    answers 200 ask_socket "$1"
}

# get_each PATH... - fetch all of them, into $T/body as one array: curl and jq start slowly
get_each() {
    local i all=
    local -a transfers=()
    for ((i = 1; i <= $#; i++)); do
        transfers+=("http://localhost${!i}" -o "$T/body.$i")
    done
    same "statuses of $*" 200 "$(fetch_from "$T/socket" "${transfers[@]}" -w '%{http_code}\n' --path-as-is | sort -u)"
    for ((i = 1; i <= $#; i++)); do
        all+="${all:+,}$(<"$T/body.$i")"
    done
    echo "[$all]" >"$T/body"
}

# is FILTER EXPECTED... - each jq filter gives that value for $T/body
is() {
    local i filters=
    local -a names=() expected=() values=()
    while [ $# -gt 0 ]; do
        names+=("$1")
        expected+=("$2")
        filters+="${filters:+, }($1)"
        shift 2
    done
    mapfile -t values < <(jq -r "$filters" <"$T/body")
    for i in "${!names[@]}"; do
        same "${names[i]}" "${expected[i]}" "${values[i]-nothing}"
    done
}

# Print each pid in an answer, once.
pids_in_json() {
    jq '[.. | objects | .pid // empty] | unique[]'
}

# group PATH - print the jq filter for one control group in the answer
group() {
    echo ".cgroups[] | select(.path == \"$1\")"
}

test_activity_of_two_cgroups() {
    local quiet=/hb$$.quiet busy=/hb$$.busy editor typist id record seconds last
    need jq
    make_cgroups "$quiet" "$busy"
    make_net
    load --programs "$PROG,${PROG}t"
    serve --gc-interval 1
    get /activity
    is .type activity \
        .node "$(hostname)" \
        .rule any \
        .last_activity null \
        .because load \
        '.cgroups | length' 0
    near "watching since" "$(unix_time "$(field "$(pinned meta)" updated_at)")" \
        "$(jq '.watching_since_ns / 1e9' <"$T/body")"
    started_in "$quiet" "$PROG" 11
    editor=$BEATER
    wait_for 5 "the keys of the editor" has_read "$PROG" 11
    started_in "$busy" "${PROG}t" --pace-us 100000 0
    typist=$BEATER
    sleep 3
    get /activity
    id=$(stat -c %i "$HIERARCHY$quiet")
    is '.cgroups | length' 2 \
        .source key \
        "$(group "$quiet") | .id" "$id" \
        "$(group "$quiet") | .container" null \
        "$(group "$quiet") | .idle_seconds >= 3 and .idle_seconds < 20" true \
        "$(group "$quiet") | .processes | map(.pid) | join(\",\")" "$editor" \
        "$(group "$quiet") | .processes[0].program" "$PROG" \
        "$(group "$busy") | .idle_seconds < 2" true \
        "$(group "$busy") | .processes[0].pid" "$typist" \
        '.idle_seconds < 2' true \
        .because key \
        .program "${PROG}t"
    record=$(pinned process "$editor")
    read -r seconds last < <(jq -r "$(group "$quiet") | \"\(.last_activity_ns / 1e9) \(.last_activity)\"" <"$T/body")
    near "last activity" "$(unix_time "$(field "$record" last_key)")" "$seconds"
    # A query selects one of them.
    get_each "/activity?cgroup=$quiet" "/activity?cgroup=$busy" "/activity?cgroup=/" \
        "/activity?pid=$editor" "/activity?pid=$typist"
    is '.[0].select.cgroup' "$quiet" \
        '.[0].cgroups | length' 1 \
        '.[0].idle_seconds >= 3' true \
        '.[0].last_activity' "$last" \
        '.[1].idle_seconds < 2' true \
        '.[2].idle_seconds < 2' true \
        '.[2].cgroups | length' 2 \
        '.[3].idle_seconds >= 3' true \
        '.[3].last_activity' "$last" \
        '.[4].idle_seconds < 2' true
    # The time outlives the editor, and in the group above also its own group.
    end "$editor" KILL
    get "/activity?cgroup=$quiet"
    is .last_activity "$last" \
        '.cgroups[0].processes | length' 0 \
        '.idle_seconds >= 3' true
    answers 404 ask_socket "/activity?pid=$editor"
    ask_socket /metrics >"$T/page"
    says "$T/page" "^${PREFIX}_cgroup_last_beat_timestamp_seconds{cgroup=\"$quiet\",container_id=\"\",pod_uid=\"\"} "
    end "$typist" KILL
    within 5 rmdir "$HIERARCHY$quiet" || fail "$quiet is not empty"
    answers 404 ask_socket "/activity?cgroup=$quiet"
    get /activity
    is '[.cgroups[].path] | join(",")' "/,$busy"
    ask_socket /metrics >"$T/page"
    says_not "$T/page" "$quiet"
    same "record of the removed group" none "$(pinned cgroup "$id")"
    same "last key in the group above" "$(field "$record" last_key)" "$(field "$(pinned cgroup 1)" last_key)"
}

test_activity_of_nested_cgroups() {
    local top=/hb$$.top path
    need jq
    make_cgroups "$top" "$top/inner" "$top/inner/deep" "$top/other" "$top.like"
    make_net
    load --programs "$PROG,${PROG}t"
    serve
    started_in "$top/other" "$PROG" 11
    sleep 2
    started_in "$top/inner/deep" "${PROG}t" --pace-us 100000 0
    wait_for 5 "a key" has_beats "${PROG}t"
    # The name of the last one begins alike, but it is not below the first; it has seen no activity.
    get_each "/activity?cgroup=$top" "/activity?cgroup=$top/inner" "/activity?cgroup=$top/inner/deep" \
        "/activity?cgroup=$top/other" "/activity?cgroup=$top.like"
    is '.[:3] | all(.idle_seconds < 2)' true \
        '[.[:3][].program] | unique | join(",")' "${PROG}t" \
        '[.[0].cgroups[].path] | sort | join(",")' "$top/inner/deep,$top/other" \
        '.[2].cgroups | length' 1 \
        '.[3].idle_seconds >= 2' true \
        '.[4].last_activity' null \
        '.[4].because' load \
        '.[4].cgroups | length' 0
    for path in "$top/inner/none" "$top/inn" "/hb$$"; do
        answers 404 ask_socket "/activity?cgroup=$path"
        is .type error
    done
}

has_beats() {
    [ "$(beats "$1")" -gt 0 ]
}

test_activity_of_containers() {
    own_container
    local slice=/kubepods-hb$$-pod${POD//-/_}.slice scope=cri-containerd-$CONTAINER.scope
    need jq
    make_cgroups "$slice" "$slice/$scope" "$slice/$scope/init"
    make_net
    load --programs "$PROG"
    serve
    started_in "$slice/$scope/init" "$PROG" 11
    wait_for 5 "the keys" has_read "$PROG" 11
    get_each "/activity?container=$CONTAINER" "/activity?container=${CONTAINER:0:12}" \
        "/activity?cgroup=$slice" "/activity?pid=$BEATER"
    is length 4 \
        'map(.cgroups[0].container) | unique | join(",")' "$CONTAINER" \
        'map(.cgroups[0].pod) | unique | join(",")' "$POD" \
        'map(.cgroups[0].path) | unique | join(",")' "$slice/$scope/init" \
        'map(.because) | unique | join(",")' key
    answers 404 ask_socket "/activity?container=${CONTAINER:1}f"
    ask_socket /metrics >"$T/page"
    says "$T/page" "^${PREFIX}_cgroup_last_beat_timestamp_seconds{cgroup=\"$slice/$scope\",container_id=\"$CONTAINER\",pod_uid=\"$POD\"} "
    end "$BEATER" KILL
    get "/activity?container=${CONTAINER:0:12}"
    is .because key
}

# --- No mount -----------------------------------------------------------------------------------

# Set HIDDEN to the start of command lines that run without the version 2 hierarchy.
hide_version_2() {
    HIDDEN=(unshare --mount --propagation private "$BASH" -c
        'while mounts=$(awk "/ - cgroup2 / { print \$5 }" /proc/self/mountinfo) && [ -n "$mounts" ]; do
            umount --lazy $mounts || exit 99
        done && exec "$@"' -)
    "${HIDDEN[@]}" true 2>"$T/hide" || skip "cannot hide what is mounted: $(<"$T/hide")"
}

# Records have names: neither program needs to see the hierarchy, as in a container or where only
# version 1 is mounted.
test_activity_without_a_mounted_hierarchy() {
    own_container
    local path=/hb$$.unseen scope=/hb$$.unseen/docker-$CONTAINER.scope
    need jq
    make_cgroups "$path" "$scope"
    hide_version_2
    make_net
    AS=("${HIDDEN[@]}" "${NET[@]}")
    "${HIDDEN[@]}" "$HB_LOAD" load --pin-dir "$PIN" ${HB_TEST_HOOK:+--hook "$HB_TEST_HOOK"} --programs "$PROG" \
        >"$T/load.out" 2>"$T/load.err" || fail "hb-load: $(<"$T/load.err")"
    LOADED+=("$PIN")
    started_in "$scope" "$PROG" 11
    wait_for 5 "the keys" has_read "$PROG" 11
    serve
    get_each /activity "/activity?pid=$BEATER" "/activity?cgroup=$path" "/activity?container=$CONTAINER"
    is 'map(.because) | unique | join(",")' key \
        'map(.doubt) | unique | join(",")' "" \
        'map(.cgroups[0].path) | unique | join(",")' "$scope"
    answers 404 ask_socket "/activity?cgroup=$path/none"
    exits 0 "${HIDDEN[@]}" "$HB_READ" idle 60 -v --cgroup "$path" --pin-dir "$PIN"
    says "$T/out" "^active: .* the last key, read by $PROG \(pid $BEATER\), in container ${CONTAINER:0:12}, in control group $scope"
    exits 0 "${HIDDEN[@]}" "$HB_READ" list --pin-dir "$PIN"
    says "$T/out" "^ *$BEATER +$PROG .* ${CONTAINER:0:12}\$"
}

# --- Health -------------------------------------------------------------------------------------

test_health() {
    local ms names
    need jq
    make_net
    load --programs "$PROG"
    serve
    same "before any beat" '{"status":"alive","lastHeartbeat":0}' "$(ask_socket /healthz)"
    start_beater "$PROG" --terminal --type --hold 11
    go "$BEATER"
    wait_for 5 "the keys" has_read "$PROG" 11
    get /healthz
    read -r ms names < <(jq -r '"\(.lastHeartbeat) \(keys | join(" "))"' <"$T/body")
    near "last heartbeat" "$(unix_time "$(field "$(pinned process "$BEATER")" last_key)")" \
        "$(awk -v ms="$ms" 'BEGIN { printf "%.3f", ms / 1000 }')"
    same "names in the answer" "lastHeartbeat status" "$names"
}

# When the hooks are gone, all answers say so, until hb-load runs again.
test_health_without_hooks() {
    local way
    need jq
    make_net
    load --programs "$PROG"
    serve
    beat 11
    answers 200 ask /healthz
    rm -f "$PIN"/hooks/{fentry_read,fentry_read_compat,fexit_tty_read,read_exit}
    sleep 1.1
    for way in ask ask_socket; do
        answers 503 "$way" /healthz
        same "type" application/json "$(header Content-Type)"
        is .status expired \
            '.reason | test("^the hook on reads of .* does not fire: run hb-load again, as root$")' true
        answers 200 "$way" /
        says "$T/body" "Not working: the hook on reads of .* does not fire"
        answers 200 "$way" /activity
        is '.doubt | test("does not fire")' true \
            .idle_seconds null
    done
    exits 1 "$HB_READ" idle 1 --pin-dir "$PIN"
    says "$T/out" "^unknown: the hook on reads of .* does not fire: run hb-load again, as root\$"
    beat 3
    exits 0 "$HB_READ" explain "$$" --pin-dir "$PIN"
    says "$T/out" "Nothing is seen at the moment: the hook on reads of .* does not fire"
    load --programs "$PROG"
    sleep 1.1
    answers 200 ask_socket /healthz
    is .status alive
}

# Our own reads are not activity, whatever is on the list.
test_own_reads_are_not_activity() {
    local rule command round
    need jq
    make_net
    # It has a name of its own, because other hb-reads on this machine would be watched too.
    command=${PROG}r
    mkdir -p "$T/bin"
    cp "$HB_READ" "$T/bin/$command"
    HB_READ=$T/bin/$command
    for rule in any stdin keys; do
        load --programs "$command,$PROG" --rule "$rule"
        serve --gc-interval 1
        for ((round = 0; round < (HB_TEST_SLOW == 1 ? 2 : 1); round++)); do
            ask /healthz -o /dev/null --next -sS -o /dev/null http://127.0.0.1:9191/ --next -sS -o /dev/null \
                http://127.0.0.1:9191/activity --next -sS -o /dev/null http://127.0.0.1:9191/metrics
            get /
            get /healthz
            is .status alive \
                .lastHeartbeat 0
            exits 0 "$HB_READ" idle 600 --pin-dir "$PIN"
            says "$T/out" "^active: .*: hb-load ran, and nothing was seen since\$"
            exits 0 "$HB_READ" explain "$READER" --pin-dir "$PIN"
            sleep 1.1
        done
        get /activity
        is .last_activity null \
            .because load \
            .doubt null
        same "beats of $command" 0 "$(beats "$command")"
        end "$READER"
        unload
    done
}
