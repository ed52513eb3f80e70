# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# `make install`, and the units that it installs, run by a separate systemd.

BACKGROUND+=(test_units_under_systemd)

# The group that the units name.
HEARTBEAT_ID=54301

# make_it TARGET [VARIABLE=VALUE]... - run make, without building anything
make_it() {
    [ -e "$LIB_ROOT/Makefile" ] || skip "there is no Makefile here"
    need make
    env -u MAKEFLAGS -u MAKELEVEL make -s -C "$LIB_ROOT" -o all BUILD="$BUILD" "$@" >"$T/make" 2>&1 ||
        fail "make $*: $(tail -n 3 "$T/make" | tr '\n' '|')"
}

# installed PREFIX - print each file that must exist, and its mode
installed() {
    local file
    echo "755 $1/bin/hb-read"
    echo "755 $1/sbin/hb-load"
    for file in "$LIB_ROOT"/{bpf/lib,loader,reader}/*.[58]; do
        [ ! -e "$file" ] || echo "644 $1/share/man/man${file##*.}/${file##*/}"
    done
    echo "644 /etc/activity-heartbeat/heartbeat.conf"
    for file in "$LIB_ROOT"/{loader,reader}/*.{service,socket}; do
        [ ! -e "$file" ] || echo "644 $1/lib/systemd/system/${file##*/}"
    done
    echo "644 $1/lib/sysusers.d/activity-heartbeat.conf"
}

files_in() {
    find "$1" ! -type d -printf '%m /%P\n' | sort -k 2
}

