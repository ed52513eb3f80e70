# shellcheck shell=bash
# Called and read by the tests, which are sourced:
# shellcheck disable=SC2034,SC2317
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What tests can call. A test is a function test_NAME in a file of tests/kernel or tests/session. It
# runs in a subshell, has passed if it returns, and ends early with `fail WHY` or `skip WHY`. A command
# that fails fails the test. Processes of `start` and what was loaded go when the test ends.
#
# A test finds in variables
#
#     T        its directory
#     PIN      its pin directory
#     PROG     a program name that nobody else uses; $T/bin/$PROG is a beater of that name
#
# and sets for the next readers AS, the start of their command lines, and LISTEN, their option --listen.
#
# Some functions leave a result in a variable, since `$(...)` would run them in a subshell whose child
# processes the test cannot wait for: STARTED (of start), READER (start_reader) and BEATER (beat,
# start_beater) are pids, STATUS (finish, end) an exit status, READS (beat) and SEEN (seen) numbers.

set -uo pipefail

LIB_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD=${BUILD:-build}
[[ $BUILD == /* ]] || BUILD=$LIB_ROOT/$BUILD
SKIPPED=77
EXIT_FAILED=1
EXIT_USAGE=2
EXIT_NOT_LOADED=3
EXIT_DENIED=4
# A group and users that need not be known to the system.
GROUP=hbtest
GROUP_ID=54300
MEMBER=54321
STRANGER=54322
# Set for a machine that takes so many times longer than most.
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
# What a file of tests depends on, as it says by DEPENDS: hook, kernel, or on user space alone. Set to
# leave out the others: a second hook, or a second kernel, need not repeat them.
HB_TEST_DEPENDS=${HB_TEST_DEPENDS:-hook kernel user}
# A pipe that nobody writes to: to read it with a time limit is a sleep that starts no process.
exec {NEVER}<> <(:)
# shellcheck source=tests/jobs.sh
. "$LIB_ROOT/tests/jobs.sh"

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
    # A subshell's failure is its parent's to judge; and fail() in one has said why already.
    [ "$BASHPID" = "$TEST_PID" ] || return 0
    [ ! -s "$T/why" ] || exit "$EXIT_FAILED"
    fail "${3##*/}:$1: '$2' failed"
}

# need COMMAND... - skip the test where one is missing
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

# says FILE PATTERN - a line of FILE has PATTERN (extended regular expression)
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

# exits STATUS COMMAND... - its outputs go to $T/out and $T/err
exits() {
    local expected=$1 status=0
    shift
    "$@" >"$T/out" 2>"$T/err" || status=$?
    [ "$status" = "$expected" ] ||
        fail "exit $status, not $expected, of: ${*##*/} ($(head -n 3 "$T/err" | tr '\n' '|'))"
}

# refuses STATUS PATTERN COMMAND... - it fails with one line on standard error that has PATTERN
refuses() {
    local expected=$1 pattern=$2
    shift 2
    exits "$expected" "$@"
    says "$T/err" "$pattern"
    same "lines of the message ($(tr '\n' '|' <"$T/err"))" 1 "$(lines "$T/err")"
}

# --- Waiting ------------------------------------------------------------------------------------

# The time in microseconds, without a process.
microseconds() {
    local now=$EPOCHREALTIME
    NOW=${now/[.,]/}
}

# within SECONDS COMMAND... - try until it succeeds; a slow machine gets more of them
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

# wait_for SECONDS WHAT COMMAND... - the same, and fail the test if it does not
wait_for() {
    local seconds=$1 what=$2
    shift 2
    within "$seconds" "$@" || fail "$what: not within $seconds s"
}

lines() {
    wc -l <"$1"
}

# has_lines FILE NUMBER - at least so many, whole ones
has_lines() {
    local -a first
    [ -e "$1" ] && mapfile -n "$2" first <"$1" && [ "${#first[@]}" = "$2" ] && [[ ${first[-1]} == *$'\n' ]]
}

# --- Processes ----------------------------------------------------------------------------------

# start COMMAND... - in the background, until the test ends; STARTED is its pid
start() {
    # With <&0, as bash would give it /dev/null now and then, though `start` itself was redirected.
    "$@" <&0 &
    STARTED=$!
    PIDS+=("$STARTED")
}

