# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# hb-load check: take away each requirement in turn, and see that it is named, with a fix.

DEPENDS=kernel

test_check_with_nothing_missing() {
    exits 0 "$HB_LOAD" check --pin-dir "$PIN" --programs "$PROG"
    empty "$T/err"
    says_not "$T/out" "^missing"
    at_least "requirements" 10 "$(grep -c '^ok ' "$T/out")"
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

# A group that root is in, or that the pins have already, takes no capability.
test_check_right_to_change_the_group() {
    local without=(setpriv --inh-caps=-all --bounding-set=-chown)
    load --programs "$PROG"
    "${without[@]}" "$HB_LOAD" load --pin-dir "$PIN" --programs "$PROG" >"$T/out" || fail "hb-load needs CAP_CHOWN without a group"
    exits "$EXIT_FAILED" "${without[@]}" "$HB_LOAD" check --pin-dir "$PIN" --group "$GROUP"
    says "$T/out" "^missing +pin directory: CAP_CHOWN was taken away from root, who cannot give pins to group $GROUP_ID"
    # It fails before it changes anything.
    refuses "$EXIT_DENIED" "CAP_CHOWN was taken away" "${without[@]}" "$HB_LOAD" load --pin-dir "$PIN" --programs "$PROG,${PROG}b" --group "$GROUP"
    same "listed programs" "$PROG" "$("$HB_READ" status --pin-dir "$PIN" --format json | jq -r '.programs[].name')"
    exits 0 "${without[@]}" --groups "$GROUP_ID" "$HB_LOAD" check --pin-dir "$PIN" --group "$GROUP"
    load --programs "$PROG" --group "$GROUP"
    exits 0 "${without[@]}" "$HB_LOAD" check --pin-dir "$PIN" --group "$GROUP"
    exits 0 "${without[@]}" "$HB_LOAD" load --pin-dir "$PIN" --programs "$PROG" --group "$GROUP"
}

# What a user may not see is untried: root may well have it.
test_check_as_a_user() {
    local what
    as_user "$MEMBER"
    exits "$EXIT_FAILED" "${AS[@]}" "$HB_LOAD" check --pin-dir "$PIN" --programs "$PROG"
    same "missing" 1 "$(grep -c ^missing "$T/out")"
    for what in "lock directory" "bpf file system" "pin directory" "trial load"; do
        says "$T/out" "^untried +$what: needs privileges\$"
    done
    says_not "$T/out" "mount -t|boot a Linux"
    exits "$EXIT_DENIED" "${AS[@]}" "$HB_LOAD" --pin-dir "$PIN" --programs "$PROG"
    says_not "$T/err" "mount -t|boot a Linux"
}

# There root has all capabilities, and no use of them.
test_check_in_a_user_namespace() {
    unshare --user --map-root-user true || skip "no user namespace can be made"
    lacks privileges "this is a user namespace.*run it on the host" unshare --user --map-root-user
    says "$T/err" "this is a user namespace.*run it on the host"
    exits "$EXIT_FAILED" unshare --user --map-root-user "$HB_LOAD" check --pin-dir "$PIN"
    same "missing" 1 "$(grep -c ^missing "$T/out")"
    says_not "$T/out" "boot a Linux|mount -t"
}

# Where a filter forbids bpf(2), no other kernel would help.
test_check_where_bpf_is_forbidden() {
    local -a filtered numbers
    need perl
    case $(uname -m) in
    x86_64) numbers=(157 321) ;;
    aarch64) numbers=(167 280) ;;
    *) skip "the filter needs the numbers of system calls" ;;
    esac
    # shellcheck disable=SC2016
    filtered=(perl -e '
        my ($prctl, $bpf) = splice @ARGV, 0, 2;
        # Load the number of the system call; bpf: EPERM; others: allowed.
        my $code = pack("(SCCL)4", 0x20, 0, 0, 0, 0x15, 0, 1, $bpf, 0x06, 0, 0, 0x00050001, 0x06, 0, 0, 0x7fff0000);
        syscall($prctl + 0, 22, 2, pack("Sx6P", 4, $code), 0, 0) == 0 or die "seccomp: $!";
        exec @ARGV' "${numbers[@]}")
    lacks "BPF program and map types" "forbids bpf\(2\)" "${filtered[@]}"
    exits "$EXIT_FAILED" "${filtered[@]}" "$HB_LOAD" check --pin-dir "$PIN" --programs "$PROG"
    says_not "$T/out" "boot a Linux"
}

