# shellcheck shell=bash
# shellcheck disable=SC2153
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Any program (`*`), where one key is read by two: tmux and ssh, and the shells inside.

DEPENDS=hook

# The client of tmux hands its terminal to the server: that reads the key, and the shell inside reads it
# again from a terminal of its own. The server calls readv(2), which hook tracepoint does not see.
any_of_tmux() {
    local server window
    local -a counted=(shell)
    [ "$1" = tracepoint ] || counted=(server shell)
    keys_begin
    any_load "$1"
    echo "PS1='inside> '" >"$T/rc"
    keys_open client x env -u TMUX tmux -L inner -f /dev/null new-session bash --rcfile "$T/rc"
    keys_wait client "^inside>"
    server=$(tmux -L inner display-message -p '#{pid}')
    PIDS+=("$server")
    any_also server "$server"
    any_also shell "$(tmux -L inner display-message -p '#{pane_pid}')"
    any_expect "${counted[@]}"
    any_measure
    # Nobody sees the client of a session that is detached; its shell is idle.
    tmux -L inner detach-client
    keys_idle "$ANY_IDLE"
    for window in "${counted[@]}"; do
        exits 10 any_read idle 3 --pid "${KEYS_PIDS[$window]}"
    done
    # Typed by a program: the shell cannot know.
    KEYS_WINDOWS=(server shell)
    keys_mark
    tmux -L inner send-keys x
    any_expect shell
    within 5 any_have 1 || fail "the shell of a detached session has no beat at a key"
    same "beats of the server by a key that a program types" 0 "$(any_beats server)"
}

test_any_tracepoint_tmux() {
    any_of_tmux tracepoint
}

test_any_fentry_tmux() {
    any_of_tmux fentry
}

# any_sshd - a server of our own, that takes a key of our own
any_sshd() {
    local name
    [ -d /run/sshd ] || mkdir -m 0755 /run/sshd
    # Of these files we have copies of our own.
    grep -q '^sshd:' /etc/passwd || echo 'sshd:x:54323:65534::/run/sshd:/bin/false' >>/etc/passwd
    [ ! -e /etc/shadow ] || sed -i 's/^root:[^:]*:/root:*:/' /etc/shadow
    for name in host user; do
        ssh-keygen -q -t ed25519 -N "" -f "$T/$name"
    done
    cat >"$T/sshd_config" <<-END
		ListenAddress 127.0.0.1:$ANY_PORT
		HostKey $T/host
		PidFile none
		AuthorizedKeysFile $T/user.pub
		StrictModes no
		PermitRootLogin yes
		PrintMotd no
		PrintLastLog no
	END
    start "$(command -v sshd)" -D -e -f "$T/sshd_config" 2>"$T/sshd.err"
    ANY_SSHD=$STARTED
    wait_for 10 "sshd" grep -q "Server listening" "$T/sshd.err"
}

any_is_written() {
    [ -s "$1" ]
}

# The client reads the terminal where the keys are typed, the shell the one that sshd makes for it.
any_of_ssh() {
    local ANY_PORT=$((20000 + BASHPID % 10000)) daemon
    need sshd ssh ssh-keygen
    keys_begin
    any_load "$1"
    any_sshd
    echo "PS1='far> '; echo \$\$ >$T/far; echo \$PPID >$T/far.parent" >"$T/rc"
    keys_open client x ssh -F /dev/null -t -i "$T/user" -p "$ANY_PORT" -o StrictHostKeyChecking=no \
        -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR root@127.0.0.1 "exec bash --rcfile $T/rc"
    keys_wait client "^far>"
    wait_for 5 "the far shell" any_is_written "$T/far.parent"
    any_also shell "$(<"$T/far")"
    any_also session "$(<"$T/far.parent")"
    any_also daemon "$ANY_SSHD"
    any_expect client shell
    any_measure
    exits 10 any_read idle 3 --pid "${KEYS_PIDS[client]}"
    exits 10 any_read idle 3 --pid "${KEYS_PIDS[shell]}"
    # Not even a record.
    for daemon in session daemon; do
        same "record of the $daemon" none "$("$BUILD/tests/pinned" "$ANY_PIN" process "${KEYS_PIDS[$daemon]}")"
    done
}

test_any_tracepoint_ssh() {
    any_of_ssh tracepoint
}

test_any_fentry_ssh() {
    any_of_ssh fentry
}
