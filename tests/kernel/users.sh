# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Ordinary users: members of the group, others, those who may only read; and what none of them may do.

DEPENDS=kernel

# home USER - make a directory for that user
home() {
    mkdir -p "$T/home"
    chown "$1" "$T/home"
}

test_member_of_the_group() {
    local bare
    need jq
    load --programs "$PROG" --group "$GROUP"
    as_user "$MEMBER" "$GROUP_ID"
    home "$MEMBER"
    start_beater "$PROG" --pace-us 1000 0
    go "$BEATER"
    LISTEN=(--listen "unix:$T/home/bare")
    start_reader bare
    bare=$READER
    says "/proc/$bare/status" "^CapEff:[[:space:]]0000000000000000"
    says "/proc/$bare/status" "^Uid:[[:space:]]$MEMBER"
    wait_for 5 "lines" has_lines "$T/bare.out" 10
    start "${AS[@]}" "$HB_READ" serve --pin-dir "$PIN" --listen "unix:$T/home/serve" 2>"$T/serve.err"
    wait_for 5 "the socket" test -S "$T/home/serve"
    exits 0 "${AS[@]}" "$HB_READ" list --pin-dir "$PIN"
    says "$T/out" "^ *$BEATER +$PROG "
    exits 0 "${AS[@]}" "$HB_READ" list --format json --pin-dir "$PIN"
    same "pids in the list" "$BEATER" "$(jq .pid <"$T/out")"
    exits 0 "${AS[@]}" "$HB_READ" status --pin-dir "$PIN"
    says "$T/out" "^missed +known to root only"
    says "$T/out" "open, held by $bare "
    exits 0 "${AS[@]}" cat "$PIN/considered"
    says "$T/out" "^ *$BEATER +0 .* $PROG\$"
    end "$bare"
    same "exit status" 0 "$STATUS"
    empty "$T/bare.err"
    empty "$T/serve.err"
}

# denied PATTERN - every command of hb-read is refused with that message
denied() {
    local command
    for command in "" serve list status; do
        refuses "$EXIT_DENIED" "$1" "${AS[@]}" "$HB_READ" ${command:+"$command"} --pin-dir "$PIN"
    done
}

test_user_outside_the_group() {
    load --programs "$PROG" --group "$GROUP"
    as_user "$STRANGER"
    denied "$PIN: permission denied for user $STRANGER: it is open to group $GROUP; as root: adduser $STRANGER $GROUP"
    as_user 65534
    denied "$PIN: permission denied for user nobody: .*adduser nobody $GROUP"
}

test_no_group_at_all() {
    load --programs "$PROG"
    as_user "$MEMBER" "$GROUP_ID"
    denied "$PIN: permission denied for user $MEMBER: it is open to root alone; as root: hb-load --group GROUP"
}

test_ordinary_user_cannot_load() {
    local command
    as_user "$MEMBER" "$GROUP_ID"
    for command in load unload; do
        refuses "$EXIT_DENIED" "user $MEMBER is not root: sudo hb-load" "${AS[@]}" "$HB_LOAD" "$command" --pin-dir "$PIN"
    done
}

test_group_changes_with_a_load() {
    as_user "$MEMBER" "$GROUP_ID"
    load --programs "$PROG"
    exits "$EXIT_DENIED" "${AS[@]}" "$HB_READ" status --pin-dir "$PIN"
    load --programs "$PROG" --group "$GROUP"
    exits 0 "${AS[@]}" "$HB_READ" status --pin-dir "$PIN"
    load --programs "$PROG"
    exits "$EXIT_DENIED" "${AS[@]}" "$HB_READ" status --pin-dir "$PIN"
}