test_check_lock() {
    lacks "lock directory" "/run is mounted read-only: mount -o remount,rw /run" inside 'mount -t tmpfs -o ro tmpfs /run'
    says "$T/err" "/run is mounted read-only: mount -o remount,rw /run"
    lacks "lock directory" "activity-heartbeat.lock is in the way: .*remove it" \
        inside 'mount -t tmpfs tmpfs /run && mkdir /run/activity-heartbeat.lock'
    says "$T/err" "activity-heartbeat.lock is in the way: .*remove it"
    # The remedy works.
    exits 0 inside 'mount -t tmpfs -o ro tmpfs /run && mount -o remount,rw /run' \
        "$HB_LOAD" check --pin-dir "$PIN" --programs "$PROG"
}

# hb-load names the process that it waits for.
test_lock_is_held() {
    local lock=/run/activity-heartbeat.lock holder
    need flock
    start flock --no-fork "$lock" sleep 1000
    holder=$STARTED
    wait_for 5 "the lock" is_locked "$lock"
    start "$HB_LOAD" --pin-dir "$PIN" --programs "$PROG" ${HB_TEST_HOOK:+--hook "$HB_TEST_HOOK"} >"$T/load.out" 2>"$T/load.err"
    LOADED+=("$PIN")
    wait_for 5 "the message" has_lines "$T/load.err" 1
    says "$T/load.err" "^hb-load: waiting for hb-load \(pid $holder\) to finish\$"
    [ ! -e "$PIN" ] || fail "hb-load has not waited"
    kill "$holder"
    finish "$STARTED"
    same "exit status" 0 "$STATUS"
    says "$T/load.out" "^loaded: "
}

is_locked() {
    ! flock --nonblock "$1" true
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
    lacks "read tracepoint" "sys_exit_read: .*mount -t tracefs tracefs /sys/kernel/tracing" \
        "${hidden[@]}"
    says "$T/err" "sys_exit_read: .*mount -t tracefs tracefs /sys/kernel/tracing"
    exits "$EXIT_FAILED" "${hidden[@]}" "$HB_LOAD" check --pin-dir "$PIN" --programs "$PROG" --hook tracepoint
    says_not "$T/out" "boot a "
}

test_check_bpf_file_system() {
    local pin=$PIN
    mkdir "$T/plain"
    PIN=$T/plain/pins
    lacks "bpf file system" "mount -t bpf bpf $T/plain"
    PIN=$pin
}

