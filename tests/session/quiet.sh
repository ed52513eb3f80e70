# shellcheck shell=bash
# shellcheck disable=SC2153
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What nobody typed is no activity, and what somebody typed is, however the program came to be.

DEPENDS=hook

# quiet_load RULE [ARGUMENT]... - with the hook that is tested
quiet_load() {
    keys_load "${HB_TEST_HOOK:-auto}" "$@"
    QUIET_RULE=$1
}

# quiet_idle STATUS SECONDS PATTERN [ARGUMENT]... - other tests may have editors open at the same time:
# ask about a process, or watch names that no other test has
quiet_idle() {
    local status=$1 seconds=$2 pattern=$3
    shift 3
    exits "$status" "$HB_READ" idle "$seconds" --pin-dir "${PIN}_$QUIET_RULE" "$@"
    says "$T/out" "$pattern"
}

quiet_all_idle() {
    local window
    for window in "${KEYS_WINDOWS[@]}"; do
        quiet_idle 10 1 "^idle: .*: the last key, read by $window " --pid "${KEYS_PIDS[$window]}"
    done
}

# The last keys of all windows.
quiet_keys() {
    local window
    for window in "${KEYS_WINDOWS[@]}"; do
        echo "$window $(keys_last_key "$QUIET_RULE" "$window")"
    done
}

test_quiet_windows_of_another_size() {
    local window keys i
    need less nano ed
    keys_begin
    quiet_load any
    cp "$T/text" "$T/text.nano"
    keys_open less j less "$T/text"
    keys_open nano x nano --ignorercfiles "$T/text.nano"
    keys_open ed "p Enter" ed "$T/text"
    for window in "${KEYS_WINDOWS[@]}"; do
        keys_wait "$window" "line 2 of|^$(stat -c %s "$T/text")\$"
    done
    keys_quiet
    # One that waits in read(2) when the hook comes is as good as any.
    keys_measure "$KEYS_FEW" 1
    sleep 1.1
    quiet_all_idle
    keys=$(quiet_keys)
    keys_mark
    for ((i = 0; i < 10; i++)); do
        for window in "${KEYS_WINDOWS[@]}"; do
            keys_tmux resize-window -t "${KEYS_IDS[$window]}" -x $((80 + i)) -y $((24 + i % 2))
        done
        pause "$(awk -v slow="$HB_TEST_SLOW" 'BEGIN { print 0.1 * slow }')"
    done
    # They have seen it.
    keys_wait nano "line 2 of"
    same "columns of less" 89 "$(keys_tmux display-message -p -t "${KEYS_IDS[less]}" '#{pane_width}')"
    quiet_all_idle
    same "last keys" "$keys" "$(quiet_keys)"
    keys_idle 1
    # The next key counts.
    keys_measure 1 1
}

# Lines may follow the rule; nobody types.
test_quiet_followed_input() {
    need less
    keys_begin
    quiet_load any
    # shellcheck disable=SC2016
    keys_open less q sh -c 'while sleep 0.05; do date +%s.%N; done | sh -c "echo \$\$ >$1; exec less +F"' sh "$T/less.pid"
    keys_wait less "^[0-9]+\.[0-9]+\$"
    KEYS_PIDS[less]=$(<"$T/less.pid")
    keys_mark
    sleep $((2 + HB_TEST_SLOW))
    keys_count
    at_least "beats of less" $((${KEYS_BEFORE[any:less]} + 1)) "${KEYS_NOW[any:less]}"
    same "last key of less" 0 "$(keys_last_key any less)"
    quiet_idle 10 2 "^idle: .*: less \(pid ${KEYS_PIDS[less]}\) was started at a terminal" --pid "${KEYS_PIDS[less]}"
    # Ctrl-C ends the following, and is no byte that anybody reads; a key is.
    keys_tmux send-keys -t "${KEYS_IDS[less]}" C-c
    sleep 0.5
    keys_tmux send-keys -t "${KEYS_IDS[less]}" g
    wait_for 5 "the key" quiet_has_key less
    quiet_idle 0 60 "^active: .*: the last key, read by less" --pid "${KEYS_PIDS[less]}"
}

quiet_has_key() {
    [ "$(keys_last_key "$QUIET_RULE" "$1")" -gt 0 ]
}

# quiet_run COMMAND... - without a terminal, as cron does
quiet_run() {
    setsid -w "$@" >"$T/run.out" 2>"$T/run.err" || fail "$*: exit $?: $(tr '\n' '|' <"$T/run.err")"
}

