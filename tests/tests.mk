# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Included by the Makefile: the programs of the tests, and the targets that run tests.

unit_sources   := $(wildcard tests/unit/*.c)
helper_sources := $(wildcard tests/lib/*.c)
tool_sources   := $(wildcard tests/kernel/*.c)
# Libraries for LD_PRELOAD.
shim_sources   := $(filter %shim.c,$(tool_sources))
# The main file of each test program. A long program has more files, NAME_PART.c beside NAME.c.
main_sources   := $(foreach source,$(filter-out $(shim_sources),$(tool_sources)), \
	$(if $(findstring _,$(notdir $(source))),,$(source)))

test_programs  := $(main_sources:tests/kernel/%.c=$(BUILD)/tests/%)
test_shims     := $(shim_sources:tests/kernel/%.c=$(BUILD)/tests/%.so)
unit_objects   := $(call objects,$(unit_sources))

$(unit_objects): objflags += $(call modules,--cflags,check)
$(call objects,$(unit_sources) $(tool_sources)): | $(skeletons)
$(eval $(call record,tests/sources,$(unit_sources) $(helper_sources)))

$(BUILD)/helpers.a: $(call objects,$(helper_sources)) $(BUILD)/tests/sources
	$(archive)

$(BUILD)/tests/unit: $(unit_objects) $(BUILD)/tests/sources \
		$(BUILD)/reader.a $(BUILD)/loader.a $(BUILD)/lib.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(call link,$(call modules,--libs,$(loader_modules) check))

# tool SOURCE DIRECTORY
define tool
$(BUILD)/$(2)/$(basename $(notdir $(1))): $(call objects,$(1) $(wildcard $(1:.c=_*.c))) \
		$(BUILD)/helpers.a $(BUILD)/lib.a
	$$(call say,LINK,$$@)
	@mkdir -p $$(@D)
	$$(call link,$(loader_libs))
endef
$(foreach source,$(main_sources),$(eval $(call tool,$(source),tests)))

$(test_shims): $(BUILD)/tests/%.so: tests/kernel/%.c $(BUILD)/flags | deps
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(all_cflags) -fPIC -shared -MMD -MP -o $@ $<

# Models of what processors may reorder, in C++. They include files in C, which that warns of.
model_sources := $(wildcard tests/order/*.cc)

$(model_sources:%.cc=$(BUILD)/obj/%.o): $(BUILD)/obj/%.o: %.cc $(BUILD)/flags | deps
	$(call say,CXX,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) -std=gnu++20 -g -fpermissive -w -I. $(module_cflags) -MMD -MP -c -o $@ $<

$(BUILD)/tests/memory-order: $(model_sources:%.cc=$(BUILD)/obj/%.o) $(BUILD)/reader.a $(BUILD)/lib.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) -o $@ $(filter %.o %.a,$^) $(reader_libs)

.PHONY: everything unit-program
everything: $(programs) unit-program $(test_programs) $(test_shims)
	@:
unit-program: $(BUILD)/tests/unit
	@:

tiers := unit asan valgrind kernel session

.PHONY: test test-programs test-asan-programs $(tiers:%=test-%) test-kernel-vm test-kernels
test: ## install what is missing, build, run all tests; asks sudo for those that need root
	@tools/setup build test vm
	@$(MAKE) $(parallel) test-programs test-asan-programs
	@BUILD=$(BUILD) tests/run $(tiers) vm

test-unit: test-programs ## unit tests alone: no privilege needed
test-asan: test-asan-programs ## unit tests under the address and undefined behaviour sanitizers
test-valgrind: test-programs ## unit tests under valgrind
test-kernel: test-programs ## tests of the hooks in the running kernel: needs root
test-session: test-programs ## tests with editors in a real terminal: needs root
$(tiers:%=test-%):
	@BUILD=$(BUILD) tests/run $(@:test-%=%)

test-kernel-vm: test-programs | deps-vm ## both with fentry, in a virtual machine of a stock kernel
	@BUILD=$(BUILD) tests/vm/run one kernel:fentry session:fentry
test-kernels: test-programs | deps-vm ## both with each hook, in stock kernels from 5.10 to 7.2, for x86-64 and arm64
	@$(MAKE) --no-print-directory other-program
	@$(MAKE) $(parallel) ARCH=arm64 test-programs other-program
	@BUILD=$(BUILD) tests/vm/run all

# A second build with other BPF programs, for the tests of upgrades.
.PHONY: other-program
other-program:
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/other HB_RELEASE=0.0.0-other BPF_CFLAGS=-mcpu=v2 \
		$(BUILD)/other/hb-load

test-programs: all | deps-test
	@$(MAKE) --no-print-directory everything $(if $(sysroot),,$(BUILD)/tests/memory-order)

test-asan-programs: | deps-test
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/asan SANITIZE=1 unit-program

.PHONY: deps-test deps-vm deps-lint
deps-test deps-vm deps-lint: deps-%:
	@tools/setup --check build $*
