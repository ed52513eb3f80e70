# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Maps that a tenant fills: nobody else's activity is missed, and nothing stays wrong once he is gone.

DEPENDS=kernel
# They take what the whole machine has.
ALONE+=(test_full_of_living_processes test_full_of_cgroups_of_a_user test_full_cgroups_are_repaired
    test_full_cgroups_and_another_load)

is_refusing() {
    [ "$(pinned stat "$1")" -gt 0 ]
}

is_recorded() {
    [ "$(pinned process "$1")" != none ]
}

# Readers of descriptor 0 take all places of considered_pids. A process that starts meanwhile is shown
# there by the next collection, though they go on.
test_full_verdicts_are_repaired() {
    local -a fillers=()
    load --programs "$PROG" --max-pids 8
    for _ in {1..20}; do
        start_beater "not$PROG" --pace-us 5000 0
        fillers+=("$BEATER")
    done
    go "${fillers[@]}"
    wait_for 5 "a full map" is_refusing refused_verdicts
    start_beater "$PROG" --terminal --type --hold 11
    go "$BEATER"
    wait_for 5 "the keys" has_read "$PROG" 11
    same "verdict before a collection" none "$(pinned verdict "$BEATER")"
    cat "$PIN/collect" >"$T/collected"
    same "verdict after it" 1 "$(pinned verdict "$BEATER")"
    # It keeps its place.
    sleep 0.5
    cat "$PIN/collect" >"$T/collected"
    same "verdict after the next" 1 "$(pinned verdict "$BEATER")"
    exits 0 "$HB_READ" status --pin-dir "$PIN"
    end "$BEATER" KILL
    same "verdict after its end" none "$(pinned verdict "$BEATER")"
}

# Processes of a listed name take all places of `processes`. One that starts meanwhile and reads keys
# on another descriptor counts, for its control group, from the first key on; the next collection
# that finds room lists it.
test_full_processes_are_repaired() {
    local mine=/hb$$.full other=/hb$$.lazy
    need jq
    make_cgroups "$mine" "$other"
    load --programs "$PROG"
    start_reader r --format json --gc-interval 0
    start "$HB_READ" serve --pin-dir "$PIN" --listen "unix:$T/socket" --gc-interval 0
    pinned fill processes
    started_in "$mine" "$PROG" --fd 3 11
    wait_for 5 "the keys" has_read "$PROG" 11
    same "record" none "$(pinned process "$BEATER")"
    # Nothing is lost, and nothing is in doubt.
    wait_for 5 "its lines" has_lines "$T/r.out" 11
    same "pid of 11 lines" "11 $BEATER" "$(jq .pid <"$T/r.out" | uniq -c | xargs)"
    same "beats" 11 "$(beats)"
    idle 0 "^active: .* the last key, .* in control group $mine\$" 60 --cgroup "$mine"
    sleep 1.1
    idle "$EXIT_IDLE" "^idle: .* the last key" 1 --cgroup "$mine"
    idle "$EXIT_IDLE" "^idle: .* hb-load ran, and nothing was seen since\$" 1 --cgroup "$other"
    idle "$EXIT_IDLE" "^idle: .* the last key" 1
    # What filled the map is of dead processes: the first collection makes room, the second uses it.
    cat "$PIN/collect" "$PIN/collect" >"$T/collected"
    same "verdict" 1 "$(pinned verdict "$BEATER")"
    is_recorded "$BEATER" || fail "the process is not recorded"
    exits 0 "$HB_READ" list --pin-dir "$PIN"
    says "$T/out" "^ *$BEATER +$PROG .* $mine\$"
    idle 0 "^active: " 60 --pid "$BEATER"
    same "beats, after all" 11 "$(beats)"
    end "$BEATER" KILL
    idle "$EXIT_IDLE" "^idle: .* the last key" 1 --cgroup "$mine"
}

# The same with processes that live: 4,200 of a listed name, as any user may start.
test_full_of_living_processes() {
    local other=/hb$$.other victim
    make_cgroups "$other"
    load --programs "$PROG,${PROG}v"
    start_reader r --gc-interval 1
    start_storm "$PROG" sleepers "$PROG" 4200
    at_least "refused" 1 "$(pinned stat refused_processes)"
    started_in "$other" "${PROG}v" --fd 3 11
    victim=$BEATER
    wait_for 5 "the keys" has_read "${PROG}v" 11
    same "beats" 11 "$(beats "${PROG}v")"
    idle 0 "^active: .* the last key" 60 --cgroup "$other"
    sleep 3
    idle "$EXIT_IDLE" "^idle: .* the last key" 3 --cgroup "$other"
    idle 0 "^active: " 60 --cgroup "$other"
    kill -TERM "$STORM"
    wait_for 10 "its record" is_recorded "$victim"
    same "beats, after all" 11 "$(beats "${PROG}v")"
    idle 0 "^active: " 60 --pid "$victim"
}

