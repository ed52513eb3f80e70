# shellcheck shell=bash
# shellcheck disable=SC2153
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Editors, pagers and shells, as they are, in a terminal: each key is a beat, and idleness is none.

DEPENDS=hook

# --- The ten ------------------------------------------------------------------------------------

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
    KEYS_PIDS[less]=$(<"$T/less.pid")
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
    keys_load "$1" any --programs 'tmux,"tmux: server"'
    keys_load "$1" keys --programs 'tmux,"tmux: server"'
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
    keys_measure "$KEYS_FEW" "$KEYS_IDLE_SHORT"
}

test_keys_tracepoint_started_before() {
    keys_started_before tracepoint
}

test_keys_fentry_started_before() {
    keys_started_before fentry
}
