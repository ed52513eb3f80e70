# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Included by the Makefile, after tests/tests.mk: the programs of the benchmarks, and the targets that measure.

bench_sources   := $(filter-out %.bpf.c,$(wildcard tools/bench/*.c))
bench_skeletons := $(patsubst tools/bench/%.bpf.c,$(BUILD)/bpf/%.skel.h, \
	$(wildcard tools/bench/*.bpf.c))
bench_tools     := $(bench_sources:tools/bench/%.c=$(BUILD)/bench/%)

$(call objects,$(bench_sources)): | $(bench_skeletons)

$(BUILD)/bpf/%.compiled.o: tools/bench/%.bpf.c $(BUILD)/bpf/flags | deps
	$(compile_bpf)

$(foreach source,$(bench_sources),$(eval $(call tool,$(source),bench)))

everything: $(bench_tools)

.PHONY: bench bench-vm bench-scale bench-programs
bench: bench-programs ## what it costs here, beside other ways, within five minutes; needs root
	@BUILD=$(BUILD) tools/bench/run
bench-vm: bench-programs ## what the hooks cost on x86-64 and arm64, counted in instructions
	@$(MAKE) $(parallel) ARCH=arm64 bench-programs
	@BUILD=$(BUILD) tools/bench/vm
bench-scale: bench-programs ## how the costs grow, with plots; needs root
	@BUILD=$(BUILD) tools/bench/scale
bench-programs: $(programs) $(bench_tools) $(BUILD)/tests/ids $(BUILD)/tests/pinned
	@:
