# shellcheck shell=bash
# shellcheck disable=SC2153
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What README.md tells a newcomer to try: make run, and make demo.

# They would build the same files, if there was something to build.
ALONE+=(test_make_run_until_ctrl_c test_make_demo)

try_make() {
    make --no-print-directory -C "$LIB_ROOT" BUILD="$BUILD" "$@"
}

try_shows() {
    keys_tmux capture-pane -p -S - -t s:try >"$T/screen"
    grep -qE -e "$1" "$T/screen"
}

try_has_ended() {
    [ "$(keys_tmux display-message -p -t s:try '#{pane_dead}')" = 1 ]
}

test_make_run_until_ctrl_c() {
    local pid
    need make cc clang vim
    keys_begin
    # Its own place is the usual one: here alone, the file system there is a new one.
    mount -t bpf -o mode=0700 bpf /sys/fs/bpf
    keys_tmux new-window -d -c "$LIB_ROOT" -t s: -n try \
        make --no-print-directory BUILD="$BUILD" run
    wait_for 60 "make run" try_shows "Press Ctrl-C to stop"
    [ -e /sys/fs/bpf/heartbeat/meta ] || fail "nothing is loaded"
    keys_open vim j vim --clean -n "$T/text"
    keys_wait vim "line 2 of"
    pid=${KEYS_PIDS[vim]}
    keys_tmux send-keys -t "${KEYS_IDS[vim]}" j
    wait_for 5 "a line of vim" try_shows "^[0-9]{19} - $pid\$"
    keys_tmux send-keys -t s:try C-c
    wait_for 10 "the unloading" try_shows "run: unloaded$"
    wait_for 5 "the end" try_has_ended
    [ ! -e /sys/fs/bpf/heartbeat ] || fail "the pins are left"
    umount /sys/fs/bpf
}

test_make_demo() {
    local began=$SECONDS
    need make cc clang vim tmux curl
    exits 0 try_make demo
    at_most "seconds" 60 $((SECONDS - began))
    says "$T/out" "^[0-9]{19} - [0-9]+\$"
    says "$T/out" "^key: .*  value: 01\$"
    says "$T/out" "^gitpod_acitivity_heartbeat_currently_considered_pids [1-9]"
    says "$T/out" "^[1-9][0-9]* heartbeats of vim, pid [0-9]+\$"
}
