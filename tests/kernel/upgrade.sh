# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Loading again while everything keeps running.

DEPENDS=kernel

# Make a second build with different BPF programs. OTHER is its hb-load.
build_other() {
    OTHER=$BUILD/other/hb-load
    if command -v make >/dev/null && command -v clang >/dev/null && [ -e "$LIB_ROOT/Makefile" ]; then
        make -s -C "$LIB_ROOT" BUILD="$BUILD" other-program ||
            fail "the second build failed"
    elif [ ! -x "$OTHER" ]; then
        skip "there is no second build, and no compiler to make one"
    fi
}

# Print the tags of the programs at $PIN, which are hashes of their instructions.
tags() {
    local id
    for id in $("$BUILD/tests/ids" list "$PIN" | sed -n 's/^prog //p' | sort -un); do
        bpftool prog show id "$id" | sed -n 's/.*name \([a-z_]*\) .*tag \([0-9a-f]*\).*/\1 \2/p'
    done | sort
}

map_of() {
    bpftool map show pinned "$PIN/$1" | sed -n '1s/:.*//p'
}

test_upgrades_in_mid_stream() {
    local round program list rule before total lost missed reads map old pace=10
    # The beater spins for shorter waits.
    [ "$HB_TEST_SLOW" = 1 ] || pace=250
    need bpftool
    build_other
    load --programs "$PROG" --ring-size 4194304
    old=$(tags)
    map=$(map_of considered_pids)
    start_reader r
    before=$(missed)
    start_beater "$PROG" --pace-us "$pace" 0
    go "$BEATER"
    for ((round = 1; round <= (20 + HB_TEST_SLOW) / HB_TEST_SLOW; round++)); do
        program=$HB_LOAD list=$PROG rule=stdin
        [ $((round % 2)) = 0 ] || program=$OTHER
        [ $((round % 3)) = 0 ] || list=$PROG,${PROG}x
        [ $((round % 4)) -lt 2 ] || rule=any
        load_with "$program" --programs "$list" --rule "$rule"
        says "$T/load.out" "^updated: "
        says <(pinned meta) " rule=$([ "$rule" = stdin ] && echo 0 || echo 1) "
        same "list" "${list//,/ }" "$(pinned programs | sort | paste -sd' ')"
        if [ "$round" = 1 ]; then
            says <(pinned meta) "build=0.0.0-other"
            [ "$old" != "$(tags)" ] || fail "the programs of the two builds are the same"
        fi
    done
    end "$BEATER"
    reads=$(reads_of "$PROG")
    at_least "reads" $((500000 / pace / HB_TEST_SLOW)) "$reads"
    kill -0 "$READER" || fail "the reader has ended"
    end "$READER"
    same "exit status of the reader" 0 "$STATUS"
    total=$(beats)
    missed=$(($(missed) - before))
    lost=$(said_lost r)
    echo "reads $reads, beats $total, missed $missed, lines $(lines "$T/r.out"), lost $lost"
    # Some of the missed reads may be those of other programs.
    at_most "beats" "$reads" "$total"
    at_least "beats ($total) and missed ($missed)" "$reads" $((total + missed))
    same "lines and lost ($lost)" "$total" $(($(lines "$T/r.out") + lost))
    same "map considered_pids" "$map" "$(map_of considered_pids)"
}

test_upgrade_keeps_what_is_known() {
    local before
    load --programs "$PROG"
    start_beater "$PROG" --hold 101
    go "$BEATER"
    wait_for 5 "the reads" has_read "$PROG" 101
    before=$(pinned process "$BEATER")
    load --programs "$PROG,${PROG}b"
    same "record" "$before" "$(pinned process "$BEATER")"
    same "beats" 101 "$(beats)"
    same "verdict" 1 "$(pinned verdict "$BEATER")"
}

test_other_sizes_are_refused() {
    local option
    load --programs "$PROG"
    start_reader r
    for option in --readers=4 "--ring-size=$(getconf PAGESIZE)" --max-pids=1000; do
        refuses "$EXIT_FAILED" "${option%=*} .*hb-load unload" "$HB_LOAD" --pin-dir "$PIN" --programs "$PROG" "$option"
    done
    # The sizes that are loaded already are accepted.
    load --programs "$PROG" --readers 8 --ring-size 131072 --max-pids 32768
    beat 7
    wait_for 5 "lines" has_lines "$T/r.out" 7
}

test_loads_at_the_same_time() {
    local i
    local -a loads=()
    LOADED+=("$PIN")
    for i in 1 2 3 4; do
        start "$HB_LOAD" --pin-dir "$PIN" --programs "$PROG" >"$T/load$i.out" 2>"$T/load$i.err"
        loads+=("$STARTED")
    done
    for i in "${loads[@]}"; do
        finish "$i" 30
        same "exit status" 0 "$STATUS"
    done
    "$BUILD/tests/ids" list "$PIN" >>"$TOP/ids"
    same "runs that loaded" 1 "$(cat "$T"/load?.out | grep -c "^loaded")"
    same "runs that updated" 3 "$(cat "$T"/load?.out | grep -c "^updated")"
    beat 11
    same "beats" 11 "$(beats)"
}

# A load that is killed at any moment leaves the old state or the new one, and the next load succeeds.
test_killed_loads() {
    local round ms
    local -a delays=(1 2 4 6 8 10 12 14 17 20 30)
    [ "$HB_TEST_SLOW" = 1 ] || delays=(2 6 10 14 20 30)
    for round in 1 2; do
        for ms in "${delays[@]}"; do
            # A slow machine takes even longer than its factor says.
            ms=$((ms * HB_TEST_SLOW * HB_TEST_SLOW))
            LOADED+=("$PIN")
            start "$HB_LOAD" --pin-dir "$PIN" --programs "$PROG" >"$T/killed.out" 2>"$T/killed.err"
            sleep "$((ms / 1000)).$(printf '%03d' $((ms % 1000)))"
            kill -KILL "$STARTED" 2>/dev/null || true
            finish "$STARTED"
            if [ -e "$PIN" ]; then
                exits 0 "$HB_READ" status --pin-dir "$PIN"
                "$BUILD/tests/ids" list "$PIN" >>"$TOP/ids"
            else
                exits "$EXIT_NOT_LOADED" "$HB_READ" status --pin-dir "$PIN"
            fi
            # The second round kills upgrades.
            if [ "$round" = 1 ]; then
                [ ! -e "$PIN" ] || unload
            else
                load --programs "$PROG"
                beat 3
            fi
        done
        load --programs "$PROG"
        [ ! -e "${PIN}_new" ] || fail "there are leftovers at ${PIN}_new"
        beat 7
        at_least "beats" 7 "$(beats)"
    done
    same "beats" $((7 + ${#delays[@]} * 3 + 7)) "$(beats)"
}
