# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Loading and unloading: obstacles, leftovers and costs.

DEPENDS=kernel

test_load_prints_one_line() {
    load --programs "$PROG,${PROG}b"
    same "lines" 1 "$(lines "$T/load.out")"
    says "$T/load.out" "^loaded: hook [a-z]+.*, rule any, programs $PROG,${PROG}b, 8 readers, at $PIN"
    empty "$T/load.err"
}

test_not_loaded() {
    local command
    for command in "" serve list status; do
        refuses "$EXIT_NOT_LOADED" "nothing is loaded at $PIN: run hb-load as root" \
            "$HB_READ" ${command:+"$command"} --pin-dir "$PIN"
    done
    refuses "$EXIT_NOT_LOADED" "nothing is loaded at $PIN" "$HB_LOAD" unload --pin-dir "$PIN"
}

test_unload_leaves_nothing() {
    need bpftool
    bpftool map create "$BPFFS/foreign" type array key 4 value 4 entries 1 name foreign
    load --programs "$PROG" --group "$GROUP"
    beat 11
    "$BUILD/tests/ids" list "$PIN" | sort -u >"$T/ids"
    at_least "programs" 5 "$(grep -c ^prog "$T/ids")"
    at_least "links" 4 "$(grep -c ^link "$T/ids")"
    at_least "maps" 17 "$(grep -c ^map "$T/ids")"
    "$BUILD/tests/ids" alive <"$T/ids" >"$T/alive"
    cmp -s "$T/ids" "$T/alive" || fail "objects that do not exist: $(comm -23 "$T/ids" "$T/alive" | head -n 3)"
    exits 0 "$HB_LOAD" unload --pin-dir "$PIN"
    empty "$T/out"
    empty "$T/err"
    [ ! -e "$PIN" ] || fail "$PIN is still there"
    wait_for 10 "the end of all objects" none_alive
    bpftool map show pinned "$BPFFS/foreign" >"$T/foreign" || fail "the map of somebody else is gone"
    rm "$BPFFS/foreign"
}

none_alive() {
    [ -z "$("$BUILD/tests/ids" alive <"$T/ids")" ]
}

test_unload_keeps_foreign_files() {
    need bpftool
    load --programs "$PROG"
    "$BUILD/tests/ids" list "$PIN" | sort -u >"$T/ids"
    bpftool map create "$PIN/foreign" type array key 4 value 4 entries 1 name foreign
    mkdir "$PIN/readers/mine"
    refuses_some "$EXIT_FAILED" "$PIN.*left alone" "$HB_LOAD" unload --pin-dir "$PIN"
    wait_for 10 "the end of our objects" none_alive
    # It was moved aside with the rest, where it is in the way of nothing.
    [ ! -e "$PIN" ] || fail "$PIN is still there"
    bpftool map show pinned "${PIN}_old/foreign" >"$T/foreign" || fail "the map of somebody else is gone"
    [ -d "${PIN}_old/readers/mine" ] || fail "the directory of somebody else is gone"
    load --programs "$PROG"
    says "$T/load.err" "^hb-load: ${PIN}_old/readers was left alone"
    refuses_some "$EXIT_FAILED" "${PIN}_old.*left alone" "$HB_LOAD" unload --pin-dir "$PIN"
    [ ! -e "$PIN" ] || fail "$PIN is still there after the second unload"
    rm "${PIN}_old/foreign"
    rmdir "${PIN}_old/readers/mine"
    unload
    [ ! -e "${PIN}_old" ] || fail "${PIN}_old is still there"
}

# refuses_some STATUS PATTERN COMMAND... - like refuses, but with any number of lines
refuses_some() {
    local expected=$1 pattern=$2
    shift 2
    exits "$expected" "$@"
    says "$T/err" "$pattern"
}

test_unload_under_readers() {
    load --programs "$PROG"
    start_reader r --gc-interval 1
    unload
    finish "$READER" 5
    same "exit status" "$EXIT_NOT_LOADED" "$STATUS"
    says "$T/r.err" "unloaded: nothing is loaded at $PIN"
}

test_shape_of_considered_pids() {
    need bpftool
    load --max-pids 2000
    bpftool map show pinned "$PIN/considered_pids" >"$T/shape"
    says "$T/shape" "^[0-9]+: hash  name considered_pids  flags"
    says "$T/shape" "key 8B  value 1B  max_entries 2000"
    says_not "$T/shape" "btf_id"
    for map in processes:4096 cgroups:16384 programs: meta:1 stats: ; do
        bpftool map show pinned "$PIN/${map%:*}" >"$T/shape"
        says "$T/shape" "max_entries ${map#*:}"
    done
}