test_modes_of_the_pins() {
    local name
    load --programs "$PROG" --group "$GROUP" --readers 2
    (cd "$PIN" && find . -path ./hooks -prune -o -printf '%m %U:%G %P\n' | sort -k 3) >"$T/modes"
    {
        echo "750 0:$GROUP_ID "
        for name in busy busy_programs cgroups collect considered considered_pids meta peers processes programs stats readers/lost; do
            echo "640 0:$GROUP_ID $name"
        done
        for name in readers readers/0 readers/1; do
            echo "750 0:$GROUP_ID $name"
        done
        for name in readers/open readers/0/events readers/1/events; do
            echo "660 0:$GROUP_ID $name"
        done
    } | sort -k 3 >"$T/expected"
    same "modes and owners" "" "$(diff "$T/expected" "$T/modes")"
    same "mode and owner of hooks" "700 0:0" "$(stat -c '%a %u:%g' "$PIN/hooks")"
    same "files of hooks that are not private to root" "" "$(find "$PIN/hooks" -type f \( -perm /077 -o -not -user 0 \))"
    load --programs "$PROG"
    same "files that are not private to root" "" "$(find "$PIN" \( -perm /077 -o -not -user 0 \))"
}

test_parent_directory_is_opened_to_the_group() {
    mkdir "$T/bpf"
    mount -t bpf -o mode=0700 bpf "$T/bpf"
    PIN=$T/bpf/pins
    load --programs "$PROG"
    same "mode without a group" 700 "$(permissions "$T/bpf")"
    unload
    # The trial of fentry must not hide this message.
    HB_TEST_HOOK='' load --programs "$PROG" --group "$GROUP"
    says "$T/load.err" "changed the mode of $T/bpf from [01]700 to [01]711"
    same "mode with a group" 711 "$(permissions "$T/bpf")"
    as_user "$MEMBER" "$GROUP_ID"
    exits 0 "${AS[@]}" "$HB_READ" status --pin-dir "$PIN"
    unload
    umount "$T/bpf"
}

# permissions FILE - print them without the sticky bit, which the kernel sets on the root of a bpf file
# system
permissions() {
    stat -c %a "$1" | sed 's/^1\(...\)$/\1/'
}

