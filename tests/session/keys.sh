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
