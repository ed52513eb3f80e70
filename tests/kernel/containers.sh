# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Real containers under runc, with busybox's vi in a terminal.

DEPENDS=kernel
BACKGROUND+=(test_container_is_born test_container_in_a_pod)
# What engines let root in a container do.
BOX_RIGHTS=(AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETPCAP SETUID SYS_CHROOT)

# Set RUNC to the start of its command lines. It uses version 2 of control groups where that is mounted
# in the usual place; where it is not, runc has it there alone.
need_containers() {
    need jq runc busybox script
    own_container
    BOX_A=${CONTAINER:0:63}a BOX_B=b${CONTAINER:0:63} BOX_C=c${CONTAINER:0:63}
    RUNC=(runc --root "$T/runc")
    # What is bound into containers, in the same place; behind a colon, ro or rw.
    BINDS=()
    [ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ] ||
        RUNC=(unshare --mount --propagation private "$BASH" -c 'mount -t cgroup2 cgroup2 /sys/fs/cgroup && exec "$@"' - "${RUNC[@]}")
    # Longer than it takes to start one.
    LONG=$((HB_TEST_SLOW > 1 ? 12 : 5))
}

# start_container ID CGROUP PROGRAM [ARGUMENT]... - in a terminal that type_in() types at
start_container() {
    local id=$1 cgroup=$2 bundle=$T/bundle.$1
    shift 2
    mkdir -p "$bundle/root"/{bin,proc,dev,sys,tmp}
    cp "$(type -P busybox)" "$bundle/root/bin/busybox"
    local applet
    for applet in sh sleep vi mkdir cat; do
        ln -s busybox "$bundle/root/bin/$applet"
    done
    ln -s /usr/bin/bash "$bundle/root/bin/bash"
    seq 1000 >"$bundle/root/tmp/text"
    (cd "$bundle" && "${RUNC[@]}" spec)
    jq --arg cgroup "$cgroup" --argjson args "$(printf '%s\n' "$@" | jq -Rn '[inputs]')" \
        --argjson mounts "$(printf '%s\n' "${BINDS[@]}" | jq -Rn '[inputs | select(. != "") | split(":")
            | {destination: .[0], source: .[0], type: "bind", options: ["rbind", .[1] // "rw"]}]')" \
        --argjson rights "$(printf 'CAP_%s\n' "${BOX_RIGHTS[@]}" | jq -Rn '[inputs | select(. != "CAP_")]')" \
        '.process.args = $args | .mounts += $mounts | .process.capabilities[] = $rights | .process.env += ["TERM=vt100"]
        | .root = {path: "root", readonly: false} | .linux.cgroupsPath = $cgroup
        | (.mounts[] | select(.type == "cgroup") | .options) = ["nosuid", "noexec", "nodev", "rw"]' \
        "$bundle/config.json" >"$bundle/new"
    mv "$bundle/new" "$bundle/config.json"
    in_a_terminal "$id" "${RUNC[@]}" run --no-pivot --bundle "$bundle" "$id"
    CGROUPS+=("$HIERARCHY$cgroup")
    within 20 is_running "$id" || fail "container $id does not run: $(tail -c 500 "$T/screen.$id")"
    PIDS+=("$("${RUNC[@]}" state "$id" | jq .pid)")
}

# in_a_terminal NAME COMMAND... - type_in NAME types there
in_a_terminal() {
    local name=$1
    shift
    mkfifo "$T/keys.$name"
    : >"$T/screen.$name"
    start script -qfec "stty rows 24 cols 80; ${*@Q}" "$T/screen.$name" <>"$T/keys.$name" >/dev/null 2>&1
}

type_in() {
    printf %s "$2" >"$T/keys.$1"
}

is_running() {
    [ "$("${RUNC[@]}" state "$1" 2>/dev/null | jq -r .status)" = running ]
}

# stop_container ID - `runc run` removes it and its control group
stop_container() {
    "${RUNC[@]}" kill "$1" KILL
    wait_for 10 "the end of container $1" is_stopped "$1"
}

is_stopped() {
    ! "${RUNC[@]}" state "$1" >/dev/null 2>&1
}

has_key_in() {
    grep -q "the last key, read by vi" < <("$HB_READ" idle 1000 --pin-dir "$PIN" "$@")
}

# A container is active from its creation on, whenever hb-load ran.
test_container_is_born() {
    need_containers
    make_cgroups "/hb$$.born"
    load --programs vi
    sleep $((2 * LONG))
    idle "$EXIT_IDLE" "^idle: " "$LONG" --cgroup "/hb$$.born"
    start_container "$BOX_A" "/hb$$.born/$BOX_A" sleep 1000
    idle 0 "^active: for [0-9]+ s, since $TIME: it was created, and nothing was seen since, in container ${BOX_A:0:12}\$" \
        "$LONG" --container "$BOX_A"
    sleep $((LONG + 1))
    idle "$EXIT_IDLE" "^idle: for [0-9]+ s, since $TIME: it was created" "$LONG" --container "$BOX_A"
    stop_container "$BOX_A"
    idle 1 "^unknown: there is no container $BOX_A" "$LONG" --container "$BOX_A"
}

# A pod with two containers, of which one is replaced.
test_container_in_a_pod() {
    need_containers
    local pod=/hb$$.kubepods/burstable/pod$POD
    load --programs vi
    make_cgroups "/hb$$.kubepods" "/hb$$.kubepods/burstable" "$pod"
    start_container "$BOX_A" "$pod/$BOX_A" vi /tmp/text
    start_container "$BOX_B" "$pod/$BOX_B" vi /tmp/text
    type_in "$BOX_A" jjj
    wait_for 20 "keys in $BOX_A" has_key_in --container "$BOX_A"
    sleep $((LONG + 1))
    idle "$EXIT_IDLE" "^idle: " "$LONG" --container "$BOX_B"
    type_in "$BOX_A" jjj
    sleep 1
    idle 0 "^active: .* the last key, read by vi \(pid [0-9]+\), in container ${BOX_A:0:12} of pod $POD\$" "$LONG" --container "$BOX_A"
    idle 0 "^active: .* the last key" "$LONG" --cgroup "$pod"
    idle "$EXIT_IDLE" "^idle: " "$LONG" --container "$BOX_B"
    # What was done in the first stays with the pod when that one is replaced.
    stop_container "$BOX_A"
    idle 1 "^unknown: there is no container" "$LONG" --container "$BOX_A"
    idle 0 "^active: .* the last key, read by (vi|a program that has ended), in pod $POD\$" 60 --cgroup "$pod"
    sleep $((LONG + 1))
    idle "$EXIT_IDLE" "^idle: .* the last key" "$LONG" --cgroup "$pod"
    start_container "$BOX_C" "$pod/$BOX_C" sh
    idle 0 "^active: " "$LONG" --container "$BOX_C"
    sleep $((LONG + 1))
    idle "$EXIT_IDLE" "^idle: " "$LONG" --container "$BOX_C"
    # From outside, into a running container.
    in_a_terminal exec "${RUNC[@]}" exec -t "$BOX_B" vi /tmp/text
    wait_for 20 "vi in $BOX_B" grep -q 24 "$T/screen.exec"
    type_in exec jjj
    sleep 1
    idle 0 "^active: .* in container ${BOX_B:0:12} of pod $POD\$" "$LONG" --container "$BOX_B"
    idle "$EXIT_IDLE" "^idle: " "$LONG" --container "$BOX_C"
}

# A program that makes a control group of its own below the container's, and enters it.
test_container_that_moves_itself() {
    local box
    need_containers
    box=/hb$$.self/$BOX_A
    load --programs vi
    make_cgroups "/hb$$.self"
    start_container "$BOX_A" "$box" sh -c \
        'mkdir /sys/fs/cgroup/own && echo 0 >/sys/fs/cgroup/own/cgroup.procs && /bin/vi /tmp/text; exec sleep 1000'
    wait_for 20 "vi" grep -q 24 "$T/screen.$BOX_A"
    type_in "$BOX_A" jjj
    wait_for 20 "keys" has_key_in --container "$BOX_A"
    idle 0 "^active: .* the last key, read by vi \(pid [0-9]+\), in container ${BOX_A:0:12}, in control group $box/own\$" "$LONG" -v --container "$BOX_A"
    type_in "$BOX_A" $':q\r'
    sleep 2
    idle 0 "^active: .* the last key" 60 --container "$BOX_A"
}

# What a controller on a node does: stop each container that nobody has used for a while.
stop_idle_containers() {
    local id
    while [ ! -e "$T/enough" ]; do
        for id; do
            is_running "$id" || continue
            "$HB_READ" idle "${LONG}s" --container "containerd://$id" --format json --pin-dir "$PIN" >"$T/answer.$id" || true
            [ "$(jq -r .verdict "$T/answer.$id")" != idle ] || stop_container "$id"
        done
        sleep 0.5
    done
}

answered() {
    [ "$(jq -r .verdict "$T/answer.$1")" = "$2" ]
}

BACKGROUND+=(test_container_is_stopped_when_idle)

test_container_is_stopped_when_idle() {
    local id round controller
    need_containers
    make_cgroups "/hb$$.stop"
    load --programs vi
    for id in "$BOX_A" "$BOX_B"; do
        start_container "$id" "/hb$$.stop/$id" vi /tmp/text
        wait_for 20 "vi in $id" grep -q 24 "$T/screen.$id"
    done
    start stop_idle_containers "$BOX_A" "$BOX_B" "$BOX_C"
    controller=$STARTED
    # Somebody works in one, for longer than the other may be idle.
    for ((round = 0; round < 2 * LONG; round++)); do
        type_in "$BOX_A" j
        sleep 1
    done
    is_running "$BOX_A" || fail "the container in use was stopped: $(<"$T/answer.$BOX_A")"
    ! is_running "$BOX_B" || fail "the idle container still runs: $(<"$T/answer.$BOX_B")"
    jq -e ".select.container == \"$BOX_B\" and .because == \"start\" and .idle_seconds >= $LONG and .doubt == null" \
        "$T/answer.$BOX_B" >"$T/jq" || fail "it was stopped by $(<"$T/answer.$BOX_B")"
    # Then nobody does.
    wait_for $((3 * LONG)) "the end of the other container" is_stopped "$BOX_A"
    jq -e ".because == \"key\" and .program == \"vi\" and .idle_seconds >= $LONG" "$T/answer.$BOX_A" >"$T/jq" ||
        fail "it was stopped by $(<"$T/answer.$BOX_A")"
    # One of which nothing is known is left alone.
    start_container "$BOX_C" "/hb$$.stop/$BOX_C" vi /tmp/text
    wait_for 20 "vi in $BOX_C" grep -q 24 "$T/screen.$BOX_C"
    rm -f "$PIN"/hooks/{fentry_read,fentry_read_compat,fexit_tty_read,read_exit}
    wait_for $((2 * LONG)) "doubt" answered "$BOX_C" unknown
    sleep "$LONG"
    is_running "$BOX_C" || fail "a container was stopped in doubt: $(<"$T/answer.$BOX_C")"
    answered "$BOX_C" unknown || fail "not unknown: $(<"$T/answer.$BOX_C")"
    touch "$T/enough"
    finish "$controller" 20
}
