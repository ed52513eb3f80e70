# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Time namespaces, as restored containers have them: every time is still that of the host.

DEPENDS=kernel

# in_time BOOTTIME [MONOTONIC] - TIME is the start of a command line with these clocks, in seconds ahead.
# Before Linux 6.2 exec does not enter the namespace: the clocks are the host's, whatever
# /proc/self/timens_offsets shows. INSIDE enters it everywhere, by a fork.
in_time() {
    TIME=(unshare --time --boottime "$1" --monotonic "${2:-0}")
    INSIDE=("${TIME[@]}" --fork)
    "${TIME[@]}" true 2>"$T/time" || skip "no time namespace can be made: $(<"$T/time")"
}

# is_now WHAT SECONDS - of unix time: at most 20 s ago, and not in the future
is_now() {
    local now
    now=$(date +%s)
    at_least "$1" $((now - 20 * HB_TEST_SLOW)) "${2%%.*}"
    at_most "$1" "$now" "${2%%.*}"
}

# a_key PROGRAM - a beater of that name reads one key of a terminal
a_key() {
    start_beater "$1" --terminal --type --hold 1
    go "$BEATER"
    wait_for 5 "the key" has_read "$1" 1
}

test_time_idle() {
    local ahead
    load --programs "$PROG"
    a_key "$PROG"
    for ahead in 86400 -5 3000000; do
        in_time "$ahead" 7200
        exits 0 "${TIME[@]}" "$HB_READ" idle 60 --pin-dir "$PIN"
        says "$T/out" "^active: for [0-9]+ s, since "
        exits 0 "${INSIDE[@]}" "$HB_READ" idle 60 --pin-dir "$PIN" --pid "$BEATER" --touch "$T/touched"
        says "$T/out" "^active: for [0-9]+ s, since "
        is_now "the time of the file" "$(stat -c %Y "$T/touched")"
    done
    sleep 2
    for ahead in 0 86400 -5; do
        in_time "$ahead" 7200
        exits 10 "${INSIDE[@]}" "$HB_READ" idle 2 --pin-dir "$PIN"
        says "$T/out" "^idle: for [0-9]+ s"
    done
}

test_time_list_and_explain() {
    local what
    need jq
    in_time 86400 7200
    load --programs "$PROG"
    a_key "$PROG"
    "${INSIDE[@]}" "$HB_READ" list --pin-dir "$PIN" --format json >"$T/body"
    at_most "age in seconds" $((20 * HB_TEST_SLOW)) "$(jq '.age_seconds | floor' "$T/body")"
    for what in last_beat_ns last_key_ns start_ns; do
        is_now "$what" "$(sed "s/.*\"$what\":\([0-9]*\)[0-9]\{9\},.*/\1/" "$T/body")"
    done
    "${INSIDE[@]}" "$HB_READ" list --pin-dir "$PIN" >"$T/list"
    says "$T/list" " [0-9]+s +[^ ]+\$"
    "${INSIDE[@]}" "$HB_READ" explain "$BEATER" --pin-dir "$PIN" >"$T/explained"
    says "$T/explained" "Last key: [0-9]+s ago"
    "${INSIDE[@]}" "$HB_READ" status --pin-dir "$PIN" --format json >"$T/body"
    for what in loaded_at updated_at; do
        is_now "$what" "$(date -d "$(jq -r ".$what" "$T/body")" +%s)"
    done
}

test_time_lines() {
    local reader ahead line
    load --programs "$PROG"
    for ahead in 86400 -5; do
        in_time "$ahead" 7200
        AS=("${TIME[@]}")
        start_reader "r$ahead"
        reader=$READER
        beat 3
        wait_for 5 "the lines" has_lines "$T/r$ahead.out" 3
        end "$reader"
        same "lines" 3 "$(lines "$T/r$ahead.out")"
        while read -r line; do
            is_now "the time of a line" "${line:0:10}"
        done <"$T/r$ahead.out"
        empty "$T/r$ahead.err"
    done
}

