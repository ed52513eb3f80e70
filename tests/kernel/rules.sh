# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Which reads are beats under each rule, with the hook that every kernel has. Unless --type is given, reads
# of terminals find no key. Activity is a key under each of them.

DEPENDS=kernel

# counts WHAT EXPECTED OPTION... - that many of 101 reads are beats
counts() {
    local what=$1 expected=$2 before
    shift 2
    before=$(beats)
    beat "$@" 101
    same "$what" "$expected" $(($(beats) - before))
}

test_rule_stdin() {
    load --hook tracepoint --programs "$PROG" --rule stdin
    counts "reads of descriptor 0" 101
    counts "reads of a terminal at 0" 101 --terminal
    counts "reads of a terminal at 5" 0 --terminal --type --fd 5
    counts "reads of a file at 5" 0 --fd 5 5</dev/zero
}

test_rule_any() {
    load --hook tracepoint --programs "$PROG" --rule any
    counts "reads of descriptor 0" 101
    counts "reads of a terminal at 0" 101 --terminal
    counts "reads of a terminal at 5 without a key" 0 --terminal --fd 5
    counts "keys at 5" 101 --terminal --type --fd 5
    counts "reads of a master at 5" 0 --master --type --fd 5
    counts "reads of a file at 5" 0 --fd 5 5</dev/zero
    counts "keys at 500, by a thread" 101 --terminal --type --fd 500 --thread
}

test_rule_keys() {
    load --hook tracepoint --programs "$PROG" --rule keys
    counts "reads of a file at 0" 0
    counts "keys at 0" 101 --terminal --type
    counts "reads of a terminal at 0 without a key" 0 --terminal
    counts "keys at 5" 101 --terminal --type --fd 5
    counts "reads of a master at 5" 0 --master --type --fd 5
    counts "keys at 5, by a thread" 101 --terminal --type --fd 5 --thread
    # Programs that are not listed get a verdict at any read, so that their other reads leave at once.
    start_beater "${PROG}x" --hold 3
    go "$BEATER"
    wait_for 5 "the verdict on an unlisted program" has_verdict "$BEATER" 0
}

test_default_rule_is_any() {
    load --programs "$PROG"
    says "$T/load.out" "rule any"
    says <(pinned meta) "rule=1"
}

# last_key LAST_KEY [OPTION]... - of a beater after 3 reads, with its last beat as \1
last_key() {
    local expected=$1
    shift
    start_beater "$PROG" --hold "$@" 3
    go "$BEATER"
    wait_for 5 "the reads" has_read "$PROG" 3
    says <(pinned process "$BEATER") "last_beat=([0-9]+) last_key=$expected "
    end "$BEATER" KILL
}

test_last_key_is_known_by_each_rule() {
    local rule
    for rule in stdin any keys; do
        load --hook tracepoint --programs "$PROG" --rule "$rule"
        last_key '\1' --terminal --type
        last_key '[1-9][0-9]*' --terminal --type --fd 5
        last_key 0
        last_key 0 --terminal
        last_key 0 --master --type
    done
}
