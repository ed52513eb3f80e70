# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What both programs give up as soon as they can: capabilities, system calls.

DEPENDS=kernel
CALLS="execve network map_create write_file mount unshare ptrace"

# rights PID - print its capabilities, no_new_privs and whether it has a filter
rights() {
    sed -nE 's/^(CapInh|CapPrm|CapEff|CapAmb|NoNewPrivs|Seccomp):[[:space:]]*0*([0-9a-f]+)$/\1=\2/p' "/proc/$1/status" | paste -sd' '
}

# As root, with all capabilities, a reader has none soon.
test_reader_gives_up_its_rights() {
    local command
    load --programs "$PROG"
    LISTEN=(--listen "unix:$T/socket")
    start_reader r
    wait_for 5 "the end of its rights" has_given_up "$READER"
    beat 11
    wait_for 5 "the lines" has_lines "$T/r.out" 11
    end "$READER"
    start "$HB_READ" serve --pin-dir "$PIN" --listen "unix:$T/socket" 2>"$T/serve.err"
    wait_for 5 "the end of its rights" has_given_up "$STARTED"
    end "$STARTED"
    [ ! -e "$T/socket" ] || fail "the socket is left"
    empty "$T/serve.err"
}

has_given_up() {
    [ "$(rights "$1")" = "CapInh=0 CapPrm=0 CapEff=0 NoNewPrivs=1 Seccomp=2 CapAmb=0" ] ||
        [ "$(rights "$1")" = "CapInh=0 CapPrm=0 CapEff=0 CapAmb=0 NoNewPrivs=1 Seccomp=2" ]
}

# What root without capabilities has to be able to do, and what was forbidden from inside.
test_commands_are_confined() {
    local command call
    load --programs "$PROG"
    start_beater "$PROG" --terminal --type --hold 3
    go "$BEATER"
    wait_for 5 "the keys" has_read "$PROG" 3
    for command in list status "idle 60" "explain $PROG" "list --format json" "idle 60 --touch $T/touched"; do
        # shellcheck disable=SC2086
        exits 0 env LD_PRELOAD="$BUILD/tests/confinedshim.so" "$HB_READ" $command --pin-dir "$PIN"
        for call in $CALLS; do
            says "$T/err" "^$call: EPERM\$"
        done
        same "messages of $command" "$(wc -w <<<"$CALLS")" "$(lines "$T/err")"
        [ -s "$T/out" ] || fail "$command printed nothing"
    done
    [ -e "$T/touched" ] || fail "the file was not touched"
    for command in "" serve; do
        start env LD_PRELOAD="$BUILD/tests/confinedshim.so" "$HB_READ" ${command:+"$command"} --pin-dir "$PIN" \
            --listen "unix:$T/socket" >"$T/loop.out" 2>"$T/loop.err"
        wait_for 5 "the attempts" has_lines "$T/loop.err" "$(wc -w <<<"$CALLS")"
        end "$STARTED"
        same "exit status" 0 "$STATUS"
        for call in $CALLS; do
            says "$T/loop.err" "^$call: EPERM\$"
        done
    done
}

# What took capabilities before works without them, or keeps them for that long.
test_confined_root_can_do_what_it_could() {
    need jq setpriv
    load --programs "$PROG"
    mkdir "$T/home"
    chown "$STRANGER" "$T/home"
    chmod 0700 "$T/home"
    start setpriv --reuid "$STRANGER" --clear-groups "$BASH" -c 'exec -a other sleep 600'
    start_beater "$PROG" --terminal --type --hold 3
    go "$BEATER"
    wait_for 5 "the keys" has_read "$PROG" 3
    # A file in a directory of a user's, whose owner or not root may be.
    exits 0 "$HB_READ" idle 60 --pin-dir "$PIN" --touch "$T/home/touched"
    touch -d 2001-01-01 "$T/home/old"
    chown "$STRANGER" "$T/home/old"
    exits 0 "$HB_READ" idle 60 --pin-dir "$PIN" --touch "$T/home/old"
    at_least "time of the file" 1700000000 "$(stat -c %Y "$T/home/old")"
    # The descriptors of another user's process.
    exits 0 "$HB_READ" explain "$STARTED" --pin-dir "$PIN"
    says_not "$T/out" "You may not see its descriptors"
    # What the kernel gives to CAP_SYS_ADMIN, or to the owner of the pins.
    exits 0 "$HB_READ" status --pin-dir "$PIN" --format json
    same "missed reads are known" number "$(jq -r '.missed | type' "$T/out")"
    start "$HB_READ" serve --pin-dir "$PIN" --listen "unix:$T/socket" 2>"$T/serve.err"
    wait_for 5 "the metrics" has_missed
    # Another load brings other pins.
    unload
    load --programs "$PROG"
    wait_for 20 "the end of a server of another load" is_done "$STARTED"
}