test_check_read_only_bpf_file_system() {
    local mounted=${PIN%/*} remedy
    lacks "bpf file system" "$mounted is mounted read-only: mount -o remount,rw $mounted" \
        inside "mount -o remount,bind,ro $mounted"
    says "$T/err" "$mounted is mounted read-only: mount -o remount,rw $mounted\$"
    exits "$EXIT_FAILED" inside "mount -o remount,bind,ro $mounted" "$HB_LOAD" check --pin-dir "$PIN"
    remedy=$(sed -n 's/^missing .*read-only: //p' "$T/out")
    exits 0 inside "mount -o remount,bind,ro $mounted; $remedy" "$HB_LOAD" check --pin-dir "$PIN" --programs "$PROG"
    # An upgrade needs the same.
    load --programs "$PROG"
    exits "$EXIT_FAILED" inside "mount -o remount,bind,ro $mounted" "$HB_LOAD" check --pin-dir "$PIN"
    refuses "$EXIT_FAILED" "$mounted is mounted read-only: mount -o remount,rw $mounted" \
        inside "mount -o remount,bind,ro $mounted" "$HB_LOAD" --pin-dir "$PIN" ${HB_TEST_HOOK:+--hook "$HB_TEST_HOOK"}
    # So does an unload, which removes nothing.
    refuses "$EXIT_FAILED" "$mounted is mounted read-only: mount -o remount,rw $mounted\$" \
        inside "mount -o remount,bind,ro $mounted" "$HB_LOAD" unload --pin-dir "$PIN"
    exits 0 "$HB_READ" status --pin-dir "$PIN"
    # In a directory of that file system, the remedy still names the mount.
    mkdir -m 0755 "$mounted/hb$$"
    exits "$EXIT_FAILED" inside "mount -o remount,bind,ro $mounted" \
        "$HB_LOAD" check --pin-dir "$mounted/hb$$/pins" --programs "$PROG"
    rmdir "$mounted/hb$$"
    says "$T/out" "^missing +bpf file system: $mounted is mounted read-only: mount -o remount,rw $mounted\$"
}

# Records have names, so nobody needs a mounted hierarchy.
test_check_without_a_mounted_hierarchy() {
    exits 0 inside 'umount --all --lazy --types cgroup2' "$HB_LOAD" check --pin-dir "$PIN" --programs "$PROG"
    same "lines that are not ok" 1 "$(grep -vcE '^(ok|setting) ' "$T/out")"
    says_not "$T/out" "cgroup"
}

# few_kilobytes NUMBER COMMAND... - run COMMAND where so much memory is available
few_kilobytes() {
    printf 'MemTotal: 8000000 kB\nMemFree: 1 kB\nMemAvailable: %s kB\n' "$1" >"$T/meminfo"
    shift
    inside "mount --bind ${T@Q}/meminfo /proc/meminfo" "$@"
}

test_check_memory() {
    # 8 rings of 131072 bytes are 1 MiB.
    lacks memory "8 rings of 131072 bytes take more than half of the available memory, which is 1 MiB: give a smaller" \
        few_kilobytes 2047
    says "$T/err" "8 rings of 131072 bytes take .*: give a smaller --ring-size or fewer --readers"
    refuses "$EXIT_FAILED" "32 rings of 1073741824 bytes take more than half" \
        few_kilobytes 67108863 "$HB_LOAD" --pin-dir "$PIN" --readers 32 --ring-size 1073741824
    # The remedy works.
    exits 0 few_kilobytes 2048 "$HB_LOAD" check --pin-dir "$PIN" --programs "$PROG"
    says "$T/out" "^ok +memory\$"
    exits 0 few_kilobytes 1500 "$HB_LOAD" check --pin-dir "$PIN" --programs "$PROG" --ring-size "$(getconf PAGESIZE)"
    # What is loaded has its rings.
    load --programs "$PROG"
    exits 0 few_kilobytes 100 "$HB_LOAD" check --pin-dir "$PIN" --programs "$PROG"
    exits 0 few_kilobytes 100 "$HB_LOAD" --pin-dir "$PIN" --programs "$PROG" ${HB_TEST_HOOK:+--hook "$HB_TEST_HOOK"}
}

# The verifier has hundreds of lines, which only those who ask twice get to see.
test_check_says_more_when_asked() {
    local option count
    for option in -v -vv; do
        "$HB_LOAD" check --pin-dir "$PIN" --programs "$PROG" --hook auto $option >"$T/out" 2>"$T/err" || fail "check: $(<"$T/err")"
        count=$(grep -c "^hb-load: libbpf: " "$T/err" || true)
        [ "$option" = -v ] || ! grep -q "hook fentry is not available" "$T/out" || at_least "lines of libbpf with $option" 1 "$count"
        [ "$option" = -vv ] || same "lines of libbpf with $option" 0 "$count"
    done
}

DEPENDS=user

test_check_list_of_programs() {
    local list command why="empty program name|not a path|No such file|names no program|not a file|writable by others|belongs to user 1,"
    : >"$T/empty"
    echo "$PROG" >"$T/writable"
    chmod 0666 "$T/writable"
    echo "$PROG" >"$T/foreign"
    chown 1 "$T/foreign"
    mkfifo "$T/pipe"
    for list in "" "a,,b" "/usr/bin/vim" @"$T"/{missing,empty,writable,foreign,pipe} @/dev/{null,zero}; do
        for command in check load; do
            refuses "$EXIT_USAGE" "($why)" "$HB_LOAD" "$command" --pin-dir "$PIN" --programs "$list"
        done
    done
}
