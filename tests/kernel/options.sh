# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Options of both programs, mostly wrong ones.

# wrong PATTERN COMMAND... - refuse COMMAND as wrong usage, with one line that matches PATTERN
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
        wrong "rule.*stdin, any, keys" "$HB_LOAD" --pin-dir "$PIN" --rule "$value"
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
        wrong "format.*text, json" "$HB_READ" --pin-dir "$PIN" --format "$value"
    done
    for value in "" -1 x 0.05 86401 25h; do
        wrong "gc-interval" "$HB_READ" --pin-dir "$PIN" --gc-interval "$value"
    done
    for value in "" 9090 localhost localhost: : :x example.org:9090 127.0.0.1 127.0.0.1: 127.0.0.1:x 127.0.0.1:65536 1.2.3:80 ::1:9090 "[::1]" \
        "[::1]9090" "[x]:90" unix: "unix:$long" 127.0.0.1:-1; do
        wrong "listen" "$HB_READ" --pin-dir "$PIN" --listen "$value"
        wrong "listen" "$HB_READ" serve --pin-dir "$PIN" --listen "$value"
    done
    wrong "listen .*not both" "$HB_READ" --pin-dir "$PIN" --listen none --listen 127.0.0.1:9999
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
        says_not "$T/out" "^.{100}"
        empty "$T/err"
        cp "$T/out" "$T/help"
        exits 0 "$program" help
        same "difference between help and --help" "" "$(diff "$T/help" "$T/out")"
        exits 0 "$program" --version
        says "$T/out" "^${program##*/} [0-9]+\.[0-9]+\.[0-9]+"
        empty "$T/err"
        cp "$T/out" "$T/version"
        exits 0 "$program" version
        same "difference between version and --version" "" "$(diff "$T/version" "$T/out")"
    done
}
