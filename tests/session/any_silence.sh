# shellcheck shell=bash
# shellcheck disable=SC2153
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Any program (`*`), and no key: what programs write, and what daemons read, is no activity.

DEPENDS=hook
# Under fentry, what others attach meanwhile hides the key that each program waits for.
ALONE+=(test_any_tracepoint_silence test_any_fentry_silence)

any_write_on() {
    local i
    for ((i = 0; ; i++)); do
        echo "more $i"
        sleep 0.05
    done >>"$T/log"
}

# What passes lines on, as a daemon does: from a socket or pipe, without a terminal.
any_daemon() {
    exec setsid sh -c "tail -n +1 --pid=$TEST_PID -f '$T/log' | sh -c 'echo \$\$ >$T/daemon; exec cat'" </dev/null >/dev/null 2>&1
}

any_of_silence() {
    local window i
    keys_begin
    seq -f 'entry %g' 1 100 >"$T/log"
    start any_write_on
    any_load "$1"
    # A shell whose prompt is drawn again: by a job, beside what that prints, and at each new size.
    cat >"$T/rc" <<-'END'
		PS1='prompt> '
		PROMPT_COMMAND='echo command $((++commands))'
		(while sleep 0.2; do
		    printf 'job\n%s prompt> ' "$((++drawn))"
		    kill -WINCH $$ || exit
		done) &
	END
    keys_open shell x bash --rcfile "$T/rc"
    keys_open noise x sh -c "while :; do echo noise; sleep 0.02; done"
    # shellcheck disable=SC2016
    keys_open less j sh -c 'tail -n +1 -f "$1" | sh -c "echo \$\$ >$2; exec less"' sh "$T/log" "$T/less"
    keys_open follow F sh -c 'tail -n +1 -f "$1" | sh -c "echo \$\$ >$2; exec less +F"' sh "$T/log" "$T/follow"
    start any_daemon
    keys_wait shell "prompt>"
    keys_wait noise "noise"
    keys_wait less "entry 2\$"
    keys_wait follow "more [0-9]+\$"
    any_process less "$(<"$T/less")"
    any_process follow "$(<"$T/follow")"
    wait_for 5 "the daemon" any_is_written "$T/daemon"
    any_also daemon "$(<"$T/daemon")"
    # It reads what all of them write.
    any_also emulator "$KEYS_TMUX"
    any_settle
    keys_mark
    for ((i = 0; i < 10; i++)); do
        for window in shell noise less; do
            keys_tmux resize-window -t "${KEYS_IDS[$window]}" -x $((90 + i % 2)) -y $((25 + i % 3))
        done
        pause 0.2
    done
    keys_idle "$ANY_IDLE"
    for window in shell noise less follow daemon emulator; do
        keys_count
        same "record of $window" none "$("$BUILD/tests/pinned" "$ANY_PIN" process "${KEYS_PIDS[$window]}")"
    done
    # It still counts: and after the key, the prompt goes on and the shell is idle.
    any_expect shell less
    keys_mark
    keys_tmux send-keys -t "${KEYS_IDS[shell]}" x
    keys_tmux send-keys -t "${KEYS_IDS[less]}" j
    within 5 any_have 1 || fail "no beat at a key: $(any_say) less shows $(keys_screen less | tail -n 3 | tr '\n' '|')"
    exits 0 any_read idle 60 --pid "${KEYS_PIDS[shell]}"
    sleep 3.5
    for window in shell less; do
        exits 10 any_read idle 3 --pid "${KEYS_PIDS[$window]}"
        says "$T/out" "the last key, read by"
    done
    any_goes_on shell "[0-9]+ prompt>"
    any_goes_on noise noise
    any_goes_on follow "more [0-9]+"
}

any_differs() {
    [ "$(keys_screen "$1")" != "$2" ]
}

# any_goes_on WINDOW - had it been idle itself, the test would prove nothing
any_goes_on() {
    keys_tmux clear-history -t "${KEYS_IDS[$1]}"
    wait_for 5 "output of $1" keys_shows "$1" "$2"
    [ "$1" = noise ] || within 5 any_differs "$1" "$(keys_screen "$1")" || fail "$1 writes nothing"
}

test_any_tracepoint_silence() {
    any_of_silence tracepoint
}

test_any_fentry_silence() {
    any_of_silence fentry
}
