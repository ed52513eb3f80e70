# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Programs in a terminal, and keys typed there: what the tests beside this share.
#
# They run side by side, each in a window of a tmux of ours, under several rules at a time: each rule
# is loaded at a place of its own, with a reader of its own.

KEYS=23
# Seconds from key to key; an editor on a slow machine must not find two of them at once.
KEYS_PACE=$(awk -v slow="$HB_TEST_SLOW" 'BEGIN { print 0.06 * slow }')
KEYS_IDLE=10
# Where the question is another: whether it works for a program at all.
KEYS_FEW=7
KEYS_IDLE_SHORT=3
# What a machine of any speed gets to start an editor.
KEYS_PATIENCE=60

# --- The terminal -------------------------------------------------------------------------------

keys_tmux() {
    tmux -L keys -f /dev/null "$@"
}

# Start the tmux, which ends with the test; -N: and no other, were it slow.
keys_begin() {
    need tmux
    export HOME=$T/home TMUX_TMPDIR=$T TERM=screen SHELL=/bin/sh
    unset TMUX
    mkdir "$HOME"
    start tmux -D -L keys -f /dev/null
    wait_for 10 "tmux" keys_tmux -N new-session -d -x 100 -y 30 -c "$T" -s s -n idle sleep 1000
    keys_tmux set-option -g remain-on-exit on
    KEYS_TMUX=$STARTED
    seq -f 'line %g of the text' 1 5000 >"$T/text"
    sed '1s/^/other /' "$T/text" >"$T/text2"
    declare -gA KEYS_IDS=() KEYS_PIDS=() KEYS_KEYS=() KEYS_NOW=() KEYS_BEFORE=() KEYS_MISSED=()
    KEYS_WINDOWS=()
    KEYS_PINS=()
}

# keys_open WINDOW KEY COMMAND... - the key is what is typed there
keys_open() {
    local window=$1 key=$2
    shift 2
    KEYS_WINDOWS+=("$window")
    read -r KEYS_IDS["$window"] KEYS_PIDS["$window"] < <(
        keys_tmux new-window -d -P -c "$T" -F '#{window_id} #{pane_pid}' -t s: -n "$window" "$@"
    )
    KEYS_KEYS["$window"]=$key
}

# keys_open_if WINDOW KEY COMMAND... - the same, where there is such a command
keys_open_if() {
    command -v "$3" >/dev/null || {
        echo "there is no $3 here"
        return 0
    }
    keys_open "$@"
}

keys_screen() {
    keys_tmux capture-pane -p -t "${KEYS_IDS[$1]}"
}

# A line on its screen matches. (Without a process for each look: there are many.)
keys_shows() {
    local line
    while IFS= read -r line; do
        [[ ! $line =~ $2 ]] || return 0
    done <<<"$(keys_screen "$1")"
    return 1
}

# keys_wait WINDOW PATTERN
keys_wait() {
    within "$KEYS_PATIENCE" keys_shows "$1" "$2" ||
        fail "$1: no '$2' on the screen within $KEYS_PATIENCE s: $(keys_screen "$1" | head -n 5 | tr '\n' '|')"
}

# Type the key of each window, once, in all of them.
keys_type() {
    local window key
    local -a commands=()
    for window in "${KEYS_WINDOWS[@]}"; do
        for key in ${KEYS_KEYS[$window]}; do
            commands+=(send-keys -t "${KEYS_IDS[$window]}" "$key" ';')
        done
    done
    keys_tmux "${commands[@]}"
}

# --- What is loaded -----------------------------------------------------------------------------

# keys_load HOOK RULE [ARGUMENT]... - at a place of its own, with a reader; or skip the test
keys_load() {
    local hook=$1 rule=$2
    local PIN=${PIN}_$rule
    shift 2
    LOADED+=("$PIN")
    "$HB_LOAD" load --pin-dir "$PIN" --hook "$hook" --rule "$rule" "$@" >"$T/load.out" 2>"$T/load.err" ||
        skip "no hook $hook: $(tail -n 1 "$T/load.err")"
    "$BUILD/tests/ids" list "$PIN" >>"$TOP/ids"
    start_reader "$rule"
    KEYS_PINS+=("$rule")
}

keys_last_key() {
    "$BUILD/tests/pinned" "${PIN}_$1" process "${KEYS_PIDS[$2]}" | sed -n 's/.* last_key=\([0-9]*\) .*/\1/p'
}

# The beats of all windows by all rules: KEYS_NOW[RULE:WINDOW]
keys_count() {
    local rule window count pid
    KEYS_NOW=()
    for rule in "${KEYS_PINS[@]}"; do
        local -A of=()
        while read -r count pid; do
            of[$pid]=$count
        done < <(awk 'NF == 3 { n[$3]++ } END { for (pid in n) print n[pid], pid }' "$T/$rule.out")
        for window in "${KEYS_WINDOWS[@]}"; do
            KEYS_NOW[$rule:$window]=${of[${KEYS_PIDS[$window]}]-0}
        done
    done
}

# What is counted from now on.
keys_mark() {
    local which
    keys_count
    for which in "${!KEYS_NOW[@]}"; do
        KEYS_BEFORE[$which]=${KEYS_NOW[$which]}
    done
    for which in "${KEYS_PINS[@]}"; do
        KEYS_MISSED[$which]=$(keys_missed "$which")
    done
}

# keys_missed RULE - reads that the kernel hid from the hooks, as it says: some that preempt BPF do
keys_missed() {
    local PIN=${PIN}_$1
    missed
}

# keys_lack NUMBER - the windows that have fewer beats since the mark, with what the kernel hid
keys_lack() {
    local rule window count hidden
    keys_count
    for rule in "${KEYS_PINS[@]}"; do
        hidden=
        for window in "${KEYS_WINDOWS[@]}"; do
            count=$((${KEYS_NOW[$rule:$window]} - ${KEYS_BEFORE[$rule:$window]}))
            [ "$count" -lt "$1" ] || continue
            [ -n "$hidden" ] || hidden=$(($(keys_missed "$rule") - ${KEYS_MISSED[$rule]}))
            [ $((count + hidden)) -ge "$1" ] || echo "$window has $count by rule $rule, $hidden hidden"
        done
    done
}

keys_have() {
    [ -z "$(keys_lack "$1")" ]
}

# Wait until nothing comes for a while: terminals answer questions at the start of an editor.
keys_quiet() {
    local before i
    for ((i = 0; i < 20; i++)); do
        keys_count
        before=${KEYS_NOW[*]}
        sleep 1.5
        keys_count
        [ "$before" != "${KEYS_NOW[*]}" ] || return 0
    done
    fail "beats without keys, all the time: $(declare -p KEYS_NOW)"
}

# --- Measuring ----------------------------------------------------------------------------------

# keys_measure [KEYS [SECONDS]] - keys at least 60 ms apart, then so long nothing. A key that comes while a
# program is late would be read with the one before.
keys_measure() {
    local i keys=${1:-$KEYS} idle=${2:-$KEYS_IDLE}
    keys_mark
    for ((i = 1; i <= keys; i++)); do
        keys_type
        within 5 keys_have "$i" || fail "at key $i of $keys: $(keys_lack "$i" | paste -sd,)"
        pause "$KEYS_PACE"
    done
    sleep 0.5
    keys_idle "$idle"
}

# keys_idle SECONDS - no beat
keys_idle() {
    local which
    keys_mark
    sleep "$1"
    keys_count
    for which in "${!KEYS_NOW[@]}"; do
        same "beats of $which in $1 idle seconds" "${KEYS_BEFORE[$which]}" "${KEYS_NOW[$which]}"
    done
}
