# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Editors, pagers and shells, as they are, in a terminal: each key is a beat, and idleness is none.
#
# They run side by side, each in a window of a tmux of ours, under several rules at a time: each rule
# is loaded at a place of its own, with a reader of its own.

DEPENDS=hook

KEYS=23
# Seconds from key to key; an editor on a slow machine must not find two of them at once.
KEYS_PACE=$(awk -v slow="$HB_TEST_SLOW" 'BEGIN { print 0.06 * slow }')
KEYS_IDLE=10
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
    declare -gA KEYS_IDS=() KEYS_PIDS=() KEYS_BEFORE=()
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
    declare -g "KEYS_KEY_${window//[^a-z0-9]/_}=$key"
}

keys_key() {
    local name=KEYS_KEY_${1//[^a-z0-9]/_}
    echo "${!name}"
}

keys_screen() {
    keys_tmux capture-pane -p -t "${KEYS_IDS[$1]}"
}

# It shows the text, or what it says instead. (No pipe: grep would not wait for its end.)
keys_shows() {
    grep -qE -e "$2" <<<"$(keys_screen "$1")"
}

# keys_wait WINDOW PATTERN
keys_wait() {
    wait_for "$KEYS_PATIENCE" "$1 with '$2' on the screen ($(keys_screen "$1" | head -n 5 | tr '\n' '|'))" \
        keys_shows "$1" "$2"
}

# Type the key of each window, once, in all of them.
keys_type() {
    local window key
    local -a commands=()
    for window in "${KEYS_WINDOWS[@]}"; do
        for key in $(keys_key "$window"); do
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

# keys_beats RULE WINDOW
keys_beats() {
    grep -c " - ${KEYS_PIDS[$2]}\$" "$T/$1.out" || true
}

keys_last_key() {
    "$BUILD/tests/pinned" "${PIN}_$1" process "${KEYS_PIDS[$2]}" | sed -n 's/.* last_key=\([0-9]*\) .*/\1/p'
}

keys_mark() {
    local rule window
    for rule in "${KEYS_PINS[@]}"; do
        KEYS_BEFORE[$rule]=$(keys_missed "$rule")
        for window in "${KEYS_WINDOWS[@]}"; do
            KEYS_BEFORE[$rule:$window]=$(keys_beats "$rule" "$window")
        done
    done
}

keys_since() {
    local now
    now=$(keys_beats "$1" "$2")
    echo $((now - ${KEYS_BEFORE[$1:$2]}))
}

# keys_missed RULE - reads that the kernel hid from the hooks, as it says: some that preempt BPF do
keys_missed() {
    local PIN=${PIN}_$1
    missed
}

# keys_lack NUMBER - the windows that have fewer beats since the mark, with what the kernel hid
keys_lack() {
    local rule window count hidden
    for rule in "${KEYS_PINS[@]}"; do
        hidden=
        for window in "${KEYS_WINDOWS[@]}"; do
            count=$(keys_since "$rule" "$window")
            [ "$count" -lt "$1" ] || continue
            [ -n "$hidden" ] || hidden=$(($(keys_missed "$rule") - KEYS_BEFORE[$rule]))
            [ $((count + hidden)) -ge "$1" ] || echo "$window has $count by rule $rule, $hidden hidden"
        done
    done
}

keys_have() {
    [ -z "$(keys_lack "$1")" ]
}

# Nothing at all for so long: terminals answer questions at the start of an editor.
keys_quiet() {
    local rule before after
    for ((i = 0; i < 20; i++)); do
        before=$(cat "$T"/*.out | wc -l)
        sleep 1.5
        after=$(cat "$T"/*.out | wc -l)
        [ "$before" != "$after" ] || return 0
    done
    fail "beats without keys, all the time: $(for rule in "${KEYS_PINS[@]}"; do tail -n 3 "$T/$rule.out"; done | tr '\n' '|') of $(declare -p KEYS_PIDS)"
}

# --- The test -----------------------------------------------------------------------------------

# One key, then the others 60 ms apart, then nothing.
keys_measure() {
    local i
    keys_mark
    keys_type
    within 5 keys_have 1 || fail "no beat at the first key: $(keys_lack 1 | paste -sd,)"
    for ((i = 1; i < KEYS; i++)); do
        sleep "$KEYS_PACE"
        keys_type
    done
    within 5 keys_have "$KEYS" || fail "of $KEYS keys: $(keys_lack "$KEYS" | paste -sd,)"
    sleep 0.5
    keys_idle "$KEYS_IDLE"
}

# keys_idle SECONDS - no beat
keys_idle() {
    local rule window count
    keys_mark
    sleep "$1"
    for rule in "${KEYS_PINS[@]}"; do
        for window in "${KEYS_WINDOWS[@]}"; do
            count=$(keys_since "$rule" "$window")
            same "beats of $window in $1 idle seconds, rule $rule" 0 "$count"
        done
    done
}

keys_of_the_ten() {
    local window
    need nvim nano vim ed vi more less vimdiff tilde
    # It does not fit into a virtual machine's initramfs.
    [ "$HB_TEST_SLOW" != 1 ] || need emacs
    keys_begin
    keys_load "$1" any
    keys_load "$1" keys
    # Some of them take locks.
    for window in nano emacs tilde; do
        cp "$T/text" "$T/text.$window"
    done
    keys_open nvim j nvim --clean -n "$T/text"
    keys_open nano x nano --ignorercfiles "$T/text.nano"
    keys_open vim j vim --clean -n "$T/text"
    keys_open ed "p Enter" ed "$T/text"
    keys_open vi j vi --clean -n "$T/text"
    keys_open_if emacs C-n emacs -nw -Q "$T/text.emacs"
    keys_open more Enter more "$T/text"
    keys_open less j less "$T/text"
    keys_open vimdiff j vimdiff --clean -n "$T/text" "$T/text2"
    keys_open tilde x tilde "$T/text.tilde"
    for window in "${KEYS_WINDOWS[@]}"; do
        keys_wait "$window" "line 2 of|^$(stat -c %s "$T/text")\$"
    done
    keys_quiet
    keys_measure
}

test_keys_tracepoint_ten_programs() {
    keys_of_the_ten tracepoint
}

test_keys_fentry_ten_programs() {
    keys_of_the_ten fentry
}

# joe looks for keys several times a second.
keys_of_joe_and_kak() {
    need joe kak
    keys_begin
    keys_load "$1" keys --programs +joe,kak
    keys_open joe x joe "$T/text2"
    keys_open kak j kak -n "$T/text"
    keys_wait joe "line 2 of"
    keys_wait kak "line 2 of"
    keys_quiet
    keys_measure
}

test_keys_tracepoint_joe_and_kak() {
    keys_of_joe_and_kak tracepoint
}

test_keys_fentry_joe_and_kak() {
    keys_of_joe_and_kak fentry
}

# --- Output that goes on ------------------------------------------------------------------------

keys_write_on() {
    local i
    for ((i = 0; ; i++)); do
        echo "more $i"
        sleep 0.05
    done >>"$T/log"
}

keys_of_a_followed_file() {
    local i
    need less tail
    keys_begin
    seq -f 'entry %g' 1 100 >"$T/log"
    start keys_write_on
    keys_load "$1" keys
    # shellcheck disable=SC2016
    keys_open less j sh -c 'tail -n +1 -f "$1" | sh -c "echo \$\$ >$2; exec less"' sh "$T/log" "$T/less.pid"
    keys_wait less "entry 2\$"
    KEYS_PIDS[less]=$(cat "$T/less.pid")
    keys_quiet
    keys_idle 3
    keys_mark
    for ((i = 0; i < 5; i++)); do
        keys_type
        sleep 0.1
    done
    within 5 keys_have 5 || fail "of 5 keys: $(keys_lack 5)"
    # To the end, which never comes: it reads the pipe all the time.
    keys_mark
    keys_tmux send-keys -t "${KEYS_IDS[less]}" F
    within 5 keys_have 1 || fail "no beat at F"
    keys_wait less "more [0-9]+\$"
    keys_idle 3
    # Had it been idle itself, that would prove nothing.
    i=$(keys_screen less | sed -n 's/^more //p' | tail -n 1)
    sleep 0.5
    [ "$(keys_screen less | sed -n 's/^more //p' | tail -n 1)" != "$i" ] || fail "less does not follow"
}

test_keys_tracepoint_followed_file() {
    keys_of_a_followed_file tracepoint
}

test_keys_fentry_followed_file() {
    keys_of_a_followed_file fentry
}

# A job in a window of the editor writes; only what the user types, even to the job, is a key.
keys_beside_a_job() {
    local rule window before
    need vim nvim
    keys_begin
    # shellcheck disable=SC2016
    echo 'i=0; while :; do echo out $i; i=$((i + 1)); sleep 0.05; done' >"$T/job"
    keys_load "$1" any
    keys_load "$1" keys
    keys_open vim x vim --clean -n -c "terminal ++curwin sh $T/job"
    keys_open nvim x nvim --clean -n -c "edit term://sh $T/job" -c startinsert
    for window in vim nvim; do
        keys_wait "$window" "out [0-9]+\$"
    done
    keys_quiet
    declare -A before=()
    for window in vim nvim; do
        for rule in any keys; do
            before[$rule:$window]=$(keys_last_key "$rule" "$window")
        done
    done
    keys_idle 5
    for window in vim nvim; do
        for rule in any keys; do
            same "last key of $window, rule $rule" "${before[$rule:$window]}" "$(keys_last_key "$rule" "$window")"
        done
        keys_tmux send-keys -t "${KEYS_IDS[$window]}" x
        [ "$(keys_screen "$window" | grep -c "out ")" -gt 3 ] || fail "the job in $window has stopped"
    done
    # Both at once, by the same keys as before.
    keys_mark
    keys_type
    within 5 keys_have 1 || fail "no beat at a key: $(keys_lack 1 | paste -sd,)"
    for window in vim nvim; do
        at_least "last key of $window after a key" "$((${before[keys:$window]} + 1))" "$(keys_last_key keys "$window")"
    done
}

test_keys_tracepoint_job_in_an_editor() {
    keys_beside_a_job tracepoint
}

test_keys_fentry_job_in_an_editor() {
    keys_beside_a_job fentry
}

# What shows them is a terminal emulator: it reads what all of them write, but no key.
keys_of_a_terminal_emulator() {
    keys_begin
    keys_open noise x sh -c "while :; do echo noise; sleep 0.01; done"
    KEYS_PIDS[noise]=$KEYS_TMUX
    keys_load "$1" any --programs "tmux,tmux: server"
    keys_load "$1" keys --programs "tmux,tmux: server"
    keys_wait noise "noise\$"
    keys_idle 3
}

test_keys_tracepoint_terminal_emulator() {
    keys_of_a_terminal_emulator tracepoint
}

test_keys_fentry_terminal_emulator() {
    keys_of_a_terminal_emulator fentry
}

# less was there before the hooks, waiting for a key; it must not take more than that one.
keys_started_before() {
    need less vim
    keys_begin
    keys_open less j less "$T/text"
    keys_open vim j vim --clean -n "$T/text"
    keys_wait less "line 2 of"
    keys_wait vim "line 2 of"
    keys_load "$1" any
    keys_load "$1" keys
    keys_quiet
    keys_type
    sleep 0.5
    keys_measure
}

test_keys_tracepoint_started_before() {
    keys_started_before tracepoint
}

test_keys_fentry_started_before() {
    keys_started_before fentry
}

# --- Names --------------------------------------------------------------------------------------

# The lines of README.md: what Debian calls the editors, and what runs in a terminal all day.
KEYS_ALIASES=view,editor,pager,vim.basic,vim.tiny,rview,ex,nano-tiny,rnano,pico,emacs-nox
KEYS_SHELLS=bash,zsh,fish,python3

# keys_same_name WINDOW - the kernel knows it by the name that it was started by
keys_same_name() {
    same "command name of $1" "${2:-$1}" "$(cat "/proc/${KEYS_PIDS[$1]}/comm")"
}

keys_open_if() {
    command -v "$3" >/dev/null || {
        echo "there is no $3 here"
        return 0
    }
    keys_open "$@"
}

test_keys_names_of_editors() {
    local name
    keys_begin
    keys_load auto keys --programs "+$KEYS_ALIASES"
    # joe, if it is that, is never idle by the other rule.
    [[ $(readlink -f "$(command -v editor)") == */joe ]] || keys_load auto any --programs "+$KEYS_ALIASES"
    for name in ${KEYS_ALIASES//,/ }; do
        # Each has a file of its own, since some of them take locks.
        cp "$T/text" "$T/text.$name"
        case $name in
        view | rview | vim.*) keys_open_if "$name" j "$name" --clean -n "$T/text.$name" ;;
        ex) keys_open_if "$name" "p Enter" "$name" --clean -n "$T/text.$name" ;;
        pager) keys_open_if "$name" j "$name" "$T/text.$name" ;;
        emacs*) keys_open_if "$name" C-n "$name" -nw -Q "$T/text.$name" ;;
        *) keys_open_if "$name" x "$name" "$T/text.$name" ;;
        esac
    done
    for name in "${KEYS_WINDOWS[@]}"; do
        [ "$name" != ex ] || continue
        keys_wait "$name" "line 2 of"
        keys_same_name "$name"
    done
    keys_quiet
    keys_measure
}

test_keys_names_of_shells() {
    local name
    keys_begin
    # Not what stands in for them.
    PATH=/usr/bin:/bin
    keys_load auto keys --programs "+$KEYS_SHELLS"
    keys_open_if bash x bash --norc
    keys_open_if zsh x zsh -f
    keys_open_if fish x fish --no-config
    keys_open_if python3 x python3 -q
    for name in "${KEYS_WINDOWS[@]}"; do
        keys_same_name "$name"
    done
    sleep 1
    keys_quiet
    keys_measure
}
