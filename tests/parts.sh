# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Run parts of the tests side by side, and sum up their results. A result is one line:
#
#     ok NAME (SECONDS s)
#     FAIL NAME: WHY
#     skip NAME: WHY
#     flaky NAME: WHY        it passed when it was run once more; WHY is the first failure
#     ended PART:STATUS      of a tier, a virtual machine or a suite: 0, or 1 with a FAIL in it
#
# A program that runs a part puts the part before NAME: `ok kernel:beat (0.1 s)`. What Check prints of
# unit tests becomes such a line, too. All other lines are for people.

# Check prints TAP: `ok 3 - FILE:CASE:TEST: Passed`, `not ok 4 - FILE:CASE:TEST: WHY`
export CK_TAP_LOG_FILE_NAME=- CK_VERBOSITY=silent
TOOK_TOO_LONG=124
# What precedes kill(1) if parts run as root and this shell does not.
AS_ROOT=()

# relay COMMAND... - run it, pass SIGINT and SIGTERM on to it, and return its exit status
relay() {
    local status child
    "$@" &
    child=$!
    # shellcheck disable=SC2064
    trap "${AS_ROOT[*]} kill $child 2>/dev/null" INT TERM
    # A signal ends the waiting, too.
    while wait "$child"; status=$?; [ -d "/proc/$child" ]; do :; done
    return "$status"
}

# start_part NAME COMMAND... - in the background; its results are printed with NAME before them
start_part() {
    (
        trap - EXIT
        exec > >(trap '' INT TERM; exec sed -u -E -e '/^1\.\.[0-9]/d' \
            -e 's/^ok [0-9]+ - [^:]*:([^:]*):([^:]*): .*/ok \1:\2/' \
            -e 's/^not ok [0-9]+ - ([^:]*):([^:]*):([^:]*): (.*)/FAIL \2:\3: \4 (\1)/' \
            -e "s/^(ok|FAIL|skip|flaky|ended) /&$1:/") 2>&1
        HB_PART=1 relay "${@:2}" </dev/null
        echo "ended $?"
    ) &
}

# wait_parts NUMBER - wait until no more than that are running
wait_parts() {
    trap 'trap "" INT TERM; kill $(jobs -p) 2>/dev/null; wait; exit 143' INT TERM
    while [ "$(jobs -pr | wc -l)" -gt "$1" ]; do
        wait -n
    done
}

# sum_up PROGRAM ARGUMENT... - unless this program is a part of another one: run it as one, print the
# sums in the end, and exit with 0 if there was a test and none has failed
sum_up() {
    [ -z "${HB_PART:-}" ] || return 0
    # The unit tests are many and quick: show them with V=1 only.
    exec > >(trap '' INT TERM; exec awk -v hidden="^ended ${V:-|^ok (unit|asan|valgrind):}" "$SUMS")
    local sums=$!
    HB_PART=1 relay "$@" 2>&1
    echo "ended all:$?"
    exec >&-
    wait "$sums"
    exit
}

# shellcheck disable=SC2016
SUMS='
    function fail(what) { failures = failures "failed  " what "\n"; failed++ }
    $0 !~ hidden { print; fflush() }
    { name = $2; sub(/:$/, "", name); rest = substr($0, length($1) + 2) }
    $1 ~ /^(ok|FAIL)$/ { tests[++count] = name; failing[count] = $1 == "FAIL" }
    $1 == "ok" { passed++ }
    $1 == "ok" && /\([0-9.]+ s\)$/ { times[name] = substr($3, 2); timed++ }
    $1 == "FAIL" { fail(rest) }
    $1 == "skip" { skips = skips "skipped " rest "\n" }
    $1 == "flaky" { flaky = flaky "flaky   " rest "\n" }
    $1 == "ended" {
        part = status = $2
        sub(/:[0-9]+$/, "", part)
        sub(/.*:/, "", status)
        parts[part] = status > parts[part] + 0 ? status : parts[part] + 0
    }
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
