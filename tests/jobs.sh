# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Run jobs side by side, each with a time limit, and sum up the results of tests. A result is one line:
#
#     ok NAME (SECONDS s)
#     FAIL NAME: WHY
#     skip NAME: WHY
#     flaky NAME: WHY        it passed when it was run once more; WHY is the first failure
#     ended PART: STATUS     of a tier, a virtual machine or a suite: 0, or 1 with a FAIL in it
#
# A program that runs a part of the tests puts the part before NAME: `ok kernel:beat (0.1 s)`. All other
# lines are for people.

# The pipe through which jobs tell that they have ended: bash cannot wait for them with a time limit.
exec {ENDS}<> <(:)
TOOK_TOO_LONG=124
GRACE=20
# A forked shell inherits the traps of its parent until it has reset them. A signal that comes earlier
# would run the parent's clean-up in the child: only the owner may clean up.
OWNER=$BASHPID
# What precedes a command that acts on the jobs, if they run as root and this shell does not.
AS_ROOT=()
declare -A JOBS=() DEADLINES=() ENDING=()

# start_job NAME SECONDS COMMAND... - run it in the background, in a process group of its own
start_job() {
    local name=$1 seconds=$2
    shift 2
    set -m
    run_job "$@" </dev/null &
    set +m
    JOBS[$!]=$name
    DEADLINES[$!]=$((SECONDS + seconds))
}

# SIGTERM is for the command, so that it can clean up; what runs it waits, and tells its end.
run_job() {
    local status
    trap : TERM
    # With `||` behind it, the command would run without its `set -e`.
    ("$@") {ENDS}>&-
    status=$?
    echo "$BASHPID" >&"$ENDS"
    return "$status"
}

# wait_job - wait until a job has ended: ENDED is its name, STATUS its exit status
wait_job() {
    local pid='' part late
    while :; do
        # A time limit within a line leaves the rest of it for the next time.
        if read -rt 1 -u "$ENDS" part; then
            pid+=$part
            [ -z "${JOBS[$pid]:-}" ] || break
            pid=''
            continue
        fi
        pid+=$part
        for late in "${!JOBS[@]}"; do
            ((SECONDS >= DEADLINES[$late])) || continue
            "${AS_ROOT[@]}" kill -"${ENDING[$late]:-TERM}" -- "-$late" 2>/dev/null
            [ "${ENDING[$late]:-}" != KILL ] || { pid=$late && break 2; }
            ENDING[$late]=KILL DEADLINES[$late]=$((SECONDS + GRACE))
        done
    done
    STATUS=0
    wait "$pid" 2>/dev/null || STATUS=$?
    [ -z "${ENDING[$pid]:-}" ] || STATUS=$TOOK_TOO_LONG
    ENDED=${JOBS[$pid]}
    unset "JOBS[$pid]" "DEADLINES[$pid]" "ENDING[$pid]"
}

# End all jobs, and wait for them.
end_jobs() {
    local pid
    [ "$BASHPID" = "$OWNER" ] || return 0
    trap '' INT TERM
    for pid in "${!JOBS[@]}"; do
        DEADLINES[$pid]=0
    done
    while [ ${#JOBS[@]} -gt 0 ]; do
        wait_job
    done
}

end_jobs_at_exit() {
    trap end_jobs EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

# start_part NAME SECONDS COMMAND... - a job that prints results; they are printed with NAME before them
start_part() {
    start_job "$1" "$2" pass_on "$1" "${@:3}"
}

pass_on() {
    HB_PART=1 "${@:2}" 2>&1 | sed -u -E "s/^(ok|FAIL|skip|flaky|ended) /&$1:/"
    return "${PIPESTATUS[0]}"
}

# unit_tests COMMAND... - Check prints TAP: `ok 3 - FILE:CASE:TEST: Passed`, `not ok 4 - FILE:CASE:TEST: WHY`
unit_tests() {
    CK_TAP_LOG_FILE_NAME=- CK_VERBOSITY=silent "$@" 2>&1 |
        sed -u -E -e '/^1\.\./d' -e 's/^ok [0-9]+ - [^:]*:([^:]*):([^:]*): .*/ok \1:\2/' \
            -e 's/^not ok [0-9]+ - ([^:]*):([^:]*):([^:]*): (.*)/FAIL \2:\3: \4 (\1)/'
    return "${PIPESTATUS[0]}"
}

# wait_parts NUMBER - wait until no more than that are running
wait_parts() {
    while [ ${#JOBS[@]} -gt "$1" ]; do
        wait_job
        echo "ended $ENDED: $STATUS"
    done
}

# sum_up PROGRAM ARGUMENT... - unless this program is a part of another one: run it as one, print the
# sums in the end, and exit with 0 if there was a test and none has failed
sum_up() {
    [ -z "${HB_PART:-}" ] || return 0
    RESULTS=$(mktemp) || exit 1
    end_jobs_at_exit
    trap 'end_jobs; [ "$BASHPID" != "$OWNER" ] || rm -f "$RESULTS"' EXIT
    start_job all $((24 * 3600)) show "$@"
    wait_job
    echo "ended all: $STATUS" >>"$RESULTS"
    awk "$SUMS" "$RESULTS"
    exit
}

# The unit tests are many and quick: show them with V=1 only.
show() {
    local hidden='^ended '
    [ -n "${V:-}" ] || hidden='^ended |^ok (unit|asan|valgrind):'
    HB_PART=1 "$@" 2>&1 | tee "$RESULTS" | grep --line-buffered -vE "$hidden"
    return "${PIPESTATUS[0]}"
}

# shellcheck disable=SC2016
SUMS='
    function fail(what) { failures = failures "failed  " what "\n"; failed++ }
    { name = $2; sub(/:$/, "", name); rest = substr($0, length($1) + 2) }
    $1 ~ /^(ok|FAIL)$/ { tests[++count] = name; failing[count] = $1 == "FAIL" }
    $1 == "ok" { passed++ }
    $1 == "ok" && /\([0-9.]+ s\)$/ { times[name] = substr($3, 2); timed++ }
    $1 == "FAIL" { fail(rest) }
    $1 == "skip" { skips = skips "skipped " rest "\n" }
    $1 == "flaky" { flaky = flaky "flaky   " rest "\n" }
    $1 == "ended" { parts[name] = $3 > parts[name] + 0 ? $3 : parts[name] + 0 }
    END {
        for (part in parts) {
            found = bad = 0
            for (i = 1; i <= count; i++)
                if (part == "all" || index(tests[i], part ":") == 1) {
                    found = 1
                    bad = bad || failing[i]
                }
            if (!found)
                fail(part ": there was no test")
            if (parts[part] == '"$TOOK_TOO_LONG"')
                fail(part ": took too long, and was ended")
            else if (parts[part] > 1 || parts[part] > bad)
                fail(part ": ended with status " parts[part])
        }
        if (timed > 10) {
            print "== the ten slowest tests"
            sort = "sort -rn | head -n 10"
            for (name in times)
                printf "%6.1f s  %s\n", times[name], name | sort
            close(sort)
        }
        printf "== result\n%s%s%s%d passed, %d failed\n", skips, flaky, failures, passed, failed
        exit failed > 0
    }'
