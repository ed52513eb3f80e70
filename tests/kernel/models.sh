# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The order in which memory is accessed. No machine for tests reorders as much as arm64 may, since even an
# emulated one has the order of the processor that emulates it: models tell which orders are needed, and
# the compiled objects whether they are there. bpf/README.md has the table.

test_order_of_memory_in_models() {
    exits 0 "$BUILD/tests/memory-order"
    same "models" 4 "$(grep -c ', as it is: holds ' "$T/out")"
    at_least "orders that are needed" 15 "$(grep -c ': fails .* as it should$' "$T/out")"
}

# OBJECT FUNCTION NUMBER INSTRUCTION: that many at least, by a regular expression
order_instructions() {
    cat <<'EOF'
lines/ring ring_attach 2 ldar
lines/ring ring_end 1 ldar
lines/ring ring_next 2 ldar
lines/ring ring_commit 1 stlr
lines/ring ring_clear 1 stlr
lines/slots slots_claim 1 ldset(8_acq_rel|al)
lines/slots slots_shut 1 ldclr(8_acq_rel|al)
lines/slots slots_sweep 1 ldclr(8_acq_rel|al)
maps/snapshot settle 1 dmb
maps/snapshot snapshot_take 4 dmb
EOF
}

test_order_of_memory_in_objects_for_arm64() {
    local objects=$BUILD object function number instruction count
    [ "$(uname -m)" = aarch64 ] || objects=$BUILD/arm64
    [ -e "$objects/obj/reader/lines/ring.o" ] || skip "there is no build for arm64: make ARCH=arm64"
    need aarch64-linux-gnu-objdump
    while read -r object function number instruction; do
        aarch64-linux-gnu-objdump --disassemble="$function" --no-show-raw-insn \
            "$objects/obj/reader/$object.o" >"$T/code"
        count=$(grep -cE "[[:space:]]${instruction}[[:space:]]|<__aarch64_$instruction>" "$T/code" || true)
        at_least "$instruction in $function of $object.o" "$number" "$count"
    done < <(order_instructions)
}
