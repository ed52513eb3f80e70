# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What tests can call: see tests/README.md. Some functions leave a result in a variable, as `$(...)`
# would run them in a subshell, whose processes the test could not wait for.
#
#     STARTED   pid of the last process of start(); READER: of start_reader(); BEATER: of beat() and
#               start_beater()
#     STATUS    exit status of the last process that finish() or end() has waited for
#     READS     reads that the last beat() has made; SEEN: those that seen() found in the maps
#     AS        start of the command line of the next reader, as as_user() sets it; LISTEN: its --listen

set -uo pipefail

LIB_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD=${BUILD:-build}
[[ $BUILD == /* ]] || BUILD=$LIB_ROOT/$BUILD
SKIPPED=77
EXIT_FAILED=1
EXIT_USAGE=2
EXIT_NOT_LOADED=3
EXIT_DENIED=4
# A group and users that the system does not know.
GROUP=hbtest
GROUP_ID=54300
MEMBER=54321
STRANGER=54322
# How many times longer this machine takes than most: limits of time grow with it.
HB_TEST_SLOW=${HB_TEST_SLOW:-1}
# Seconds between two looks at something that is waited for: on a slow machine the looks take long.
MOMENT=0.02
[ "$HB_TEST_SLOW" = 1 ] || MOMENT=0.2
# Seconds that a test may take.
LIMIT=$((100 + 50 * HB_TEST_SLOW))
# Tests that mostly wait: each starts at once, in a worker of its own.
BACKGROUND=()
# Tests that change the whole machine, or that measure: they run last, one after the other.
ALONE=()
# The kinds of test files to run. A file says by DEPENDS what its tests depend on: hook, kernel, or user
# for user space alone. With a second hook, or a second kernel, the others need not run again.
HB_TEST_DEPENDS=${HB_TEST_DEPENDS:-hook kernel user}
# A pipe that nobody writes to: to read it with a time limit is a sleep that starts no process.
exec {NEVER}<> <(:)
# shellcheck source=tests/parts.sh
. "$LIB_ROOT/tests/parts.sh"

# --- Verdicts -----------------------------------------------------------------------------------

fail() {
    trap - ERR
    printf '%s\n' "$*" >"$T/why"
    exit "$EXIT_FAILED"
}

skip() {
    trap - ERR
    printf '%s\n' "$*" >"$T/why"
    exit "$SKIPPED"
}

unexpected() {
    # The failure of a subshell is for its parent to judge, and fail() in one has written the reason.
    [ "$BASHPID" = "$TEST_PID" ] || return 0
    [ ! -s "$T/why" ] || exit "$EXIT_FAILED"
    fail "${3##*/}:$1: '$2' failed"
}

# need COMMAND... - skip the test if one is missing
need() {
    local command
    for command; do
        command -v "$command" >/dev/null || skip "there is no $command here"
    done
}

# same WHAT EXPECTED ACTUAL
same() {
    [ "$2" = "$3" ] || fail "$1: expected '$2', got '$3'"
}

# at_least WHAT NUMBER ACTUAL
at_least() {
    [ "$3" -ge "$2" ] || fail "$1: expected at least $2, got $3"
}

# at_most WHAT NUMBER ACTUAL
at_most() {
    [ "$3" -le "$2" ] || fail "$1: expected at most $2, got $3"
}

# says FILE PATTERN - a line of FILE matches the extended regular expression
says() {
    grep -qE -e "$2" "$1" || fail "nothing in ${1##*/} says '$2': $(head -c 1000 "$1" | tr '\n' '|')"
}

# says_not FILE PATTERN
says_not() {
    ! grep -qE -e "$2" "$1" || fail "${1##*/} says: $(grep -m1 -E -e "$2" "$1")"
}

# empty FILE
empty() {
    [ ! -s "$1" ] || fail "${1##*/} should be empty, but says: $(head -n 3 "$1" | tr '\n' '|')"
}

# exits STATUS COMMAND... - run it; its output goes to $T/out, its messages to $T/err
exits() {
    local expected=$1 status=0
    shift
    "$@" >"$T/out" 2>"$T/err" || status=$?
    [ "$status" = "$expected" ] ||
        fail "exit $status, not $expected, of: ${*##*/} ($(head -n 3 "$T/err" | tr '\n' '|'))"
}