test_install_and_uninstall() {
    local prefix program
    for prefix in /usr /opt/heartbeat; do
        make_it install DESTDIR="$T/root" PREFIX="$prefix"
        installed "$prefix" | sort -k 2 >"$T/expected"
        at_least "files" 8 "$(lines "$T/expected")"
        same "files" "" "$(files_in "$T/root" | diff "$T/expected" - | grep '^[<>]' | tr '\n' ' ')"
        # The programs that the units start exist.
        while read -r program; do
            exits 0 "$T/root$program" --version
        done < <(sed -n 's/^Exec[A-Za-z]*=\([^ ]*\).*/\1/p' "$T/root$prefix"/lib/systemd/system/*)
        # A file of somebody else stays.
        echo mine >"$T/root$prefix/bin/mine"
        make_it uninstall DESTDIR="$T/root" PREFIX="$prefix"
        same "files that are left" "644 $prefix/bin/mine" "$(files_in "$T/root")"
        rm -r "$T/root"
    done
}

# Install the units at $T/units, with programs at /run/hb, because most of the file system is hidden
# from them.
install_units() {
    local target
    make_it install DESTDIR="$T/root" PREFIX=/run/hb
    mkdir "$T/units" "$T/units"/hb-{load,read}.service.d
    cp "$T/root/run/hb/lib/systemd/system"/* "$T/units"
    # There are none of the system's own units, so systemd starts nothing else.
    for target in sysinit basic sockets shutdown multi-user hb; do
        printf '[Unit]\nDefaultDependencies=no\n' >"$T/units/$target.target"
    done
    echo "Wants=hb-read.service" >>"$T/units/hb.target"
    # Inside a cgroup namespace, systemd believes it is in a container.
    for target in "$T/units"/*.d; do
        printf '[Unit]\nConditionVirtualization=\n' >"$target/test.conf"
    done
}

# Start systemd as process 1 in new namespaces.
boot() {
    cat >"$T/boot" <<'EOF'
set -e
mount -t proc proc /proc
# Protect the host's settings.
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
mount --bind "$1/etc" /etc
mount -t tmpfs -o mode=0755 tmpfs /run
cp -a "$1/root/run/hb" /run/hb
mount -t tmpfs tmpfs /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t bpf -o mode=0700 bpf /sys/fs/bpf
ip link set lo up
export SYSTEMD_UNIT_PATH=$1/units
exec /lib/systemd/systemd --system --unit=hb.target --log-target=console --log-color=no
EOF
    cp -a /etc "$T/etc"
    cp -a "$T/root/etc/activity-heartbeat" "$T/etc"
    echo "Programs=$PROG" >"$T/etc/activity-heartbeat/heartbeat.conf.d/test.conf"
    echo "heartbeat:x:$HEARTBEAT_ID:" >>"$T/etc/group"
    make_cgroups "/$PROG"
    # systemd makes these.
    CGROUPS+=("$HIERARCHY/$PROG"/{init.scope,system.slice}
        "$HIERARCHY/$PROG/system.slice"/hb-{load.service,read.service,read.socket,read-self.socket})
    start "$BASH" -c 'echo $$ >"$1/cgroup.procs" && exec unshare --fork --kill-child --pid --mount --uts --ipc --net \
        --cgroup "$BASH" "$2/boot" "$2"' - "$HIERARCHY/$PROG" "$T" >"$T/systemd.log" 2>&1
    wait_for 5 "its process" has_child "$STARTED"
    INSIDE=(nsenter --target "$CHILD" --mount --pid --net --ipc)
    wait_for 30 "systemd: $(tail -n 3 "$T/systemd.log")" is_active hb-read.service
}

has_child() {
    CHILD=$(cat "/proc/$1/task/$1/children" 2>/dev/null) && CHILD=${CHILD% } && [ -n "$CHILD" ]
}

# is_active UNIT
is_active() {
    [ "$("${INSIDE[@]}" systemctl is-active "$1" 2>&1)" = active ]
}

# serves GROUP-ID PATTERN - the metrics over the unix socket, as a user of that group gets them, match
serves() {
    "${INSIDE[@]}" setpriv --reuid "$MEMBER" --regid "$1" --clear-groups curl -sS --max-time 5 \
        --unix-socket /run/activity-heartbeat/socket http://localhost/metrics >"$T/metrics" 2>"$T/curl.err" &&
        grep -qE "$2" "$T/metrics"
}

is_healthy() {
    "${INSIDE[@]}" curl -sS --max-time 5 --noproxy '*' http://127.0.0.1:9090/healthz >"$T/health" 2>"$T/curl.err" &&
        jq -e '.status == "alive"' <"$T/health" >"$T/jq"
}

# Everybody may ask about himself, and only that. Inside a cgroup namespace, hb-load finds no control groups.
answers_workspaces() {
    local directory=/run/activity-heartbeat/self
    same "modes" "755 755 666" "$("${INSIDE[@]}" stat -c %a "${directory%/*}" "$directory" "$directory/socket" | xargs)"
    exits 1 "${INSIDE[@]}" setpriv --reuid "$MEMBER" --regid "$MEMBER" --clear-groups /run/hb/bin/hb-read idle 1h --self
    says "$T/out" "^unknown: (there is no record of your control group|you are in no workspace)"
    same "status of the metrics there" 403 "$("${INSIDE[@]}" curl -sS --max-time 5 -o "$T/body" -w '%{http_code}' \
        --unix-socket "$directory/socket" http://localhost/metrics)"
}

main_pid() {
    "${INSIDE[@]}" systemctl show --property MainPID --value hb-read.service
}

test_units_under_systemd() {
    local before
    need curl ip jq nsenter setpriv systemctl unshare
    [ -x /lib/systemd/systemd ] || skip "there is no systemd here"
    install_units
    boot
    is_active hb-load.service || fail "hb-load.service is not active"
    "${INSIDE[@]}" "$BUILD/tests/ids" list /sys/fs/bpf/heartbeat >>"$TOP/ids"

    # It has no privileges, and everything works.
    before=$(main_pid)
    "${INSIDE[@]}" cat "/proc/$before/status" >"$T/status"
    says "$T/status" "^CapEff:[[:space:]]0000000000000000\$"
    says "$T/status" "^CapBnd:[[:space:]]0000000000000000\$"
    says "$T/status" "^NoNewPrivs:[[:space:]]1\$"
    says "$T/status" "^Seccomp:[[:space:]]2\$"
    says "$T/status" "^Gid:[[:space:]]${HEARTBEAT_ID}[[:space:]]"
    says_not "$T/status" "^Uid:[[:space:]]0[[:space:]]"
    wait_for 5 "health" is_healthy
    # Its devices include the terminal with which it probes the hooks.
    "${INSIDE[@]}" ls -l "/proc/$before/fd" >"$T/fds"
    says "$T/fds" "-> /dev/pts/[0-9]+\$"
    beat 7
    serves "$HEARTBEAT_ID" "^activity_heartbeat_beats_total\{program=\"$PROG\"\} 7\$" || fail "no beats"
    serves "$HEARTBEAT_ID" "^activity_heartbeat_hooks_alive 1\$" || fail "the hooks are not alive"
    wait_for 15 "collection" serves "$HEARTBEAT_ID" "^activity_heartbeat_collector_duration_seconds "
    ! serves "$MEMBER" beats || fail "a stranger is served"
    says "$T/curl.err" "[Cc]ould.*n.t connect"
    answers_workspaces

    # It restarts when it is killed, and keeps running when the hooks are loaded again.
    "${INSIDE[@]}" kill -KILL "$before"
    wait_for 30 "its restart" is_healthy
    [ "$(main_pid)" != "$before" ] || fail "it was not killed"
    before=$(main_pid)
    "${INSIDE[@]}" systemctl reload hb-load.service
    same "process after a reload" "$before" "$(main_pid)"
    is_healthy || fail "not healthy after a reload"

    # It ends with the hooks, and a client that connects does not load them again.
    "${INSIDE[@]}" systemctl stop hb-load.service
    ! is_healthy || fail "it still answers"
    same "units that are active" "inactive inactive inactive inactive" \
        "$("${INSIDE[@]}" systemctl is-active hb-load.service hb-read.service hb-read.socket hb-read-self.socket | xargs)"
    [ ! -e "/proc/$CHILD/root/sys/fs/bpf/heartbeat" ] || fail "the hooks are still loaded"
}

test_units_are_valid() {
    need systemd-analyze
    make_it install DESTDIR= PREFIX="$T/usr"
    SYSTEMD_UNIT_PATH="$T/usr/lib/systemd/system:" exits 0 systemd-analyze verify --man=no \
        "$T/usr/lib/systemd/system"/*
    same "complaints" "" "$(grep "$T" "$T/err")"
    # The score goes from 0, fully confined, to 100.
    exits 0 systemd-analyze security --offline=true --threshold=15 "$T/usr/lib/systemd/system/hb-read.service"
}
