# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Control groups that end, processes that move, and tenants that do both as often as they can.

DEPENDS=kernel

# used_in CGROUP [NAME] - a program there reads keys, and ends
used_in() {
    started_in "$1" "${2:-$PROG}" 11
    wait_for 5 "the keys" has_read "${2:-$PROG}" 11
    end "$BEATER" KILL
}

# remove_cgroups PATH... - in this order
remove_cgroups() {
    local path
    for path; do
        within 5 rmdir "$HIERARCHY$path" || fail "$path is not empty"
    done
}

# start_storm NAME KIND [ARGUMENT]... - STORM is its pid. With NAME it has that command name. It runs as
# AS says.
start_storm() {
    local name=$1
    shift
    # Beside what beater() makes.
    mkdir -p "$T/bin/storm"
    [ -e "$T/bin/storm/$name" ] || cp "$BUILD/tests/storm" "$T/bin/storm/$name"
    : >"$T/storm.$1"
    start "${AS[@]}" "$T/bin/storm/$name" "$@" </dev/zero >"$T/storm.$1"
    STORM=$STARTED
    wait_for 60 "the storm of $1" says_ready "$T/storm.$1"
}

test_cgroup_removed_after_activity() {
    own_container
    local top=/hb$$.removed.slice box
    box=$top/docker-$CONTAINER.scope
    make_cgroups "$top" "$top/a" "$top/a/session" "$top/user-54310.slice" \
        "$top/user-54310.slice/session-7.scope" "$box" "$box/init" "$box/init/s1"
    load --programs "$PROG"
    used_in "$top/a/session"
    remove_cgroups "$top/a/session"
    idle 0 "^active: .* the last key, read by a program that has ended, in control group $top/a\$" 3 --cgroup "$top/a"
    used_in "$top/user-54310.slice/session-7.scope"
    remove_cgroups "$top/user-54310.slice/session-7.scope"
    idle 0 "^active: .* in control group $top/user-54310.slice\$" 3 --cgroup "$top/user-54310.slice"
    used_in "$box/init/s1"
    remove_cgroups "$box/init/s1" "$box/init"
    idle 0 "^active: .* in control group $box\$" 3 -v --container "$CONTAINER"
    sleep 3.1
    idle "$EXIT_IDLE" "^idle: for [0-9]+ s, .* the last key, read by a program that has ended" 3 --container "$CONTAINER"
    idle "$EXIT_IDLE" "^idle: for [0-9]+ s, .* the last key" 3 --cgroup "$top/a"
    # Of all together: the last one, wherever it was.
    idle "$EXIT_IDLE" "^idle: for [0-9]+ s, .* in control group $box" 3 -v --cgroup "$top"
    remove_cgroups "$box"
    idle "$EXIT_IDLE" "^idle: for [0-9]+ s, .* in control group $top\$" 3 --cgroup "$top"
    idle "$EXIT_IDLE" "^idle: for [0-9]+ s, " 3
    idle 0 "^active: " 60
    idle 1 "^unknown: there is no container $CONTAINER in the version 2 hierarchy\$" 3 --container "$CONTAINER"
    remove_cgroups "$top/a" "$top/user-54310.slice"
    same "beats" 33 "$(field "$(pinned cgroup "$(stat -c %i "$HIERARCHY$top")")" beats)"
}

test_cgroup_that_is_new() {
    own_container
    local old=/hb$$.old new=/hb$$.new
    make_cgroups "$old"
    load --programs "$PROG"
    sleep 2.1
    make_cgroups "$new" "$new/docker-$CONTAINER.scope"
    idle "$EXIT_IDLE" "^idle: for [0-9]+ s, since $TIME: hb-load ran, and nothing was seen since\$" 2 --cgroup "$old"
    idle 0 "^active: for [01] s, since $TIME: it was created, and nothing was seen since, in control group $new\$" 2 --cgroup "$new"
    idle 0 "^active: for [01] s, since $TIME: it was created" 2 --container "$CONTAINER"
    sleep 2.1
    # A group below that is new is not what the question is about.
    make_cgroups "$new/later"
    idle "$EXIT_IDLE" "^idle: for [0-9]+ s, since $TIME: it was created, .* in control group $new\$" 2 --cgroup "$new"
    idle "$EXIT_IDLE" "^idle: for [0-9]+ s, since $TIME: it was created" 2 --container "$CONTAINER"
    # A load that changes nothing is no birth.
    load --programs "$PROG"
    idle "$EXIT_IDLE" "^idle: for [0-9]+ s, since $TIME: it was created" 2 --cgroup "$new"
    idle "$EXIT_IDLE" "^idle: for [0-9]+ s, since $TIME: hb-load ran" 2 --cgroup "$old"
}

