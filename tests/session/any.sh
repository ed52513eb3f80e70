# shellcheck shell=bash
# shellcheck disable=SC2153
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Any program (`*`): shells, interpreters, terminal multiplexers and ssh. Each key of theirs is a beat;
# what programs write, and what daemons read, is none.
#
# Whoever reads a key on this machine is watched meanwhile. So these tests look at processes of their
# own only.

DEPENDS=hook

ANY_KEYS=10
# Beyond what programs do by themselves at their start.
ANY_QUIET=1.5
ANY_IDLE=4

# any_load HOOK [ARGUMENT]... - every program, by its keys
any_load() {
    local hook=$1
    shift
    keys_load "$hook" keys --programs "${1:-*}"
    ANY_PIN=${PIN}_keys
}

# any_read COMMAND [ARGUMENT]... - hb-read, there
any_read() {
    local command=$1
    shift
    "$HB_READ" "$command" --pin-dir "$ANY_PIN" "$@"
}

# any_process WINDOW PID - the process that is looked at, if it is not the first one of the window
any_process() {
    [[ $2 =~ ^[0-9]+$ ]] || fail "$1: no process '$2'"
    KEYS_PIDS[$1]=$2
}

# any_also WINDOW PID - look at this process, too; nothing is typed to it directly
any_also() {
    KEYS_WINDOWS+=("$1")
    KEYS_IDS[$1]=
    KEYS_KEYS[$1]=
    any_process "$1" "$2"
}

# any_expect WINDOW... - the windows that get beats; the others get none
any_expect() {
    ANY_EXPECT=" $* "
}

# Terminals answer questions at the start of a program.
any_settle() {
    local i
    for ((i = 0; i < 20; i++)); do
        keys_mark
        sleep "$ANY_QUIET"
        keys_count
        [ "$(declare -p KEYS_NOW)" != "$(declare -p KEYS_BEFORE | sed s/KEYS_BEFORE/KEYS_NOW/)" ] || return 0
    done
    fail "beats without keys, all the time: $(declare -p KEYS_NOW)"
}

# any_have NUMBER - that many beats since the mark, or with those that the kernel hid from the hooks
any_have() {
    local window
    for window in $ANY_EXPECT; do
        ! any_lacks "$window" "$1" || return 1
    done
}

any_beats() {
    echo $((${KEYS_NOW[keys:$1]} - ${KEYS_BEFORE[keys:$1]}))
}

any_lacks() {
    keys_count
    [ $(($(any_beats "$1") + $(keys_missed keys) - KEYS_MISSED[keys])) -lt "$2" ]
}

# Type ten keys, each when the one before has arrived, since a program may read two at once.
any_measure() {
    local i window hidden
    any_settle
    keys_mark
    for ((i = 1; i <= ANY_KEYS; i++)); do
        keys_type
        within 10 any_have "$i" || fail "at key $i: $(any_say)"
    done
    sleep 0.5
    keys_count
    hidden=$(($(keys_missed keys) - KEYS_MISSED[keys]))
    for window in "${KEYS_WINDOWS[@]}"; do
        if [[ $ANY_EXPECT == *" $window "* ]]; then
            at_most "beats of $window by $ANY_KEYS keys" "$ANY_KEYS" "$(any_beats "$window")"
            at_least "beats of $window by $ANY_KEYS keys, with $hidden hidden" "$ANY_KEYS" $(($(any_beats "$window") + hidden))
        else
            same "beats of $window by $ANY_KEYS keys" 0 "$(any_beats "$window")"
        fi
    done
    keys_idle "$ANY_IDLE"
}

any_say() {
    local window
    for window in "${KEYS_WINDOWS[@]}"; do
        echo "$window has $(any_beats "$window"),"
    done
}

# --- Programs -----------------------------------------------------------------------------------

any_of_programs() {
    keys_begin
    any_load "$1"
    echo "PS1='ready> '" >"$T/rc"
    # With raw keys, as a terminal interface has it.
    echo 'process.stdin.setRawMode(true); process.stdin.on("data", () => {}); console.log("ready>")' >"$T/raw.js"
    keys_open bash x bash --rcfile "$T/rc"
    # It reads whole lines.
    keys_open sh Enter env sh
    keys_open top j top -d 100
    # Not what may stand in for it.
    [ ! -x /usr/bin/python3 ] || keys_open python x /usr/bin/python3 -q -E -i -c "import sys; sys.ps1 = 'ready> '"
    # It would not fit into a virtual machine's initramfs, and takes too long there.
    [ "$HB_TEST_SLOW" != 1 ] || need node python3
    keys_open_if node x node "$T/raw.js"
    keys_wait bash "^ready>"
    keys_wait sh "^#"
    keys_wait top "^ *PID "
    [ -z "${KEYS_IDS[python]-}" ] || keys_wait python "^ready>"
    [ -z "${KEYS_IDS[node]-}" ] || keys_wait node "^ready>"
    any_expect "${KEYS_WINDOWS[@]}"
    any_measure
}

test_any_tracepoint_programs() {
    any_of_programs tracepoint
}

test_any_fentry_programs() {
    any_of_programs fentry
}

# --- What is shown ------------------------------------------------------------------------------

any_is_refused() {
    local words="with '\*', every program counts by its keys alone: set Rule=keys in /etc/activity-heartbeat/heartbeat.conf, or add --rule keys"
    local -a how=(--pin-dir "$PIN" "$@")
    refuses "$EXIT_USAGE" "^hb-load: $words\$" "$HB_LOAD" load "${how[@]}"
    exits "$EXIT_FAILED" "$HB_LOAD" check "${how[@]}"
    says "$T/out" "^missing +list of programs: $words\$"
}

