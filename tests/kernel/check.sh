# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2153
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# hb-load check: each need taken away in turn is named, with its fix; and options that are wrong.

EACH_HOOK=1

test_check_finds_all_there() {
    exits 0 "$HB_LOAD" check --pin-dir "$PIN" --programs "$PROG"
    empty "$T/err"
    says_not "$T/out" "^missing"
    at_least "needs" 10 "$(grep -cE '^(ok|note) ' "$T/out")"
    [ ! -e "$PIN" ] || fail "check made $PIN"
    load --programs "$PROG"
    exits 0 "$HB_LOAD" check --pin-dir "$PIN" --programs "$PROG"
    says "$T/out" "^ok +pin directory: loaded already"
    exits "$EXIT_FAILED" "$HB_LOAD" check --pin-dir "$PIN" --readers 3
    says "$T/out" "^missing +pin directory: .*--readers.*hb-load unload"
}

# lacks NEED PATTERN COMMAND... - in the surroundings that COMMAND makes, check names the need, and
# loading fails and leaves nothing
lacks() {
    local what=$1 pattern=$2
    shift 2
    local -a options=(--pin-dir "$PIN" --programs "$PROG" ${HB_TEST_HOOK:+--hook "$HB_TEST_HOOK"})
    exits "$EXIT_FAILED" "$@" "$HB_LOAD" check "${options[@]}"
    says "$T/out" "^missing +$what: .*$pattern"
    if "$@" "$HB_LOAD" load "${options[@]}" >"$T/out" 2>"$T/err"; then
        LOADED+=("$PIN")
        fail "it loads without $what"
    fi
    at_least "messages without $what" 1 "$(lines "$T/err")"
    [ ! -e "$PIN" ] || fail "loading without $what left $PIN"
    [ ! -e "${PIN}_new" ] || fail "loading without $what left ${PIN}_new"
}

# inside SCRIPT COMMAND... - where SCRIPT has changed mounts, for COMMAND alone
inside() {
    local script=$1
    shift
    unshare --mount --propagation private "$BASH" -c "$script"' && exec "$@"' - "$@"
}

test_check_privileges() {
    as_user "$MEMBER"
    lacks privileges "user $MEMBER is not root: sudo" "${AS[@]}"
    lacks privileges "CAP_BPF and CAP_PERFMON taken away.*give (it|them) back" \
        setpriv --inh-caps=-all --bounding-set=-sys_admin,-bpf,-perfmon
    lacks privileges "CAP_PERFMON taken away" setpriv --inh-caps=-all --bounding-set=-sys_admin,-perfmon
}

test_check_lock_directory() {
    lacks "lock directory" "/run.*(not writable|Read-only)" inside 'mount -t tmpfs -o ro tmpfs /run'
}

test_check_kernel_type_information() {
    lacks "kernel type information" "/sys/kernel/btf/vmlinux: .*CONFIG_DEBUG_INFO_BTF" \
        inside 'mount -t tmpfs tmpfs /sys/kernel/btf'
}

