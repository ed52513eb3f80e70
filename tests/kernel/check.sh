# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# hb-load check: take away each requirement in turn, and see that it is named, with a fix.

DEPENDS=kernel

test_check_with_nothing_missing() {
    exits 0 "$HB_LOAD" check --pin-dir "$PIN" --programs "$PROG"
    empty "$T/err"
    says_not "$T/out" "^missing"
    at_least "requirements" 10 "$(grep -cE '^(ok|note) ' "$T/out")"
    [ ! -e "$PIN" ] || fail "check made $PIN"
    load --programs "$PROG"
    exits 0 "$HB_LOAD" check --pin-dir "$PIN" --programs "$PROG"
    says "$T/out" "^ok +pin directory: loaded already"
    exits "$EXIT_FAILED" "$HB_LOAD" check --pin-dir "$PIN" --readers 3
    says "$T/out" "^missing +pin directory: .*--readers.*hb-load unload"
}

# lacks REQUIREMENT PATTERN COMMAND... - run by COMMAND, which takes the requirement away, check names
# it, and loading fails and leaves nothing
lacks() {
    local what=$1 pattern=$2
    shift 2
    local -a options=(--pin-dir "$PIN" --programs "$PROG" ${HB_TEST_HOOK:+--hook "$HB_TEST_HOOK"})
    exits "$EXIT_FAILED" "$@" "$HB_LOAD" check "${options[@]}"
    says "$T/out" "^missing +$what: .*$pattern"
    if "$@" "$HB_LOAD" load "${options[@]}" >"$T/out" 2>"$T/err"; then
        LOADED+=("$PIN")
        fail "hb-load succeeds without $what"
    fi
    at_least "messages without $what" 1 "$(lines "$T/err")"
    [ ! -e "$PIN" ] || fail "loading without $what left $PIN"
    [ ! -e "${PIN}_new" ] || fail "loading without $what left ${PIN}_new"
}

# inside SCRIPT COMMAND... - run COMMAND after SCRIPT has changed mounts, in a namespace for both
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

# Without CAP_SYS_ADMIN, hb-load cannot open a tracefs that is not mounted.
test_check_tracepoints() {
    local -a hidden=(inside '
        for d in /sys/kernel/tracing /sys/kernel/debug; do
            [ ! -d "$d" ] || mount -t tmpfs tmpfs "$d"
        done' setpriv --inh-caps=-all --bounding-set=-sys_admin)
    if "$HB_LOAD" check --pin-dir "$PIN" --programs "$PROG" --hook fentry >/dev/null; then
        exits 0 "${hidden[@]}" "$HB_LOAD" check --pin-dir "$PIN" --programs "$PROG" --hook fentry
        says "$T/out" "^ok +read tracepoint: not needed by hook fentry"
    fi
    HB_TEST_HOOK=tracepoint
    lacks "read tracepoint" "sys_exit_read: .*mount -t tracefs.*CONFIG_FTRACE_SYSCALLS" \
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