# refuses STATUS PATTERN COMMAND... - it fails with one message, which matches PATTERN
refuses() {
    local expected=$1 pattern=$2
    shift 2
    exits "$expected" "$@"
    says "$T/err" "$pattern"
    same "lines of the message ($(tr '\n' '|' <"$T/err"))" 1 "$(lines "$T/err")"
}

# --- Waiting ------------------------------------------------------------------------------------

# Sets NOW to the time in microseconds, without a process.
microseconds() {
    local now=$EPOCHREALTIME
    NOW=${now/[.,]/}
}

# within SECONDS COMMAND... - try until it succeeds; a slow machine gets more time
within() {
    local end
    microseconds
    end=$((NOW + $1 * 1000000 * HB_TEST_SLOW))
    shift
    until "$@"; do
        microseconds
        [ "$NOW" -lt "$end" ] || return 1
        pause "$MOMENT"
    done
}

pause() {
    read -rt "$1" -u "$NEVER" || true
}

# wait_for SECONDS WHAT COMMAND... - the same, but fail the test in the end
wait_for() {
    local seconds=$1 what=$2
    shift 2
    within "$seconds" "$@" || fail "$what: not within $seconds s"
}

lines() {
    wc -l <"$1"
}

# has_lines FILE NUMBER - it has at least that many complete lines
has_lines() {
    local -a first
    [ -e "$1" ] && mapfile -n "$2" first <"$1" && [ "${#first[@]}" = "$2" ] && [[ ${first[-1]} == *$'\n' ]]
}

# --- Processes ----------------------------------------------------------------------------------

# start COMMAND... - run it in the background, until the test ends
start() {
    # Without <&0, bash now and then gives it /dev/null, though `start` itself is redirected.
    "$@" <&0 &
    STARTED=$!
    PIDS+=("$STARTED")
}

# is_done PID - it is gone, or a zombie
is_done() {
    local -a all=()
    # Read all of it: bash reads ahead, and if the process goes meanwhile, it would take the rest for the
    # beginning of the next file.
    [ -e "/proc/$1" ] && mapfile -t all 2>/dev/null <"/proc/$1/status" || return 0
    [[ ${all[*]} != *State:[[:space:]][^Z]* ]]
}

# finish PID [SECONDS] - wait for it to end by itself
finish() {
    wait_for "${2:-10}" "the end of process $1" is_done "$1"
    STATUS=0
    wait "$1" || STATUS=$?
}

# end PID [SIGNAL] - end it, and wait for it
end() {
    kill -"${2:-TERM}" "$1"
    finish "$1"
}

# --- hb-load ------------------------------------------------------------------------------------

# load [ARGUMENT]... - load the hooks at $PIN
load() {
    load_with "$HB_LOAD" "$@"
}

# load_with HB_LOAD [ARGUMENT]...
load_with() {
    local program=$1
    shift
    LOADED+=("$PIN")
    "$program" load --pin-dir "$PIN" ${HB_TEST_HOOK:+--hook "$HB_TEST_HOOK"} "$@" \
        >"$T/load.out" 2>"$T/load.err" ||
        fail "hb-load $*: exit $?: $(tr '\n' '|' <"$T/load.err")"
    "$BUILD/tests/ids" list "$PIN" >>"$TOP/ids"
}

unload() {
    "$HB_LOAD" unload --pin-dir "${1:-$PIN}"
}

# pinned COMMAND [ARGUMENT] - read the maps without hb-read: see tests/kernel/pinned.c
pinned() {
    "$BUILD/tests/pinned" "$PIN" "$@"
}

# beats [NAME] - print how many beats of the program NAME ($PROG) the maps have
beats() {
    pinned beats "${1:-$PROG}"
}

# prime NUMBER - print that prime, or on a slow machine the largest prime below its share of it
prime() {
    local number=$(($1 / HB_TEST_SLOW)) divisor
    for ((divisor = 2; divisor * divisor <= number; divisor++)); do
        ((number % divisor)) || ((divisor = 1, number--))
    done
    echo "$number"
}

# missed - print how many reads the kernel did not show to the hooks
missed() {
    "$HB_READ" status --pin-dir "$PIN" --format json | jq .missed
}

# missed_by HOOK - print how many of its runs the kernel has skipped
missed_by() {
    "$HB_READ" status --pin-dir "$PIN" --format json | jq ".missed_by_hook.$1"
}