test_cgroup_of_a_moved_process() {
    local top=/hb$$.moves
    make_cgroups "$top" "$top/old" "$top/d" "$top/d/new" "$top/e" "$top/e/newer"
    load --programs "$PROG"
    started_in "$top/old" "$PROG" 11
    wait_for 5 "the keys" has_read "$PROG" 11
    enter_cgroup "$top/d/new" "$BEATER"
    # It counts where it is, while its old group is there (which had the keys, too),
    idle 0 "^active: .* the last key, read by $PROG \(pid $BEATER\), in control group $top/d/new\$" 3 --cgroup "$top/d"
    idle 0 "^active: .* the last key" 3 --cgroup "$top/old"
    remove_cgroups "$top/old"
    # and when that is gone.
    idle 0 "^active: .* the last key, read by $PROG \(pid $BEATER\), in control group $top/d/new\$" 3 --cgroup "$top/d"
    exits 0 "$HB_READ" list --pin-dir "$PIN"
    says "$T/out" "^ *$BEATER +$PROG .* $top/d/new\$"
    same "beats above" 11 "$(field "$(pinned cgroup "$(stat -c %i "$HIERARCHY$top")")" beats)"
    # Again, with no key in between.
    enter_cgroup "$top/e/newer" "$BEATER"
    remove_cgroups "$top/d/new" "$top/d"
    idle 0 "^active: .*, in control group $top/e/newer\$" 5 --cgroup "$top/e"
    end "$BEATER" KILL
    remove_cgroups "$top/e/newer"
    idle 0 "^active: .* the last key, read by a program that has ended, in control group $top/e\$" 10 --cgroup "$top/e"
}

# The first thread ends before the others: a process is then where they were moved to, and no collection
# takes it back to the group of the thread that ended.
test_cgroup_of_an_orphaned_thread() {
    local top=/hb$$.orphan process
    make_cgroups "$top" "$top/old" "$top/new" "$top/other"
    load --programs "$PROG"
    enter_cgroup "$top/old" "$BASHPID"
    start_storm "$PROG" orphan
    process=$STORM
    enter_cgroup "" "$BASHPID"
    go "$process"
    enter_cgroup "$top/new" "$process"
    remove_cgroups "$top/old"
    sleep 1
    cat "$PIN/collect" >"$T/collected"
    idle 0 "^active: .* the last key, read by $PROG \(pid $process\), in control group $top/new\$" 1 --cgroup "$top/new"
    kill -TERM "$process"
    wait_for 5 "its end" is_done "$process"
    remove_cgroups "$top/new"
    idle 0 "^active: .* the last key" 5 --cgroup "$top"
    # Of nobody else is anything doubted.
    sleep 1.1
    idle "$EXIT_IDLE" "^idle: " 1 --cgroup "$top/other"
}

# A group at depth 40 concerns nobody else.
test_cgroup_deep_down() {
    local top=/hb$$.deep other=/hb$$.shallow path i
    make_cgroups "$top" "$other"
    path=$top
    for ((i = 0; i < 40; i++)); do
        path+=/d
        make_cgroups "$path"
    done
    load --programs "$PROG,${PROG}t"
    started_in "$path" "${PROG}t" --pace-us 20000 0
    sleep 1.6
    idle "$EXIT_IDLE" "^idle: " 1 --cgroup "$other"
    idle 0 "^active: .* in control group $path\$" 1 --cgroup "$top"
    idle 0 "^active: " 1 --cgroup "$path"
    exits 0 "$HB_READ" list --pin-dir "$PIN"
    says "$T/out" " $path\$"
}

# --- Tenants ------------------------------------------------------------------------------------

# delegate PATH UID - as systemd does for a user, or podman for a rootless container
delegate() {
    chown "$2" "$HIERARCHY$1" "$HIERARCHY$1"/cgroup.{procs,threads,subtree_control}
}

# never_changes_too_fast SECONDS PATH - ask about PATH again and again: it is idle, each time. ASKED is
# how often.
never_changes_too_fast() {
    local end status
    microseconds
    end=$((NOW + $1 * 1000000))
    ASKED=0
    while [ "$NOW" -lt "$end" ]; do
        status=0
        "$HB_READ" idle 1 --pin-dir "$PIN" --cgroup "$2" >"$T/out" 2>"$T/err" || status=$?
        [ "$status" = "$EXIT_IDLE" ] || fail "exit $status at question $ASKED: $(cat "$T/out" "$T/err")"
        ASKED=$((ASKED + 1))
        microseconds
    done
}

