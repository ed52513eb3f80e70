# shellcheck shell=bash
# shellcheck disable=SC2153
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The names under which people start editors and shells. With the best hook that works.

DEPENDS=kernel

# The lines of README.md: what Debian calls the editors, and what runs in a terminal all day.
KEYS_ALIASES=view,editor,pager,vim.basic,vim.tiny,rview,ex,nano-tiny,rnano,pico,emacs-nox
KEYS_SHELLS=bash,zsh,fish,python3

# keys_same_name WINDOW - the kernel knows it by the name that it was started by
keys_same_name() {
    wait_for 10 "$1 by that name" keys_has_name "${KEYS_PIDS[$1]}" "${2:-$1}"
}

# What tmux has forked has its name until it runs the program.
keys_has_name() {
    [ "$(<"/proc/$1/comm")" = "$2" ]
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
    keys_measure "$KEYS_FEW" "$KEYS_IDLE_SHORT"
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
    keys_measure "$KEYS_FEW" "$KEYS_IDLE_SHORT"
}