# What cron runs is neither a key nor somebody who starts an editor.
test_quiet_editors_without_a_terminal() {
    local name i
    need ed vim setsid
    keys_begin
    mkdir "$T/bin"
    for name in ed vim nvim; do
        ! command -v "$name" >"$T/where" || ln -s "$(<"$T/where")" "$T/bin/$PROG$name"
    done
    quiet_load any --programs "${PROG}ed,${PROG}vim,${PROG}nvim"
    sleep 1.1
    for i in 1 2 3; do
        quiet_run "$T/bin/${PROG}ed" -s "$T/text" <<<q
        quiet_run "$T/bin/${PROG}vim" --clean -es <<<q
        [ ! -e "$T/bin/${PROG}nvim" ] || quiet_run "$T/bin/${PROG}nvim" --clean --headless -es <<<q
    done
    # It was seen: those are beats by this rule.
    wait_for 5 "the lines of ed and vim" has_lines "$T/any.out" 6
    quiet_idle 10 1 "^idle: .*: hb-load ran, and nothing was seen since"
    # Emacs is not in every machine.
    if command -v emacs >"$T/where"; then
        quiet_load keys --programs emacs
        start setsid emacs -Q --batch --eval '(sleep-for 100)'
        wait_for 20 "the record of emacs" quiet_has_record "$STARTED"
        same "start of emacs at a terminal" 0 "$("$BUILD/tests/pinned" "${PIN}_keys" process "$STARTED" | sed -n 's/.* opened=\([0-9]*\) .*/\1/p')"
        end "$STARTED" KILL
    fi
}

quiet_has_record() {
    [ "$("$BUILD/tests/pinned" "${PIN}_$QUIET_RULE" process "$1")" != none ]
}

# The daemon forks without a terminal, and reads the keys of its clients by another descriptor than 0.
test_keys_of_emacs_daemon() {
    need emacs emacsclient
    keys_begin
    quiet_load any
    export XDG_RUNTIME_DIR=$T EMACS_SOCKET_NAME=$T/emacs/s
    quiet_run emacs -Q --daemon=s
    KEYS_PIDS[client]=$(emacsclient --eval '(emacs-pid)')
    PIDS+=("${KEYS_PIDS[client]}")
    # Emacs compiles in the background, in processes of its own that have pseudo-terminals.
    same "start of the daemon at a terminal" 0 "$("$BUILD/tests/pinned" "${PIN}_any" process "${KEYS_PIDS[client]}" | sed -n 's/.* opened=\([0-9]*\) .*/\1/p')"
    keys_open client C-n emacsclient -s "$EMACS_SOCKET_NAME" -nw "$T/text"
    KEYS_PIDS[client]=$(emacsclient --eval '(emacs-pid)')
    keys_wait client "line 2 of"
    keys_quiet
    keys_measure 20 3
    quiet_idle 0 60 "^active: .*: the last key, read by emacs \(pid ${KEYS_PIDS[client]}\)" --pid "${KEYS_PIDS[client]}"
    emacsclient --eval '(kill-emacs)' >"$T/killed" 2>&1 || true
    wait_for 10 "the end of emacs" is_done "${KEYS_PIDS[client]}"
}

# busybox runs its applets in a child of the shell, under their names, without exec(2). With a file, this
# one never reads descriptor 0.
test_keys_of_busybox_more() {
    local shell i
    need busybox
    busybox sh -c '(more --help; exit 0)' >"$T/more" 2>&1 || true
    grep -q BusyBox "$T/more" || skip "busybox has no more here"
    keys_begin
    quiet_load any
    keys_open more Space busybox sh -c 'more "$1"; sleep 100' sh "$T/text"
    shell=${KEYS_PIDS[more]}
    keys_wait more "line 2 of"
    KEYS_PIDS[more]=$(pgrep -P "$shell" -x more)
    [ "$(readlink "/proc/${KEYS_PIDS[more]}/exe")" = "$(readlink -f "$(command -v busybox)")" ] || fail "more is not busybox"
    keys_quiet
    keys_mark
    # A busy machine lets it read two keys at once.
    for ((i = 1; i <= KEYS_FEW; i++)); do
        keys_type
        within 5 keys_have "$i" || fail "at key $i: $(keys_lack "$i" | paste -sd,)"
    done
    keys_idle 2
}
