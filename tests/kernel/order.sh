# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The order in which the loaded programs access memory. Only atomic instructions that fetch are a barrier.

DEPENDS=kernel

# id_of NAME - of a program at $PIN
id_of() {
    local id
    for id in $("$BUILD/tests/ids" list "$PIN" | sed -n 's/^prog //p' | sort -un); do
        # A pipe would fail if grep ended it early.
        ! grep -q " name $1 " < <(bpftool prog show id "$id") || echo "$id"
    done
}

test_order_of_loaded_programs() {
    need bpftool
    load --programs "$PROG"
    # An exit forgets the process: its move begins and is done, and its entry in the cache is cleared.
    bpftool prog dump xlated id "$(id_of process_exit)" >"$T/code"
    same "moves" 2 "$(grep -c 'r[0-9] = atomic64_fetch_add(' "$T/code")"
    at_least "cleared entries" 1 "$(grep -c 'r[0-9] = atomic64_xchg(' "$T/code")"
    # ldaddal and swpal: the kernel uses them if the processor has them.
    if [ "$(uname -m)" = aarch64 ] && grep -qw atomics /proc/cpuinfo; then
        "$BUILD/tests/jited" "$(id_of process_exit)" >"$T/jited"
        od -An -v -w4 -tx4 "$T/jited" >"$T/words"
        same "moves in machine code" 2 "$(grep -cE '^ f8[ef].0[0-3]..$' "$T/words")"
        at_least "cleared entries in machine code" 1 "$(grep -cE '^ f8[ef].8[0-3]..$' "$T/words")"
    fi
}
