# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The runner of tests itself: a suite of small tests, run by it as any other.

# run_suite - with the tests of standard input; what it prints is in $T/out, STATUS is its exit status
run_suite() {
    mkdir -p "$T/suite"
    # Indented here, as a test that begins a line would be one of this file.
    sed 's/^    //' >"$T/suite/tests.sh"
    printf '#!/bin/bash\n. %q\n' "$LIB_ROOT/tests/runner.sh" >"$T/suite/run"
    chmod +x "$T/suite/run"
    STATUS=0
    env -u HB_PART -u HB_TESTS_TOP -u KEEP -u V "$T/suite/run" "$@" >"$T/out" 2>&1 || STATUS=$?
}

test_runner_reports_each_test() {
    run_suite <<'EOF'
    LIMIT=1
    ALONE+=(test_last)
    BACKGROUND+=(test_good)
    test_good() {
        true
    }
    test_bad() {
        false
        true
    }
    test_absent() {
        skip "not here"
    }
    test_shaky() {
        [ -e "$T.1" ] || fail "not the first time"
    }
    test_stuck() {
        sleep 1000
    }
    test_last() {
        true
    }
EOF
    same "exit status" 1 "$STATUS"
    says "$T/out" '^ok good \([0-9.]+ s\)$'
    says "$T/out" '^ok last \([0-9.]+ s\)$'
    says "$T/out" "^failed  bad: tests.sh:[0-9]+: 'false' failed ; then: tests.sh:"
    says "$T/out" '^skipped absent: not here'
    says "$T/out" '^flaky   shaky: not the first time'
    says "$T/out" '^failed  stuck: not done after 1 s; then: not done after 1 s'
    same "last line" "4 passed, 2 failed" "$(tail -n 1 "$T/out")"
    run_suite no_such_test </dev/null
    same "exit status without any test" 1 "$STATUS"
    same "last line without any test" "0 passed, 1 failed" "$(tail -n 1 "$T/out")"
}

# A child that got a signal before it had reset its traps removed the directory of all tests.
test_runner_outlives_tests_that_end_at_once() {
    local i
    for ((i = 0; i < 200; i++)); do
        printf 'test_quick%s() {\n    skip "at once"\n}\n' "$i"
    done >"$T/tests"
    run_suite <"$T/tests"
    says_not "$T/out" "No such file"
    same "skipped" 200 "$(grep -c '^skip ' "$T/out")"
    same "last line" "1 passed, 0 failed" "$(tail -n 1 "$T/out")"
}