# A user with a delegated tree makes more groups than there is room for. What root makes meanwhile (an
# engine, a container) has its record; the user's own groups count for what is above.
test_full_of_cgroups_of_a_user() {
    local mine=/hb$$.user status=0
    make_cgroups "$mine"
    load --programs "$PROG"
    # Whatever comes of it, the groups go.
    (full_of_cgroups_of_a_user "$mine") || status=$?
    "$BUILD/tests/storm" empty "$HIERARCHY$mine" >"$T/emptied"
    [ "$status" = 0 ] || exit "$status"
    idle 0 "^active: .* the last key" 60 --cgroup "$mine"
}

full_of_cgroups_of_a_user() {
    local mine=$1 other=$1.engine box
    own_container
    box=$other/docker-$CONTAINER.scope
    make_cgroups "$other"
    delegate "$mine" "$STRANGER"
    as_user "$STRANGER"
    start "${AS[@]}" "$BUILD/tests/storm" fill "$HIERARCHY$mine" 8300
    AS=()
    wait_for 120 "many groups" is_refusing refused_cgroups
    finish "$STARTED" 120
    make_cgroups "$box" "$box/init"
    idle 0 "^active: for [0-5] s, since $TIME: it was created" 60 --container "$CONTAINER"
    started_in "$box/init" "$PROG" 11
    wait_for 5 "the keys" has_read "$PROG" 11
    idle 0 "^active: .* the last key, read by $PROG .* in control group $box/init\$" 60 -v --container "$CONTAINER"
    end "$BEATER" KILL
    remove_cgroups "$box/init"
    idle 0 "^active: .* the last key, .* in control group $box\$" 60 -v --container "$CONTAINER"
    # The user's last group had no room.
    idle 1 "^unknown: no record of control group $mine/8299: " 60 --cgroup "$mine/8299"
    used_in "$mine/8299"
    idle 0 "^active: .* the last key" 60 --cgroup "$mine"
    remove_cgroups "$box" "$other"
}

# Root itself fills the map. What finds no room is unknown, until a collection finds room.
test_full_cgroups_are_repaired() {
    own_container
    local top=/hb$$.late other=/hb$$.early box filled
    box=$top/a/docker-$CONTAINER.scope
    make_cgroups "$other"
    load --programs "$PROG"
    filled=$(pinned fill cgroups)
    make_cgroups "$top" "$top/a" "$box" "$box/init"
    started_in "$box/init" "$PROG" 11
    wait_for 5 "the keys" has_read "$PROG" 11
    same "beats" 11 "$(beats)"
    # Never idle: nobody knows.
    sleep 1.1
    idle 1 "^unknown: no record of container $CONTAINER: " 1 --container "$CONTAINER"
    idle 1 "^unknown: no record of control group $top: " 1 --cgroup "$top"
    # Whom it does not concern gets an answer.
    idle "$EXIT_IDLE" "^idle: " 1 --cgroup "$other"
    idle "$EXIT_IDLE" "^idle: .* the last key" 1 --cgroup /
    idle "$EXIT_IDLE" "^idle: .* the last key" 1
    # Room for two, then for all: no record is cut off from the root.
    pinned drop-filled 2
    cat "$PIN/collect" >"$T/collected"
    idle 0 "^active: " 60 --cgroup "$top/a"
    idle 1 "^unknown: no record of container" 1 --container "$CONTAINER"
    pinned drop-filled "$((filled - 2))"
    cat "$PIN/collect" >"$T/collected"
    # Idle time counts from then, at the earliest, or from the key of a process that is there.
    idle 0 "^active: for [0-5] s, since $TIME: (it was created|.* the last key)" 60 --container "$CONTAINER"
    end "$BEATER" KILL
    sleep 1.1
    idle "$EXIT_IDLE" "^idle: for [1-9] s, " 1 --container "$CONTAINER"
    idle 0 "^active: " 60 --container "$CONTAINER"
    same "beats of all" 11 "$(beats)"
}

# Another load makes room as well, and corrects whose account is used.
test_full_cgroups_and_another_load() {
    local top=/hb$$.reload
    load --programs "$PROG"
    pinned fill cgroups >"$T/filled"
    make_cgroups "$top" "$top/a"
    start_beater "$PROG" --terminal --type --pace-us 100000 0
    enter_cgroup "$top/a" "$BEATER"
    go "$BEATER"
    pinned drop-filled "$(<"$T/filled")"
    load --programs "$PROG"
    sleep 0.5
    idle 0 "^active: .* the last key, read by $PROG" 3 --cgroup "$top/a"
    end "$BEATER" KILL
    idle 0 "^active: .* the last key" 9 --cgroup "$top/a"
    same "a key after the load is in the record" 1 "$(($(field "$(pinned cgroup "$(stat -c %i "$HIERARCHY$top/a")")" last_key) > 0))"
}