# seen NUMBER [NAME]... - set SEEN to how many of that many reads the hooks saw; all others must be
# among the missed ones
seen() {
    local number=$1 name
    shift
    SEEN=0
    for name in "${@:-$PROG}"; do
        SEEN=$((SEEN + $(beats "$name")))
    done
    at_most "beats" "$number" "$SEEN"
    at_least "beats and missed reads" "$number" $((SEEN + $(missed)))
}

has_verdict() {
    [ "$(pinned verdict "$1")" = "$2" ]
}

# --- hb-read ------------------------------------------------------------------------------------

# start_reader NAME [ARGUMENT]... - its lines go to $T/NAME.out, its messages to $T/NAME.err
start_reader() {
    local name=$1
    shift
    start "${AS[@]}" "$HB_READ" --pin-dir "$PIN" "${LISTEN[@]}" "$@" >"$T/$name.out" 2>"$T/$name.err"
    READER=$STARTED
    wait_for 10 "reader $name: $(<"$T/$name.err")" is_reading "$READER"
}

# slot_of PID - print the slot that a reader holds
slot_of() {
    local descriptor slot
    for descriptor in /proc/"$1"/fd/*; do
        for slot in "$PIN"/readers/*; do
            [ ! "$descriptor" -ef "$slot" ] || {
                echo "${slot##*/}"
                return
            }
        done
    done
    return 1
}

# is_reading PID - it has a slot, has mapped its ring, and has opened the slot
is_reading() {
    local slot
    local -a maps
    slot=$(slot_of "$1") && mapfile -t maps <"/proc/$1/maps" || return 1
    [[ ${maps[*]} == *bpf-map*bpf-map*bpf-map* ]] && (($(pinned open) >> slot & 1))
}

# said_lost NAME - print how many beats a reader has reported as lost; end it first
said_lost() {
    sed -n 's/^hb-read: \([0-9]*\) beats\{0,1\} lost.*/\1/p' "$T/$1.err" | awk '{ n += $1 } END { print n + 0 }'
}

# --- Beaters ------------------------------------------------------------------------------------

# beater NAME - make $T/bin/NAME, a beater
beater() {
    [ -d "$T/bin" ] || mkdir "$T/bin"
    [ -e "$T/bin/$1" ] || cp "$BUILD/tests/beater" "$T/bin/$1"
}

# beat [OPTION]... COUNT - run $PROG, and let it read COUNT times: see tests/kernel/beater.c
beat() {
    beater "$PROG"
    "$T/bin/$PROG" "$@" </dev/zero >"$T/beat" || fail "beater: exit $?"
    read -r BEATER READS <"$T/beat"
}

# start_beater NAME [OPTION]... COUNT - start one that waits for go()
start_beater() {
    local name=$1
    shift
    beater "$name"
    start "$T/bin/$name" --wait "$@" </dev/zero >"$T/beater.$name"
    BEATER=$STARTED
    wait_for 10 "the start of $name" says_ready "$T/beater.$name"
}

says_ready() {
    local word=""
    read -r word <"$1"
    [[ $word == ready* ]]
}

has_read() {
    [ "$(reads_of "$1")" = "$2" ]
}

# reads_of NAME - print how many reads a beater reports at its end
reads_of() {
    sed -n 's/^[0-9][0-9]* \([0-9]*\)$/\1/p' "$T/beater.$1"
}

go() {
    kill -USR1 "$@"
}

# --- Control groups -----------------------------------------------------------------------------

# make_cgroups PATH... - make them in this order, until the test ends; HIERARCHY is where
make_cgroups() {
    local path
    HIERARCHY=$(awk '/ - cgroup2 / { print $5; exit }' /proc/self/mountinfo)
    [ -n "$HIERARCHY" ] || skip "no version 2 hierarchy of control groups is mounted here"
    for path; do
        mkdir "$HIERARCHY$path" 2>"$T/mkdir" || skip "no control group can be made: $(<"$T/mkdir")"
        CGROUPS+=("$HIERARCHY$path")
    done
}

# enter_cgroup PATH PID
enter_cgroup() {
    echo "$2" >"$HIERARCHY$1/cgroup.procs"
}

# --- Ordinary users -----------------------------------------------------------------------------

# as_user UID [GROUP] - start the next readers as that user, without privilege
as_user() {
    AS=(setpriv --reuid "$1" --regid "$1" --groups "${2:-$1}" --inh-caps=-all --no-new-privs)
}