# It is gone, or a zombie.
is_done() {
    local -a all=()
    # To its end: what the shell has read too much, and cannot give back of a process that is gone
    # meanwhile, it takes for the beginning of the next file.
    [ -e "/proc/$1" ] && mapfile -t all 2>/dev/null <"/proc/$1/status" || return 0
    [[ ${all[*]} != *State:[[:space:]][^Z]* ]]
}

# finish PID [SECONDS] - wait for its end by itself; STATUS is its exit status
finish() {
    wait_for "${2:-10}" "the end of process $1" is_done "$1"
    STATUS=0
    wait "$1" || STATUS=$?
}

# end PID [SIGNAL] - send a signal, and wait for the end
end() {
    kill -"${2:-TERM}" "$1"
    finish "$1"
}

# --- hb-load ------------------------------------------------------------------------------------

# load [ARGUMENT]... - `hb-load load` at $PIN, which has to succeed
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

# pinned COMMAND [ARGUMENT] - what the maps hold, past hb-read
pinned() {
    "$BUILD/tests/pinned" "$PIN" "$@"
}

# beats [NAME] - of the program NAME, in the maps
beats() {
    pinned beats "${1:-$PROG}"
}

# prime NUMBER - of reads: that prime, or on a slow machine the next one below its share of it
prime() {
    local number=$(($1 / HB_TEST_SLOW)) divisor
    for ((divisor = 2; divisor * divisor <= number; divisor++)); do
        ((number % divisor)) || ((divisor = 1, number--))
    done
    echo "$number"
}

# Reads that the kernel did not show to the hooks.
missed() {
    "$HB_READ" status --pin-dir "$PIN" --format json | jq .missed
}

# missed_by HOOK - runs of it that the kernel skipped
missed_by() {
    "$HB_READ" status --pin-dir "$PIN" --format json | jq ".missed_by_hook[\"$1\"]"
}

# seen NUMBER [NAME]... - SEEN is how many of so many reads the kernel showed to the hooks; it must
# have said of the others that it did not
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

# start_reader NAME [ARGUMENT]... - lines go to $T/NAME.out, messages to $T/NAME.err; READER is its pid.
# It is started with AS, and listens as LISTEN says.
start_reader() {
    local name=$1
    shift
    start "${AS[@]}" "$HB_READ" --pin-dir "$PIN" "${LISTEN[@]}" "$@" >"$T/$name.out" 2>"$T/$name.err"
    READER=$STARTED
    wait_for 10 "reader $name: $(<"$T/$name.err")" is_reading "$READER"
}

# The slot that a reader holds.
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

# It has a slot, has mapped its ring, and told the kernel.
is_reading() {
    local slot
    local -a maps
    slot=$(slot_of "$1") && mapfile -t maps <"/proc/$1/maps" || return 1
    [[ ${maps[*]} == *bpf-map*bpf-map*bpf-map* ]] && (($(pinned open) >> slot & 1))
}

# The beats that a reader has called lost so far: stop_reader NAME before.
said_lost() {
    sed -n 's/^hb-read: \([0-9]*\) beats\{0,1\} lost.*/\1/p' "$T/$1.err" | awk '{ n += $1 } END { print n + 0 }'
}

# --- Beaters ------------------------------------------------------------------------------------

# beater NAME - a beater of that name
beater() {
    [ -d "$T/bin" ] || mkdir "$T/bin"
    [ -e "$T/bin/$1" ] || cp "$BUILD/tests/beater" "$T/bin/$1"
}

# beat [OPTION]... COUNT - run one to its end; BEATER is its pid, READS what it says it read
beat() {
    beater "$PROG"
    "$T/bin/$PROG" "$@" </dev/zero >"$T/beat" || fail "beater: exit $?"
    read -r BEATER READS <"$T/beat"
}

# start_beater NAME [OPTION]... COUNT - start one that waits; BEATER is its pid
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

# What a beater says that it has read.
reads_of() {
    sed -n 's/^[0-9][0-9]* \([0-9]*\)$/\1/p' "$T/beater.$1"
}

go() {
    kill -USR1 "$@"
}

# --- Control groups -----------------------------------------------------------------------------

# make_cgroups PATH... - in the version 2 hierarchy, until the test ends, in this order
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

# as_user UID [GROUP] - AS is the start of a command line that runs as that user, without privilege
as_user() {
    AS=(setpriv --reuid "$1" --regid "$1" --groups "${2:-$1}" --inh-caps=-all --no-new-privs)
}