# Whatever one tenant does as often as it can, another one's answers stay right: idle is idle, and a key
# of a moment ago is active.
ALONE+=(test_cgroup_storms)
test_cgroup_storms() {
    local mine=/hb$$.mine other=/hb$$.other kind i timeout=$((9 * HB_TEST_SLOW))
    # A slow machine has few of each, but no more time.
    local seconds=2 times=$((HB_TEST_SLOW > 1 ? 2 : 5))
    make_cgroups "$mine" "$mine/t" "$mine/t/x" "$mine/t/y" "$mine/a" "$mine/b" "$other" "$other/used"
    echo threaded >"$HIERARCHY$mine/t/x/cgroup.type"
    echo threaded >"$HIERARCHY$mine/t/y/cgroup.type"
    load --programs "$PROG,${PROG}b,${PROG}v"
    start_reader r --gc-interval 1
    sleep 1.1
    for kind in threads removals moves renames execs all; do
        case $kind in
        threads)
            enter_cgroup "$mine/t" "$BASHPID"
            start_storm "$PROG" threads "$HIERARCHY$mine/t/x" "$HIERARCHY$mine/t/y"
            enter_cgroup "" "$BASHPID"
            ;;
        removals) start_storm "$PROG" removals "$HIERARCHY$mine" ;;
        moves) start_storm "$PROG" moves "$HIERARCHY$mine/a" "$HIERARCHY$mine/b" ;;
        renames)
            start_storm "$PROG" renames "$PROG" "${PROG}b"
            enter_cgroup "$mine/a" "$STORM"
            ;;
        execs)
            beater "$PROG"
            beater "${PROG}b"
            enter_cgroup "$mine/b" "$BASHPID"
            start_storm "s$$" execs "$T/bin/$PROG" "$T/bin/${PROG}b"
            enter_cgroup "" "$BASHPID"
            ;;
        all)
            start_storm "$PROG" renames "$PROG" "${PROG}b"
            enter_cgroup "$mine/b" "$STORM"
            start_storm "$PROG" removals "$HIERARCHY$mine"
            start_storm "$PROG" moves "$HIERARCHY$mine/a" "$HIERARCHY$mine/b"
            ;;
        esac
        never_changes_too_fast "$seconds" "$other"
        echo "$kind: idle $ASKED times"
        # Never wrong: a key is known at once, also when its program, or its group, ends.
        for ((i = 0; i < times; i++)); do
            used_in "$other/used" "${PROG}v"
            idle 0 "^active: .* the last key, read by a program that has ended" "$timeout" --cgroup "$other"
            remove_cgroups "$other/used"
            idle 0 "^active: .* the last key, read by a program that has ended, in control group $other\$" "$timeout" --cgroup "$other"
            mkdir "$HIERARCHY$other/used"
        done
        for i in "${PIDS[@]}"; do
            [ "$i" = "$READER" ] || is_done "$i" || kill -TERM "$i"
        done
        for i in "${PIDS[@]}"; do
            [ "$i" = "$READER" ] || wait_for 10 "the end of a storm" is_done "$i"
        done
        tail -qn 1 "$T"/storm.* | paste -sd' '
        sleep 1.1
    done
}

# As in a container of Kubernetes that loads the hooks.
test_cgroup_namespace_of_a_load() {
    local top=/hb$$.ns
    make_cgroups "$top" "$top/pod" "$top/box"
    printf '#!%s\necho 0 >"%s/cgroup.procs" && exec unshare --cgroup %s "$@"\n' "$BASH" "$HIERARCHY$top/pod" "$HB_LOAD" >"$T/shared"
    printf '#!%s\necho 0 >"%s/cgroup.procs" && exec unshare --cgroup --pid --fork --mount-proc %s "$@"\n' "$BASH" \
        "$HIERARCHY$top/pod" "$HB_LOAD" >"$T/apart"
    chmod +x "$T/shared" "$T/apart"
    # With the host's pids, it finds the host's control groups.
    load_with "$T/shared" --programs "$PROG"
    empty "$T/load.err"
    idle 0 "^active: .* hb-load ran" 60 --cgroup "$top/box"
    used_in "$top/box"
    idle 0 "^active: .* the last key" 60 --cgroup "$top/box"
    unload
    # Apart from them it cannot, and nobody is told "idle".
    load_with "$T/apart" --programs "$PROG"
    says "$T/load.err" "^hb-load: answers about workspaces will be unknown: this is a cgroup namespace"
    same "lines of the message" 1 "$(lines "$T/load.err")"
    sleep 1.1
    idle 1 "^unknown: hb-load ran in a cgroup namespace, where it saw no control groups: run it on the host\$" 1 --cgroup "$top/box"
    idle "$EXIT_IDLE" "^idle: " 1
    load --programs "$PROG"
    empty "$T/load.err"
    idle 0 "^active: .* it was created" 60 --cgroup "$top/box"
}