has_missed() {
    grep -q '^activity_heartbeat_missed_total{' < <(fetch_from "$T/socket" http://localhost/metrics 2>/dev/null)
}

# Each capability of hb-load is gone after the last step that needs it.
test_load_gives_up_capabilities_step_by_step() {
    need strace
    LOADED+=("$PIN")
    strace -f -o "$T/trace" -e trace=capset,bpf,perf_event_open,chown,fchownat,rename,mkdir \
        "$HB_LOAD" load --pin-dir "$PIN" --programs "$PROG" --group "$GROUP" >"$T/out" 2>"$T/err"
    sed -nE 's/.*capset\(.*permitted=([^,]*),.*/\1/p' "$T/trace" >"$T/sets"
    same "sets of capabilities" "$(printf '%s\n' '1<<CAP_CHOWN|1<<CAP_SYS_ADMIN|1<<CAP_PERFMON|1<<CAP_BPF' \
        '1<<CAP_CHOWN|1<<CAP_BPF' '1<<CAP_CHOWN' 0)" "$(sed 's/1<<CAP_SYS_ADMIN|1<<CAP_CHOWN/1<<CAP_CHOWN|1<<CAP_SYS_ADMIN/' "$T/sets")"
    # Nothing that needs one comes later.
    same "calls of bpf after the third" "" "$(sed '1,/permitted=1<<CAP_CHOWN,/d' "$T/trace" | grep -E 'BPF_(MAP_CREATE|PROG_LOAD|LINK_CREATE|MAP_UPDATE)' || true)"
    same "changes of owners after the last" "" "$(sed '1,/permitted=0,/d' "$T/trace" | grep chown || true)"
    strace -f -o "$T/trace" -e trace=capset,unlink "$HB_LOAD" unload --pin-dir "$PIN" >"$T/out" 2>"$T/err"
    says <(grep -n capset "$T/trace" | head -n 1) "permitted=0"
    [ ! -e "$PIN" ] || fail "$PIN is left"
}

# With no more than what it needs, and in a container that has CAP_SYS_ADMIN instead.
test_load_with_few_capabilities() {
    local set mounted=
    # To mount it takes CAP_SYS_ADMIN.
    mountpoint -q /sys/kernel/tracing || {
        mount -t tracefs tracefs /sys/kernel/tracing
        mounted=1
    }
    for set in bpf,+perfmon sys_admin; do
        setpriv --inh-caps=-all --bounding-set="-all,+$set" --no-new-privs "$HB_LOAD" load --pin-dir "$PIN" \
            --programs "$PROG" >"$T/out" 2>"$T/err" || fail "with $set: $(<"$T/err")"
        LOADED+=("$PIN")
        setpriv --inh-caps=-all --bounding-set="-all,+$set" "$HB_LOAD" load --pin-dir "$PIN" \
            --programs "$PROG,${PROG}b" >"$T/out" 2>"$T/err" || fail "upgrade with $set: $(<"$T/err")"
        beat 3
        same "beats with $set" 3 "$(beats)"
        setpriv --inh-caps=-all --bounding-set=-all "$HB_LOAD" unload --pin-dir "$PIN"
    done
    [ -z "$mounted" ] || umount /sys/kernel/tracing
}

# The settings of the units, as systemd judges them: 0 is confined, 100 is not.
test_units_are_confined() {
    need systemd-analyze
    local unit
    for unit in loader/hb-load.service reader/hb-read.service; do
        systemd-analyze security --offline=yes --threshold=39 "$LIB_ROOT/$unit" >"$T/security" 2>&1 ||
            fail "$unit: $(tail -n 1 "$T/security")"
        tail -n 1 "$T/security"
    done
}

# calls_in SET - print the system calls in a set of systemd
calls_in() {
    local name
    for name in $(systemd-analyze syscall-filter "$1" | sed -nE 's/^ +([@a-z0-9_-]+)$/\1/p'); do
        [[ $name != @* ]] || calls_in "$name"
        [[ $name == @* ]] || echo "$name"
    done
}

# allowed_by UNIT - print the system calls that its lines SystemCallFilter= allow in the end
allowed_by() {
    local line entry name
    local -A allowed=()
    while read -r line; do
        for entry in ${line#\~}; do
            for name in $([[ $entry == @* ]] && calls_in "$entry" || echo "$entry"); do
                [[ $line == \~* ]] && unset "allowed[$name]" || allowed[$name]=1
            done
        done
    done < <(sed -n 's/^SystemCallFilter=//p' "$1")
    printf '%s\n' "${!allowed[@]}" | sort
}

# calls_of TRACE - print the system calls that were made after execve(2)
calls_of() {
    sed -nE 's/^([0-9]+ +)?([a-z0-9_]+)\(.*/\2/p' "$1" | grep -v '^execve$' | sort -u
}

# Nobody here runs systemd, but it says what its filters allow.
test_units_allow_what_is_called() {
    need strace systemd-analyze curl
    LOADED+=("$PIN")
    for command in load load unload; do
        strace -f -o "$T/trace.$command" "$HB_LOAD" "$command" --pin-dir "$PIN" >"$T/out" 2>"$T/err"
    done
    cat "$T"/trace.* >"$T/loads"
    load --programs "$PROG"
    LISTEN=()
    start strace -f -o "$T/served" "$HB_READ" serve --pin-dir "$PIN" --gc-interval 1 --listen "unix:$T/socket"
    wait_for 10 "the server" socket_gauge_is "$T/socket" 0
    for path in / /activity /healthz; do
        fetch_from "$T/socket" "http://localhost$path" >"$T/body"
    done
    sleep 2.2
    kill "$(pgrep -P "$STARTED")"
    finish "$STARTED"
    same "calls that hb-load.service forbids" "" \
        "$(comm -23 <(calls_of "$T/loads") <(allowed_by "$LIB_ROOT/loader/hb-load.service") | paste -sd' ')"
    # The sockets come from systemd.
    same "calls that hb-read.service forbids" "" \
        "$(comm -23 <(calls_of "$T/served") <(allowed_by "$LIB_ROOT/reader/hb-read.service") | paste -sd' ')"
}
