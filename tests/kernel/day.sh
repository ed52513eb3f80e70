# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# A working day in a workspace, which is a real container with a shell, tmux, less, vim and a log. Its
# manager asks each minute whether it may be stopped. What is right follows from when the test typed.

DEPENDS=kernel
# A minute here takes a second, or two on a slow machine.
DAY_MINUTE=$((HB_TEST_SLOW > 1 ? 2 : 1))
# The manager's timeout, in minutes.
DAY_TIMEOUT=5
BACKGROUND+=(test_a_working_day)

# MINUTE ACTION [TEXT]: what happens. Keys are written as printf(1) takes them.
DAY='
0   create
1   enter
2   type    less /tmp/text\r
3   type    j
# Reading: within the timeout.
6   type    G
# Reading for longer than that, and coming back.
14  type    q
15  type    vim --clean -n /tmp/notes\r
16  type    ithe first line
18  type    and more of it
20  type    \033:wq\r
# The end of the morning: detach tmux, which goes on.
21  detach  \002d
29  come_back
30  type    tail -n 1 /tmp/notes\r
31  type    while sleep 0.1; do date; done | less +F\r
# Go home: the connection breaks, the log runs on.
32  leave
41  end
'


# day_ask - set STATUS to what the manager gets, ASKED_FROM and ASKED_TO to when it asked
day_ask() {
    STATUS=0
    microseconds
    ASKED_FROM=$NOW
    "$HB_READ" idle $((DAY_TIMEOUT * DAY_MINUTE)) --pin-dir "$PIN" --container "$BOX_A" >"$T/out" 2>"$T/err" || STATUS=$?
    microseconds
    ASKED_TO=$NOW
}

day_is_active() {
    day_ask
    [ "$STATUS" = 0 ]
}

# Something was typed, or begun at a terminal, at DID_FROM; it is known soon.
day_did() {
    wait_for 10 "minute $MINUTE: activity after '$*': $(<"$T/out")" day_is_active
    # By now it has been read.
    pause $((HB_TEST_SLOW > 1 ? 2 : 0)).5
    microseconds
    DID_TO=$NOW
}

day_act() {
    local action=$1 text=${2-}
    microseconds
    [[ $action =~ ^(leave|end|detach)$ ]] || DID_FROM=$NOW
    case $action in
    create)
        start_container "$BOX_A" "$DAY_CGROUP/$BOX_A" sh -c 'mkdir -p /run/sshd; exec sleep 1000'
        ;;
    enter)
        in_a_terminal day "${RUNC[@]}" exec -t -e TERM=xterm -e PATH="$PATH" "$BOX_A" tmux -f /dev/null -S /tmp/tmux new bash --norc
        DAY_TERMINAL=day
        wait_for 20 "tmux: $(tail -c 300 "$T/screen.day")" grep -q bash "$T/screen.day"
        day_key
        ;;
    detach)
        # tmux reads keys by readv(2), which hook tracepoint does not see: this one may count or not.
        type_in "$DAY_TERMINAL" "$(printf '%b' "$text")"
        sleep 1
        ;;
    type) type_in "$DAY_TERMINAL" "$(printf '%b' "$text")" ;;
    come_back)
        day_ssh
        in_a_terminal ssh ssh -F "$T/ssh_config" -tt workspace tmux -f /dev/null -S /tmp/tmux attach
        DAY_SSH=$STARTED
        DAY_TERMINAL=ssh
        within 20 grep -q 'bash\|\[0\]' "$T/screen.ssh" || fail "tmux over ssh: $(tail -c 300 "$T/screen.ssh")"
        day_key
        ;;
    leave)
        end "$DAY_SSH" KILL
        return
        ;;
    end) return ;;
    esac
    day_did "$action $text"
}

# The start of a session may take longer than the timeout: what counts in any case is a key after it.
day_key() {
    microseconds
    DID_FROM=$NOW
    type_in "$DAY_TERMINAL" ' '
}

# sshd runs in the workspace for one connection; what it needs of a network is a pair of pipes.
day_ssh() {
    ssh-keygen -q -t ed25519 -N '' -f "$T/id"
    # A locked account cannot log in. These files are the tests' own.
    [ ! -e /etc/shadow ] || sed -i 's/^root:!/root:*/' /etc/shadow
    cat >"$T/sshd_config" <<END
HostKey $T/id
AuthorizedKeysFile $T/id.pub
StrictModes no
UsePAM no
PermitRootLogin yes
END
    cat >"$T/ssh_config" <<END
Host workspace
User root
IdentityFile $T/id
StrictHostKeyChecking no
UserKnownHostsFile /dev/null
ProxyCommand $(printf '%q ' "${RUNC[@]}" exec -e PATH="$PATH" "$BOX_A" "$(type -P sshd)" -i -f "$T/sshd_config")
END
}

# day_judge - what the manager gets is right
day_judge() {
    local timeout=$((DAY_TIMEOUT * DAY_MINUTE * 1000000)) slack=$((1000000 * HB_TEST_SLOW))
    day_ask
    if [ "$STATUS" != 0 ] && [ "$STATUS" != "$EXIT_IDLE" ]; then
        fail "minute $MINUTE: exit $STATUS: $(cat "$T/out" "$T/err")"
    elif [ $((ASKED_TO - DID_FROM)) -lt "$timeout" ]; then
        [ "$STATUS" = 0 ] || fail "minute $MINUTE: idle $(((ASKED_TO - DID_FROM) / 1000)) ms after a key: $(<"$T/out")"
        ACTIVE=$((ACTIVE + 1))
    elif [ $((ASKED_FROM - DID_TO)) -gt $((timeout + slack)) ]; then
        [ "$STATUS" = "$EXIT_IDLE" ] || fail "minute $MINUTE: active $(((ASKED_FROM - DID_TO) / 1000)) ms after the last key: $(<"$T/out")"
        IDLE=$((IDLE + 1))
    fi
    echo "minute $MINUTE: $(<"$T/out")"
}

test_a_working_day() {
    local began minute action text
    need tmux vim less ssh sshd ssh-keygen
    need_containers
    DAY_CGROUP=/hb$$.day
    make_cgroups "$DAY_CGROUP"
    ACTIVE=0 IDLE=0
    : >"$T/out"
    load --rule keys --programs '*'
    start_reader day --gc-interval 1
    BINDS=(/usr /etc /lib /lib64 "$T")
    [ ! -d /build ] || BINDS+=(/build)
    MINUTE=0
    microseconds
    began=$NOW
    while read -r minute action text; do
        [[ $minute == [0-9]* ]] || continue
        for (( ; MINUTE < minute; MINUTE++)); do
            [ "$MINUTE" -eq 0 ] || day_judge
            microseconds
            while [ "$NOW" -lt $((began + (MINUTE + 1) * DAY_MINUTE * 1000000)) ]; do
                pause 0.1
                microseconds
            done
        done
        day_act "$action" "$text"
        # What took longer than it should does not shorten the next minutes.
        microseconds
        [ "$NOW" -lt $((began + (MINUTE + 1) * DAY_MINUTE * 1000000)) ] || began=$((NOW - MINUTE * DAY_MINUTE * 1000000))
    done <<<"$DAY"
    echo "active $ACTIVE times, idle $IDLE times"
    at_least "minutes that are active" 15 "$ACTIVE"
    at_least "minutes that are idle" 5 "$IDLE"
    # The log went on all the time.
    says "$T/screen.ssh" ':[0-9][0-9]'
}
