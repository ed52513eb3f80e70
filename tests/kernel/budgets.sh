# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Costs, in units that do not depend on the speed of the machine. tests/kernel/budgets has the limits.

DEPENDS=hook
ALONE+=(test_budget_of_system_calls test_budget_of_allocations test_budget_of_idleness)
# Beats. They fit into a ring of the default size.
BURST=3989

# budget WHAT - print its limit: that of this architecture or page size, if they have one of their own
budget() {
    awk -F' *[|] *' -v what="$1" -v machine="$(uname -m)" -v pages="$(($(getconf PAGESIZE) / 1024)) KiB pages" '
        /^#/ { next }
        $1 == what && !found { limit = $2; found = 1 }
        $1 == what ", " machine || $1 == what ", " pages { limit = $2; found = 2 }
        END { if (found) print limit; exit !found }' "$LIB_ROOT/tests/kernel/budgets" ||
        fail "tests/kernel/budgets has no line for '$1'"
}

# within_budget WHAT ACTUAL
within_budget() {
    local limit
    limit=$(budget "$1")
    echo "$1: $2 of $limit"
    at_most "$1 (see tests/kernel/budgets)" "$limit" "$2"
}

# Print the sizes of what is loaded: see tests/kernel/sizes.c.
sizes() {
    "$BUILD/tests/ids" list "$PIN" | sort -u | "$BUILD/tests/sizes"
}

# The number of instructions that the verifier looks at differs between kernels. Linux 6.12 in a
# virtual machine is the reference.
test_budget_of_programs() {
    local rule name xlated verified count=0
    for rule in any keys; do
        load --programs "$PROG" --rule "$rule"
        while read -r name xlated verified; do
            count=$((count + 1))
            within_budget "xlated $name" "$xlated"
            [[ ${HB_KERNEL:-} != *6.12 ]] || within_budget "verified $name" "$verified"
        done < <(sizes | sed -n 's/^prog //p')
        unload
    done
    at_least "programs" 8 "$count"
}

# Each control group of the machine has a record.
few_cgroups() {
    make_cgroups
    [ "$(find "$HIERARCHY" -type d | wc -l)" -le 300 ] || skip "there are many control groups here"
}

# The control groups of other tests would have records.
ALONE+=(test_budget_of_maps)
test_budget_of_maps() {
    local cgroups all
    few_cgroups
    load --programs "$PROG"
    sizes | sed -n 's/^map //p' >"$T/maps"
    cat "$T/maps"
    # Linux before 6.4 reports what a map would take if it were full: see the records of the cgroups.
    cgroups=$(awk '$1 == "cgroups" { print $2 }' "$T/maps")
    [ "$cgroups" -lt $((16384 * 256)) ] || skip "this kernel does not report what a map takes"
    all=$(awk '{ n += $2 } END { print n }' "$T/maps")
    at_least "bytes of all maps" $((8 * 128 * 1024)) "$all"
    within_budget maps "$all"
}

# burst COMMAND... - make beats while the reader is stopped, run the command, and let the reader continue.
# It finds the burst complete, so the number of its calls does not depend on the machine.
burst() {
    local lines
    lines=$(lines "$T/r.out")
    kill -STOP "$READER"
    beat "$BURST"
    "$@"
    kill -CONT "$READER"
    wait_for 20 "the lines of the burst" has_lines "$T/r.out" $((lines + BURST))
}

# On most machines, reading the clock takes no system call.
trace_reader() {
    start strace -e 'trace=!clock_gettime' -o "$T/trace" -p "$READER"
    TRACER=$STARTED
    wait_for 10 "strace" is_traced "$READER"
}

is_traced() {
    grep -q '^TracerPid:[[:space:]]*[1-9]' "/proc/$1/status"
}

test_budget_of_system_calls() {
    local calls writes
    need strace
    load --programs "$PROG"
    start_reader r --gc-interval 0
    burst trace_reader
    # Include its look at the losses, and what it does at the end.
    sleep 2
    end "$TRACER"
    calls=$(grep -cE '^[a-z_0-9]+\(' "$T/trace")
    writes=$(grep -c '^write(' "$T/trace")
    end "$READER"
    at_least "writes" 1 "$writes"
    sed -n 's/^\([a-z_0-9]*\)(.*/\1/p' "$T/trace" | sort | uniq -c
    within_budget "system calls" "$calls"
    within_budget "writes" "$writes"
}

test_budget_of_allocations() {
    local format before
    export MALLOCSHIM_COUNT=$T/allocations
    for format in text json; do
        load --programs "$PROG"
        LD_PRELOAD=$BUILD/tests/mallocshim.so start_reader r --gc-interval 0 --format "$format"
        # The first beats allocate what is kept.
        burst true
        before=$(allocations)
        at_least "allocations at the start" 1 "$before"
        burst true
        within_budget "allocations $format" $(($(allocations) - before))
        end "$READER"
        unload
    done
}

allocations() {
    od -An -tu8 "$MALLOCSHIM_COUNT" | tr -d ' '
}

# An idle reader wakes up for the collection timer only.
test_budget_of_idleness() {
    local turns calls collections
    need strace
    load --programs "$PROG"
    start_reader r --gc-interval 2
    trace_reader
    sleep 9
    end "$TRACER"
    end "$READER"
    turns=$(grep -cE '^epoll_p?wait\(.* = 1$' "$T/trace")
    calls=$(grep -cE '^[a-z_0-9]+\(' "$T/trace")
    at_least "turns" 3 "$turns"
    at_most "turns" 6 "$turns"
    within_budget "idle system calls" $((calls / turns))
    collections=$(grep -c '^openat(.*/collect"' "$T/trace")
    at_least "collections" 3 "$collections"
    at_most "collections" "$turns" "$collections"
}