test_time_http() {
    local what
    need jq
    in_time 86400 7200
    make_net
    load --programs "$PROG"
    AS=("${NET[@]}" "${TIME[@]}")
    serve
    a_key "$PROG"
    ask_socket /activity >"$T/body"
    at_most "idle seconds" $((20 * HB_TEST_SLOW)) "$(jq '.idle_seconds | floor' "$T/body")"
    for what in as_of last_activity since watching_since; do
        is_now "$what" "$(date -d "$(jq -r ".$what" "$T/body")" +%s)"
    done
    ask_socket /healthz >"$T/body"
    is_now "the last heartbeat" "$(($(jq .lastHeartbeat "$T/body") / 1000))"
    ask_socket /metrics >"$T/body"
    for what in process_start_time_seconds activity_heartbeat_watching_since_timestamp_seconds; do
        is_now "$what" "$(sed -n "s/^$what //p" "$T/body")"
    done
    is_now "the last beat of the program" "$(sed -n "s/^.*last_beat_timestamp_seconds{program=\"$PROG\"} //p" "$T/body")"
}

# What one writes into the maps the other understands, in whatever namespaces the two are.
test_time_load() {
    local loader=$HB_LOAD ahead elsewhere
    need jq
    for ahead in 86400 -5; do
        in_time "$ahead" 7200
        printf '#!%s\nexec %s "%s" "$@"\n' "$BASH" "${INSIDE[*]}" "$loader" >"$T/hb-load"
        chmod +x "$T/hb-load"
        load_with "$T/hb-load" --programs "$PROG"
        for elsewhere in "" "unshare --time --boottime 3600 --fork"; do
            # shellcheck disable=SC2086
            $elsewhere "$HB_READ" status --pin-dir "$PIN" --format json >"$T/body"
            is_now "loaded_at" "$(date -d "$(jq -r .loaded_at "$T/body")" +%s)"
            is_now "updated_at" "$(date -d "$(jq -r .updated_at "$T/body")" +%s)"
            # shellcheck disable=SC2086
            exits 0 $elsewhere "$HB_READ" idle 20 --pin-dir "$PIN"
            says "$T/out" "^active: for [0-9] s, since .*: hb-load ran"
        done
        # Another list, so that the clock starts again.
        load_with "$T/hb-load" --programs "$PROG,other"
        exits 0 "$HB_READ" idle 20 --pin-dir "$PIN"
        says "$T/out" "^active: for [0-9] s, since .*: hb-load ran"
        unload
    done
}

# The program itself may be in one: its start and its keys are the kernel's times.
test_time_of_a_program() {
    in_time 86400 7200
    load --programs "$PROG"
    beater "$PROG"
    start "${TIME[@]}" "$T/bin/$PROG" --wait --terminal --type --hold 1 </dev/zero >"$T/beater.$PROG"
    BEATER=$STARTED
    wait_for 10 "the start of $PROG" says_ready "$T/beater.$PROG"
    exits 0 "$HB_READ" idle 20 --pin-dir "$PIN" --pid "$BEATER"
    go "$BEATER"
    wait_for 5 "the key" has_read "$PROG" 1
    exits 0 "$HB_READ" idle 20 --pin-dir "$PIN" --pid "$BEATER"
    says "$T/out" "^active: for [0-9] s, since .* last key"
    sleep 2
    exits 10 "$HB_READ" idle 2 --pin-dir "$PIN" --pid "$BEATER"
}

# A kernel without time namespaces has no /proc/PID/timens_offsets.
test_time_without_namespaces() {
    load --programs "$PROG"
    a_key "$PROG"
    exits 0 unshare --mount --propagation private "$BASH" -c 'mount -t tmpfs tmpfs /proc && exec "$@"' - \
        "$HB_READ" idle 20 --pin-dir "$PIN"
    says "$T/out" "^active: for [0-9] s, since"
}
