# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What /metrics reports about pods, containers and other workspaces, and about the node.

BACKGROUND+=(test_workspaces_over_tcp)

# make_pod - a pod that no other test makes, with a container that has a group of its own, and another
# one: sets POD, POD_SLICE, CONTAINER and OTHER
make_pod() {
    own_container
    OTHER=${CONTAINER:8}${CONTAINER:0:8}
    POD_SLICE=/kubepods-hb$$-pod${POD//-/_}.slice
    make_cgroups "$POD_SLICE" "$POD_SLICE/cri-containerd-$OTHER.scope" \
        "$POD_SLICE/cri-containerd-$CONTAINER.scope" "$POD_SLICE/cri-containerd-$CONTAINER.scope/init"
}

# active CONTAINER - print the time that its idle time counts from, by $T/page; an empty id: of the pod
active() {
    sed -n "s/^${PREFIX}_cgroup_active_timestamp_seconds{cgroup=\"[^\"]*\",container_id=\"$1\",pod_uid=\"$POD\"} //p" "$T/page"
}

# same_as_activity WAY - each gauge has the time that /activity gives
same_as_activity() {
    local way=$1 select id
    "$way" /metrics >"$T/page"
    promtool_check "$T/page"
    for select in "pod=$POD" "container=$CONTAINER" "container=$OTHER"; do
        id=${select##pod=*}
        answers 200 "$way" "/activity?$select"
        same "$select, by $way" "$(since_ns)" "$(active "${id#container=}" | nanoseconds)"
    done
    answers 200 "$way" /activity
    same "the node, by $way" "$(since_ns)" "$(value "${PREFIX}_active_timestamp_seconds" | nanoseconds)"
}

# Print the time in $T/body that idle time counts from: jq 1.6 would round it.
since_ns() {
    grep -o '"since_ns":[0-9]*' "$T/body" | sed -n '1s/.*://p'
}

# Print the number of seconds on standard input in nanoseconds.
nanoseconds() {
    local seconds decimals
    IFS=. read -r seconds decimals
    echo "$seconds$(printf '%-9s' "$decimals" | tr ' ' 0)"
}

test_workspaces_in_metrics() {
    local none=00000000-0000-0000-0000-000000000000
    need jq
    make_pod
    make_net
    load --programs "$PROG"
    serve
    # Nobody has worked in it: it counts from its birth or the load on, and is not absent.
    same_as_activity ask_socket
    same "series of the unused pod" 3 "$(grep -c "pod_uid=\"$POD\"" "$T/page")"
    started_in "$POD_SLICE/cri-containerd-$CONTAINER.scope/init" "$PROG" 11
    wait_for 5 "the keys" has_read "$PROG" 11
    same_as_activity ask_socket
    get "/activity?pod=$POD"
    is .because key \
        .select.pod "$POD" \
        '.cgroups | length' 1
    same "active in the pod and in the container" "$(active "")" "$(active "$CONTAINER")"
    awk -v a="$(active "$CONTAINER")" -v b="$(active "$OTHER")" 'BEGIN { exit !(a > b) }' ||
        fail "the other container is active"
    # All that happens inside is the container's: it cannot make more series.
    same "series of the pod" 5 "$(grep -c "pod_uid=\"$POD\"" "$T/page")"
    says_not "$T/page" '/init"'
    # The time outlives the program, its group, and the container, in what they were in.
    end "$BEATER" KILL
    within 5 rmdir "$HIERARCHY$POD_SLICE/cri-containerd-$CONTAINER.scope"{/init,} || fail "the container is not empty"
    ask_socket /metrics >"$T/page"
    same "active in the removed container" "" "$(active "$CONTAINER")"
    get "/activity?pod=$POD"
    same "active in the pod" "$(since_ns)" "$(active "" | nanoseconds)"
    is .because key
    idle 0 "^active: .* the last key" 60 --pod "$POD"
    idle 1 "^unknown: there is no pod $none" 60 --pod "$none"
    answers 404 ask_socket "/activity?pod=$none"
    answers 400 ask_socket "/activity?pod=$CONTAINER"
    answers 400 ask_socket "/activity?pod=$POD&container=$CONTAINER"
    exits "$EXIT_USAGE" "$HB_READ" idle 60 --pin-dir "$PIN" --pod vim
}

# Over TCP the times are coarse, and at least 8 seconds old. They agree with each other all the same.
test_workspaces_over_tcp() {
    local exact
    need jq
    make_pod
    make_net
    load --programs "$PROG"
    serve
    started_in "$POD_SLICE/cri-containerd-$CONTAINER.scope/init" "$PROG" 11
    wait_for 5 "the keys" has_read "$PROG" 11
    get "/activity?container=$CONTAINER"
    exact=$(since_ns)
    ask /metrics >"$T/page"
    awk -v a="$(active "$CONTAINER")" -v b="$exact" 'BEGIN { exit !(a == "" || a * 1e9 < b) }' ||
        fail "a key is public at once"
    wait_for 30 "the public report of the key" has_public_key
    same_as_activity ask
    has "${PREFIX}_resolution_seconds" 8
    says_not "$T/page" "_timestamp_seconds.* [0-9]*\."
    awk -v coarse="$(active "$CONTAINER" | nanoseconds)" -v exact="$exact" \
        'BEGIN { exit !(coarse <= exact && exact - coarse < 9e9) }' ||
        fail "public time $(active "$CONTAINER"), exact time $exact"
    # All of this was true then.
    awk -v now="$(value "${PREFIX}_time_seconds")" -v then="$(value "${PREFIX}_as_of_timestamp_seconds")" \
        -v slow="$HB_TEST_SLOW" 'BEGIN { exit !(now - then >= 8 && now - then < 18 + slow) }' ||
        fail "as of $(value "${PREFIX}_as_of_timestamp_seconds"), now $(value "${PREFIX}_time_seconds")"
}

has_public_key() {
    ask "/activity?container=$CONTAINER" >"$T/body" && [ "$(jq -r .because "$T/body")" = key ]
}

# A 32-bit program that the tracepoint cannot see makes its workspace unknown, and no other.
test_workspaces_in_doubt() {
    local doubt=${PREFIX}_cgroup_in_doubt
    [ "${HB_TEST_HOOK:-tracepoint}" = tracepoint ] || skip "hook fentry sees 32-bit programs"
    make_pod
    make_net
    tiny_32 "$PROG"
    mkfifo "$T/in"
    load --hook tracepoint --programs "$PROG"
    serve
    exec 9<>"$T/in"
    start "$T/narrow/$PROG" <"$T/in" 9>&-
    enter_cgroup "$POD_SLICE/cri-containerd-$CONTAINER.scope" "$STARTED"
    wait_for 5 "the doubt" reports_doubt "$doubt"
    promtool_check "$T/page"
    same "in doubt" "$CONTAINER" "$(sed -n "s/^$doubt{.*container_id=\"\([0-9a-f]*\)\",pod_uid=\"$POD\"} 1\$/\1/p" "$T/page" | xargs)"
    has "${PREFIX}_doubt_until_timestamp_seconds" 0
    exec 9>&-
    finish "$STARTED"
    ask_socket /metrics >"$T/page"
    says_not "$T/page" "^$doubt\{"
}

reports_doubt() {
    ask_socket /metrics >"$T/page" && grep -q "^$1{" "$T/page"
}

test_metrics_of_the_node() {
    local name
    make_net
    load --programs "$PROG"
    for name in "$(hostname)" from-environment 'from "option"'; do
        case $name in
        from-env*) NODE_NAME=$name serve ;;
        from*option*) NODE_NAME=other serve --node "$name" ;;
        *) NODE_NAME='' serve ;;
        esac
        ask_socket /metrics >"$T/page"
        says "$T/page" "^${PREFIX}_build_info\{.*,node=\"${name//\"/\\\\\"}\"\} 1\$"
        get /activity
        same "node in /activity" "$name" "$(jq -r .node "$T/body")"
        ask_socket / >"$T/body"
        grep -qF "<title>${name//\"/\&#34;}:" "$T/body" || fail "the page does not name the node"
        end "$READER"
    done
    near "the clock of the node" "$EPOCHREALTIME" "$(value "${PREFIX}_time_seconds")"
    near "the time of the report" "$EPOCHREALTIME" "$(value "${PREFIX}_as_of_timestamp_seconds")"
    has "${PREFIX}_resolution_seconds" 0
    has "${PREFIX}_doubt_until_timestamp_seconds" 0
    serve
    rm -f "$PIN/hooks"/{fentry_read,fentry_read_compat,fexit_tty_read,read_exit}
    wait_for 5 "the doubt" is_in_doubt
    promtool_check "$T/page"
}

is_in_doubt() {
    ask_socket /metrics >"$T/page"
    [ "$(value "${PREFIX}_doubt_until_timestamp_seconds")" = +Inf ]
}