# Without CAP_SYS_ADMIN hb-load cannot open a tracefs that is mounted nowhere.
test_check_tracepoints() {
    local -a hidden=(inside '
        for d in /sys/kernel/tracing /sys/kernel/debug; do
            [ ! -d "$d" ] || mount -t tmpfs tmpfs "$d"
        done' setpriv --inh-caps=-all --bounding-set=-sys_admin)
    if "$HB_LOAD" check --pin-dir "$PIN" --programs "$PROG" --hook fentry >/dev/null; then
        exits 0 "${hidden[@]}" "$HB_LOAD" check --pin-dir "$PIN" --programs "$PROG" --hook fentry
        says "$T/out" "^ok +read tracepoints: not needed by hook fentry"
    fi
    HB_TEST_HOOK=tracepoint
    lacks "read tracepoints" "sys_enter_read: .*mount -t tracefs.*CONFIG_FTRACE_SYSCALLS" \
        "${hidden[@]}"
}

test_check_bpf_file_system() {
    local pin=$PIN
    mkdir "$T/plain"
    PIN=$T/plain/pins
    lacks "bpf file system" "mount -t bpf bpf $T/plain"
    PIN=$pin
}

test_check_list_of_programs() {
    local list
    for list in "" "a,,b" "/usr/bin/vim" "@$T/missing" "@/dev/null"; do
        exits "$EXIT_FAILED" "$HB_LOAD" check --pin-dir "$PIN" --programs "$list"
        says "$T/out" "^missing +list of programs: .*(empty program name|not a path|No such file|names no program)"
        refuses "$EXIT_USAGE" "(empty program name|not a path|No such file|names no program)" \
            "$HB_LOAD" --pin-dir "$PIN" --programs "$list"
    done
}

test_check_cgroups() {
    exits 0 inside 'umount --all --lazy --types cgroup2' "$HB_LOAD" check --pin-dir "$PIN" --programs "$PROG"
    says "$T/out" "^note +cgroup version 2: .*mount -t cgroup2"
}

# wrong PATTERN COMMAND... - usage: one line that names it
wrong() {
    local pattern=$1
    shift
    refuses "$EXIT_USAGE" "$pattern" "$@"
    empty "$T/out"
}

test_options_of_hb_load() {
    local value long
    long=/$(printf 'x%.0s' {1..600})
    for value in "" 0 33 -1 1.5 x 99999999999999999999; do
        wrong "readers" "$HB_LOAD" --pin-dir "$PIN" --readers "$value"
    done
    for value in "" 0 1000 4095 6000 -4096 x 4294967296; do
        wrong "ring-size" "$HB_LOAD" --pin-dir "$PIN" --ring-size "$value"
    done
    for value in "" 0 -5 x 4194305; do
        wrong "max-pids" "$HB_LOAD" --pin-dir "$PIN" --max-pids "$value"
    done
    for value in "" all KEYS 0; do
        wrong "rule.*stdin, any or keys" "$HB_LOAD" --pin-dir "$PIN" --rule "$value"
    done
    for value in "" kprobe 1; do
        wrong "hook.*auto" "$HB_LOAD" --pin-dir "$PIN" --hook "$value"
    done
    for value in nosuchgroup "" -1; do
        wrong "group.*addgroup" "$HB_LOAD" --pin-dir "$PIN" --group "$value"
    done
    for value in "" relative / "/sys/fs/bpf/a.b" "/sys/fs/bpf/../bpf/x" "$long"; do
        wrong "pin-dir" "$HB_LOAD" --pin-dir "$value"
    done
    wrong "frobnicate" "$HB_LOAD" frobnicate
    wrong "frobnicate" "$HB_LOAD" --frobnicate
    wrong "more" "$HB_LOAD" load more
    wrong "readers" "$HB_LOAD" unload --readers 3
    wrong "readers" "$HB_LOAD" --readers
    [ ! -e "$PIN" ] || fail "something was loaded"
}

test_options_of_hb_read() {
    local value long
    long=/$(printf 'x%.0s' {1..600})
    load --programs "$PROG"
    for value in "" xml JSON; do
        wrong "format.*text or json" "$HB_READ" --pin-dir "$PIN" --format "$value"
    done
    for value in "" -1 x 1.5 86401; do
        wrong "gc-interval" "$HB_READ" --pin-dir "$PIN" --gc-interval "$value"
    done
    for value in "" 9090 localhost:9090 127.0.0.1 127.0.0.1: 127.0.0.1:x 127.0.0.1:65536 1.2.3:80 ::1:9090 "[::1]" \
        "[::1]9090" "[x]:90" unix: "unix:$long" 127.0.0.1:-1; do
        wrong "listen" "$HB_READ" --pin-dir "$PIN" --listen "$value"
        wrong "listen" "$HB_READ" serve --pin-dir "$PIN" --listen "$value"
    done
    wrong "listen none" "$HB_READ" --pin-dir "$PIN" --listen none --listen 127.0.0.1:9999
    for value in "" "$long"; do
        wrong "pin-dir" "$HB_READ" --pin-dir "$value"
    done
    wrong "frobnicate" "$HB_READ" frobnicate
    wrong "frobnicate" "$HB_READ" --frobnicate
    wrong "more" "$HB_READ" list more
    wrong "watch" "$HB_READ" --watch
    wrong "watch.*terminal" "$HB_READ" list --watch --pin-dir "$PIN"
    wrong "gc-interval" "$HB_READ" list --gc-interval 3
    wrong "listen" "$HB_READ" status --listen none
    wrong "format" "$HB_READ" serve --format json
    wrong "format" "$HB_READ" --format
}

test_help_and_version() {
    local program
    for program in "$HB_LOAD" "$HB_READ"; do
        exits 0 "$program" --help
        says "$T/out" "^Usage: "
        empty "$T/err"
        exits 0 "$program" --version
        says "$T/out" "^${program##*/} [0-9]+\.[0-9]+\.[0-9]+"
        empty "$T/err"
    done
}