test_any_program_needs_rule_keys() {
    local list
    printf 'joe\n*\n' >"$T/list"
    for list in '*' '+*' 'vim,*' "@$T/list"; do
        any_is_refused --programs "$list"
        any_is_refused --programs "$list" --rule any
        any_is_refused --programs "$list" --rule stdin
        [ ! -e "$PIN" ] || fail "it has loaded something"
        exits 0 "$HB_LOAD" check --pin-dir "$PIN" --programs "$list" --rule keys
    done
    # What is loaded stays.
    load --rule keys --programs '+*'
    says "$T/load.out" ", programs nvim,nano,vim,ed,vi,emacs,more,less,vimdiff,tilde,\*, "
    refuses "$EXIT_USAGE" "add --rule keys" "$HB_LOAD" load --pin-dir "$PIN" --programs '*' --rule any
    exits 0 "$HB_READ" status --pin-dir "$PIN"
    says "$T/out" "^rule +keys\$"
    says "$T/out" "^\* "
}

# any_count NAME [PATTERN] - its beats, as `status` and the metrics have them
any_count() {
    local beats
    any_read status --format json >"$T/status"
    beats=$(jq --arg name "$1" '.programs[] | select(.name == $name) | .beats' "$T/status")
    curl -s --unix-socket "$T/socket" http://localhost/metrics >"$T/metrics"
    # Others on this machine may type meanwhile.
    says "$T/metrics" "^activity_heartbeat_beats_total\{program=\"${1/\*/\\*}\"\} ${2:-$beats}\$"
    echo "$beats"
}

# any_type WINDOW BEATS - that many keys, and wait for them
any_type() {
    local i
    any_expect "$1"
    keys_mark
    for ((i = 1; i <= $2; i++)); do
        keys_tmux send-keys -t "${KEYS_IDS[$1]}" "${KEYS_KEYS[$1]}"
        within 10 any_have "$i" || fail "at key $i: $(any_say)"
    done
}

any_is_called() {
    [ "$(<"/proc/${KEYS_PIDS[shell]}/comm")" = "$1" ]
}

# any_command COMMAND NAME - type it, by two keys; the shell then has that name
any_command() {
    keys_tmux send-keys -t "${KEYS_IDS[shell]}" "$1" Enter
    wait_for 5 "the name $2" any_is_called "$2"
}

# Named programs are counted under their names, all others as one; whoever is renamed takes nothing along.
any_of_views() {
    local pid before
    need vim jq curl
    keys_begin
    LISTEN=(--listen "unix:$T/socket")
    # Names of our own: others here may have editors open.
    any_load "$1" "${PROG}v,${PROG}e,*"
    says "$T/load.out" ", programs ${PROG}v,${PROG}e,\*, "
    mkdir "$T/bin"
    ln -s "$(command -v vim)" "$T/bin/${PROG}v"
    case $1 in
    tracepoint) says "$T/load.err" "with '\*', hook tracepoint costs each process about 0.1 us per read that returns bytes; hook fentry would cost nothing" ;;
    fentry) empty "$T/load.err" ;;
    esac
    # Nobody else may rename it.
    echo "PS1='ready> '; a() { printf ${PROG}e >/proc/\$\$/comm; }; b() { printf other >/proc/\$\$/comm; }" >"$T/rc"
    keys_open shell C-a bash --rcfile "$T/rc"
    keys_open vim j "$T/bin/${PROG}v" --clean -n "$T/text"
    keys_wait shell "^ready>"
    keys_wait vim "line 2 of"
    any_settle
    pid=${KEYS_PIDS[shell]}
    exits 0 any_read explain "$pid"
    says "$T/out" "^bash \(pid $pid\) does not count\.\$"
    says "$T/out" "Every program is watched \(\*\) from its first key on\."
    before=$(any_count "${PROG}v")
    any_type shell 3
    any_type vim 4
    exits 0 any_read explain "$pid"
    says "$T/out" "^bash \(pid $pid\) counts\.\$"
    says "$T/out" "Every program that reads a key is watched \(\*\), and bash has\."
    exits 0 any_read explain "${KEYS_PIDS[vim]}"
    says "$T/out" "Its command name, ${PROG}v, is on the list of watched programs\."
    exits 0 any_read list
    says "$T/out" "^ *$pid +bash .* 3 +20"
    says "$T/out" "^ *${KEYS_PIDS[vim]} +${PROG}v "
    exits 0 any_read idle 60 --pid "$pid"
    says "$T/out" "the last key, read by bash \(pid $pid\)"
    same "beats of vim" $((before + 4)) "$(any_count "${PROG}v")"
    before=$(any_count '*' '[0-9]+')
    at_least "beats of any program" 3 "$before"
    # To a listed name, and away.
    any_command a "${PROG}e"
    any_type shell 2
    same "beats of a listed name" 2 "$(any_count "${PROG}e")"
    at_least "beats of any program" "$before" "$(any_count '*' '[0-9]+')"
    exits 0 any_read list
    says "$T/out" "^ *$pid +${PROG}e .* 2 +20"
    any_command b other
    any_type shell 2
    same "beats of a listed name" 4 "$(any_count "${PROG}e")"
    at_least "beats of any program" $((before + 2)) "$(any_count '*' '[0-9]+')"
    exits 0 any_read list
    says "$T/out" "^ *$pid +other .* 2 +20"
    # Its end takes nothing away either.
    keys_tmux kill-window -t "${KEYS_IDS[shell]}"
    within 5 is_done "$pid"
    at_least "beats of any program" $((before + 2)) "$(any_count '*' '[0-9]+')"
}

test_any_tracepoint_views() {
    any_of_views tracepoint
}

test_any_fentry_views() {
    any_of_views fentry
}