test_read_permission_only() {
    local mode
    for mode in g-w g+w; do
        load --programs "$PROG" --group "$GROUP"
        chmod "$mode" "$PIN/readers/open"
        chmod g-w "$PIN"/readers/*/events
        read_only
        unload
    done
}

read_only() {
    as_user "$MEMBER" "$GROUP_ID"
    home "$MEMBER"
    start_beater "not$PROG" --hold 3
    go "$BEATER"
    wait_for 5 "the verdict 0" has_verdict "$BEATER" 0
    start "${AS[@]}" "$HB_READ" --pin-dir "$PIN" --gc-interval 1 --listen "unix:$T/home/read" \
        >"$T/read.out" 2>"$T/read.err"
    READER=$STARTED
    wait_for 5 "collection" has_verdict "$BEATER" none
    wait_for 5 "the socket" test -S "$T/home/read"
    beat 3
    if command -v curl >/dev/null; then
        says <(curl -s --unix-socket "$T/home/read" http://localhost/metrics) \
            "^gitpod_acitivity_heartbeat_currently_considered_pids [0-9]"
    fi
    exits 0 "${AS[@]}" "$HB_READ" list --pin-dir "$PIN"
    exits 0 "${AS[@]}" "$HB_READ" status --pin-dir "$PIN"
    # By then it has collected more than once.
    sleep 1.2
    kill -0 "$READER" || fail "it has ended: $(<"$T/read.err")"
    end "$READER"
    same "exit status" 0 "$STATUS"
    same "messages" 1 "$(lines "$T/read.err")"
    says "$T/read.err" "no lines: $PIN/readers.* needs write permission for user $MEMBER"
    empty "$T/read.out"
}

# forge_as UID GROUP [--read] - no attempt may succeed
forge_as() {
    local status=0
    as_user "$1" "${2:-}"
    shift 2
    "${AS[@]}" "$TOP/programs/forge" "$PIN" "$@" >"$T/forge" || status=$?
    same "attempts of user ${AS[2]} that succeeded" "" "$(grep -v ^refused "$T/forge" | tr '\n' ';')"
    same "exit status of forge" 0 "$status"
    at_least "attempts" "${ATTEMPTS:-90}" "$(lines "$T/forge")"
}

test_nobody_can_forge_or_silence() {
    load --programs "$PROG" --group "$GROUP"
    start_beater "$PROG" --hold 101
    forge_as "$MEMBER" "$GROUP_ID"
    ATTEMPTS=60 forge_as "$STRANGER" ""
    ATTEMPTS=60 forge_as 65534 ""
    ATTEMPTS=10 forge_as 65534 "" --read
    ATTEMPTS=10 forge_as "$STRANGER" "" --read
    go "$BEATER"
    wait_for 5 "the reads" has_read "$PROG" 101
    same "beats" 101 "$(beats)"
    load --programs "$PROG"
}

# The same attempts do succeed as root, or else they would prove nothing.
test_attempts_to_forge_are_real() {
    local expected
    load --programs "$PROG" --group "$GROUP"
    "$TOP/programs/forge" "$PIN" >"$T/forge" && fail "nothing succeeded as root"
    for expected in "open for both considered_pids" "update considered_pids" "freeze processes" "rename meta" \
        "open link collect" "mkdir forged" "open hooks" "by number links"; do
        says "$T/forge" "^SUCCEEDED $expected"
    done
    "$TOP/programs/forge" "$PIN" --read >"$T/read" || true
    says "$T/read" "^SUCCEEDED open collect"
    # The pins are damaged now.
    rm -rf "$PIN"
}

test_reader_without_other_processes() {
    load --programs "$PROG" --group "$GROUP"
    start_beater "not$PROG" --hold 3
    local other=$BEATER
    start_beater "$PROG" --hold 101
    go "$other"
    wait_for 5 "the verdict 0" has_verdict "$other" 0
    as_user "$MEMBER" "$GROUP_ID"
    AS=(unshare --mount --propagation private "$BASH" -c
        'mount -t proc -o hidepid=2 proc /proc && exec "$@"' - "${AS[@]}")
    start_reader r --gc-interval 1
    # The reader does not see other processes.
    [ -e "/proc/$READER/root/proc/self" ] || skip "the reader cannot get its own /proc"
    wait_for 3 "the end of the zero" has_verdict "$other" none
    sleep 1.2
    same "verdict of the living" 1 "$(pinned verdict "$BEATER")"
    go "$BEATER"
    wait_for 5 "lines" has_lines "$T/r.out" 101
    same "beats" 101 "$(beats)"
    empty "$T/r.err"
}

test_reader_in_a_pid_namespace() {
    local other
    load --programs "$PROG"
    start_beater "not$PROG" --hold 3
    other=$BEATER
    start_beater "$PROG" --hold 101
    go "$other"
    wait_for 5 "the verdict 0" has_verdict "$other" 0
    pinned set-process "4194303:$PROG"
    start unshare --pid --fork --mount-proc --kill-child --propagation private \
        "$HB_READ" --pin-dir "$PIN" --listen none --gc-interval 1 >"$T/r.out" 2>"$T/r.err"
    wait_for 3 "the end of the zero" has_verdict "$other" none
    sleep 1.2
    same "verdict of the living" 1 "$(pinned verdict "$BEATER")"
    same "verdict of the dead, left to the kernel" 1 "$(pinned verdict 4194303)"
    go "$BEATER"
    wait_for 5 "lines" has_lines "$T/r.out" 101
    same "lines with the pid that the host knows" 101 "$(grep -c " - $BEATER\$" "$T/r.out")"
    says "$T/r.err" "in a pid namespace of its own"
    same "messages" 1 "$(lines "$T/r.err")"
    # A process that sees all pids can tell which are dead.
    cat "$PIN/collect"
    same "verdict of the dead" none "$(pinned verdict 4194303)"
}