test_other_abi_version() {
    local command
    load --programs "$PROG"
    pinned set-abi 99
    for command in "" serve list status; do
        refuses "$EXIT_FAILED" "$PIN was loaded with ABI version 99, .*hb-load unload" \
            "$HB_READ" ${command:+"$command"} --pin-dir "$PIN"
    done
    refuses "$EXIT_FAILED" "$PIN was loaded with ABI version 99" "$HB_LOAD" --pin-dir "$PIN"
    # The fix that the message names works.
    unload
    load --programs "$PROG"
    exits 0 "$HB_READ" status --pin-dir "$PIN"
}

test_foreign_map_pinned_as_meta() {
    need bpftool
    mkdir "$PIN"
    bpftool map create "$PIN/meta" type hash key 4 value 8 entries 1 name meta
    refuses "$EXIT_FAILED" "$PIN/meta is not one of activity-heartbeat's maps" "$HB_READ" --pin-dir "$PIN"
    rm "$PIN/meta"
    rmdir "$PIN"
}

test_bpffs_is_mounted_if_missing() {
    unshare --mount --propagation private "$BASH" -c '
        mount -t tmpfs tmpfs /sys/fs && mkdir /sys/fs/bpf &&
        "$1" --programs "$2" >"$3/first" 2>&1 &&
        stat -f -c %T /sys/fs/bpf >"$3/type" &&
        "$1" unload && "$1" check' - "$HB_LOAD" "$PROG" "$T" >"$T/check" ||
        fail "$(cat "$T/first" "$T/check")"
    says "$T/first" "mounted a bpf file system at /sys/fs/bpf"
    says "$T/first" "^loaded: .* at /sys/fs/bpf/heartbeat"
    says "$T/check" "^ok +bpf file system"
}

# --- Obstacles ----------------------------------------------------------------------------------

DEPENDS=user

# in_the_way PATTERN - load and check both refuse what is there
in_the_way() {
    refuses "$EXIT_FAILED" "$1" "$HB_LOAD" --pin-dir "$PIN" --programs "$PROG"
    exits "$EXIT_FAILED" "$HB_LOAD" check --pin-dir "$PIN" --programs "$PROG"
    says "$T/out" "^missing +(pin directory|bpf file system): .*$1"
}

test_obstacles_at_the_pin_directory() {
    need bpftool
    bpftool map create "$PIN" type array key 4 value 4 entries 1 name foreign
    in_the_way "$PIN is in the way: it is not a directory"
    refuses "$EXIT_FAILED" "$PIN is in the way" "$HB_LOAD" unload --pin-dir "$PIN"
    bpftool map show pinned "$PIN" >"$T/foreign" || fail "the map of somebody else is gone"
    rm "$PIN"

    bpftool map create "${PIN}_new" type array key 4 value 4 entries 1 name foreign
    in_the_way "${PIN}_new is in the way"
    rm "${PIN}_new"

    mkdir "$PIN"
    in_the_way "$PIN is there, but not complete: run hb-load unload first"
    rmdir "$PIN"

    mkdir "$PIN" && chown "$STRANGER" "$PIN"
    in_the_way "$PIN belongs to user $STRANGER, not to root"
    chown 0 "$PIN" && chmod 0770 "$PIN"
    in_the_way "$PIN is writable by others than root .mode 0770.: chmod go-w $PIN"
    rmdir "$PIN"

    ln -s "$T" "$PIN"
    in_the_way "$PIN is in the way: it is not a directory"
    refuses "$EXIT_FAILED" "$PIN is in the way" "$HB_LOAD" unload --pin-dir "$PIN"
    rm "$PIN"
    [ -d "$T" ] || fail "the link was followed"
}

test_bad_paths_to_the_pin_directory() {
    local pin=$PIN
    mkdir "$T/plain"
    PIN=$T/plain/pins
    in_the_way "$T/plain is not on a bpf file system: mount -t bpf bpf $T/plain"
    PIN=$T/missing/pins
    in_the_way "$T/missing: No such file or directory: make it first"
    ln -s "$BPFFS" "$T/link"
    PIN=$T/link/pins
    in_the_way "$T/link is a symbolic link"
    rm "$T/link"
    mkdir "$BPFFS/his" && chown "$STRANGER" "$BPFFS/his"
    PIN=$BPFFS/his/pins
    in_the_way "$BPFFS/his belongs to user $STRANGER"
    chown 0 "$BPFFS/his" && chmod 0777 "$BPFFS/his"
    in_the_way "$BPFFS/his is writable by others"
    chmod 1777 "$BPFFS/his"
    load --programs "$PROG"
    unload
    rmdir "$BPFFS/his"
    PIN=$pin
}
