# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# All output goes below $(BUILD). What can be set: CC, CLANG, BPFTOOL, CFLAGS and LDFLAGS (added to
# ours), PREFIX, DESTDIR, BUILD, WERROR=1, SANITIZE=1, V=1 (show the commands).

HB_RELEASE := 0.1.0

BUILD      := build
CLANG      ?= clang
CLANG_TIDY ?= clang-tidy
PKG_CONFIG ?= pkg-config
# It is in /usr/sbin, which a user's PATH may lack.
BPFTOOL    ?= $(firstword $(wildcard $(addsuffix /bpftool,$(subst :, ,$(PATH)) \
	/usr/local/sbin /usr/sbin /sbin)) bpftool)

PREFIX     ?= /usr
SBINDIR    ?= $(PREFIX)/sbin
BINDIR     ?= $(PREFIX)/bin
MANDIR     ?= $(PREFIX)/share/man
UNITDIR    ?= $(PREFIX)/lib/systemd/system
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d

.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules
SHELL := /bin/bash

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-7s %s\n' $(1) $(2)
endif

# --- What there is ------------------------------------------------------------------------------

objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

bpf_programs := heartbeat
skeletons    := $(bpf_programs:%=$(BUILD)/bpf/%.skel.h)
bench_skeletons := $(patsubst tools/bench/%.bpf.c,$(BUILD)/bpf/%.skel.h, \
	$(wildcard tools/bench/*.bpf.c))

lib_sources    := $(wildcard bpf/lib/*.c)
loader_sources := $(wildcard loader/*.c)
reader_sources := $(wildcard reader/*.c reader/*/*.c)
unit_sources   := $(wildcard tests/unit/*.c)
bench_sources  := $(filter-out %.bpf.c,$(wildcard tools/bench/*.c))
helper_sources := $(wildcard tests/lib/*.c)
tool_sources   := $(wildcard tests/kernel/*.c) $(bench_sources)

lib_objects    := $(call objects,$(lib_sources))
loader_objects := $(call objects,$(loader_sources))
reader_objects := $(call objects,$(reader_sources))
unit_objects   := $(call objects,$(unit_sources))
helper_objects := $(call objects,$(helper_sources))
# Libraries for LD_PRELOAD.
shim_sources   := $(filter %shim.c,$(tool_sources))
# The main file of each test program. A long program has more files, NAME_PART.c beside NAME.c.
main_sources   := $(foreach source,$(filter-out $(shim_sources) $(bench_sources),$(tool_sources)), \
	$(if $(findstring _,$(notdir $(source))),,$(source)))
bench_tools    := $(bench_sources:tools/bench/%.c=$(BUILD)/bench/%)
test_programs  := $(main_sources:tests/kernel/%.c=$(BUILD)/tests/%)
test_shims     := $(shim_sources:tests/kernel/%.c=$(BUILD)/tests/%.so)
test_tools     := $(test_programs) $(test_shims)

programs  := $(BUILD)/hb-load $(BUILD)/hb-read
manuals   := $(wildcard loader/*.8 reader/*.8)
units     := $(wildcard loader/*.service reader/*.service reader/*.socket)
sysusers  := tools/activity-heartbeat.sysusers
scripts   := .ci/run $(shell grep -rlIE '^\#!/bin/bash$$' tests tools)
sourced   := $(shell grep -rlIE '^\# shellcheck shell=bash$$' tests tools)
c_files   := $(wildcard bpf/*.[ch] bpf/lib/*.[ch] loader/*.[ch] reader/*.[ch] reader/*/*.[ch] \
	tests/*/*.[ch] tools/*/*.[ch])

# --- Flags --------------------------------------------------------------------------------------

# At most 63 bytes. A hash alone, as tags name releases that HB_RELEASE names already; and no lock
# is taken, as somebody may be committing.
version := $(shell v=; [ ! -e .git ] || v=$$(GIT_OPTIONAL_LOCKS=0 git describe --always \
	--dirty --exclude='*' 2>/dev/null) || v=; printf '%.63s' "$(HB_RELEASE)$${v:++$$v}")

modules = $(shell $(PKG_CONFIG) $(1) $(2) 2>/dev/null)
loader_modules := libbpf libelf zlib
# libmicrohttpd is loaded when it is needed.
reader_modules := libbpf libelf
unit_modules   := $(loader_modules) check
module_cflags  := $(call modules,--cflags,$(loader_modules) libmicrohttpd)
loader_libs    := $(call modules,--libs,$(loader_modules))
reader_libs    := $(call modules,--libs,$(reader_modules))
unit_libs       = $(call modules,--libs,$(unit_modules))

warnings := -Wall -Wextra -Wshadow -Wformat=2 -Wmissing-prototypes -Wconversion
ifeq ($(WERROR),1)
warnings += -Werror
endif
ifeq ($(SANITIZE),1)
hardening := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
hardening_ld := -fsanitize=address,undefined
else
hardening := -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fPIE
hardening_ld := -pie -Wl,-z,relro,-z,now
endif

all_cflags := -O2 -g -std=gnu11 $(warnings) $(hardening) \
	-I. -I$(BUILD)/bpf $(module_cflags) $(CFLAGS)
all_ldflags := $(hardening_ld) -Wl,--as-needed $(CFLAGS) $(LDFLAGS)

machine := $(shell uname -m)
bpf_arch_x86_64  := x86
bpf_arch_aarch64 := arm64
bpf_arch := $(or $(bpf_arch_$(machine)),$(machine))
# The signatures of BPF programs are given by where they hook in.
bpf_cflags := -target bpf -g -O2 -mcpu=v3 -D__TARGET_ARCH_$(bpf_arch) -Wall -Wextra -Wshadow \
	-Wno-unused-parameter $(if $(filter 1,$(WERROR)),-Werror) -I. \
	$(addprefix -I,$(wildcard /usr/include/$(machine)-linux-gnu)) $(BPF_CFLAGS)

# --- Building -----------------------------------------------------------------------------------

.PHONY: all
all: $(programs) ## build both programs (the default)

.PHONY: deps
deps:
	@tools/setup --check build

# A file that changes when what it records does: what depends on it is made again.
define record
$(BUILD)/$(1): FORCE | deps
	@mkdir -p $$(@D)
	@printf '%s\n' '$(subst ','\'',$(2))' | cmp -s - $$@ || printf '%s\n' '$(subst ','\'',$(2))' >$$@
endef
$(eval $(call record,version,$(version)))
$(eval $(call record,flags,$(CC) $(all_cflags) $(all_ldflags)))
$(eval $(call record,sources,$(lib_sources) $(loader_sources) $(reader_sources) \
	$(unit_sources) $(helper_sources)))
$(eval $(call record,bpf/flags,$(CLANG) $(bpf_cflags)))

.PHONY: FORCE
FORCE:

define compile_bpf
$(call say,CLANG,$@)
$(Q)$(CLANG) $(bpf_cflags) -MMD -MP -MF $(@:.o=.d) -c -o $@ $<
endef

$(BUILD)/bpf/%.compiled.o: bpf/%.bpf.c $(BUILD)/bpf/flags | deps
	$(compile_bpf)

$(BUILD)/bpf/%.compiled.o: tools/bench/%.bpf.c $(BUILD)/bpf/flags | deps
	$(compile_bpf)

# The linking leaves out what only a debugger needs, but keeps BTF.
$(BUILD)/bpf/%.bpf.o: $(BUILD)/bpf/%.compiled.o
	$(call say,BPFLINK,$@)
	$(Q)$(BPFTOOL) gen object $@ $<

# Our warnings are not for generated code, and clang-tidy thinks that libbpf frees nothing.
$(BUILD)/bpf/%.skel.h: $(BUILD)/bpf/%.bpf.o
	$(call say,SKEL,$@)
	$(Q)(printf '%s\n' '#pragma GCC system_header' '// NOLINTBEGIN' && \
		$(BPFTOOL) gen skeleton $< name $*_bpf && echo '// NOLINTEND') >$@

$(BUILD)/obj/%.o: %.c $(BUILD)/flags | deps
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(all_cflags) $(objflags) -MMD -MP -c -o $@ $<

$(call objects,$(unit_sources)): objflags += $(call modules,--cflags,check)

# Known only from the second build on, by the dependencies that the first has written.
$(call objects,$(loader_sources) $(unit_sources) $(tool_sources)): | $(skeletons)
$(call objects,$(bench_sources)): | $(bench_skeletons)

# Nobody else gets the version, so that a change of it compiles little.
with_version := $(call objects,$(shell grep -lw HB_VERSION $(lib_sources) $(loader_sources) \
	$(reader_sources) $(unit_sources) $(tool_sources) /dev/null))
$(with_version): objflags += -DHB_VERSION='"$(version)"'
$(with_version): $(BUILD)/version

link = $(Q)$(CC) $(all_cflags) $(all_ldflags) -o $@ $(filter %.o %.a,$^) $(1)

# The archives give each program and test no more than what it needs of them.
$(BUILD)/lib.a: $(lib_objects)
$(BUILD)/loader.a: $(filter-out %/main.o,$(loader_objects))
$(BUILD)/reader.a: $(filter-out %/main.o,$(reader_objects))
$(BUILD)/helpers.a: $(helper_objects)
$(BUILD)/lib.a $(BUILD)/loader.a $(BUILD)/reader.a $(BUILD)/helpers.a: $(BUILD)/sources
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

$(BUILD)/hb-load: $(filter %/main.o,$(loader_objects)) $(BUILD)/loader.a $(BUILD)/lib.a
	$(call say,LINK,$@)
	$(call link,$(loader_libs))

$(BUILD)/hb-read: $(filter %/main.o,$(reader_objects)) $(BUILD)/reader.a $(BUILD)/lib.a
	$(call say,LINK,$@)
	$(call link,$(reader_libs))

$(BUILD)/tests/unit: $(unit_objects) $(BUILD)/sources \
		$(BUILD)/reader.a $(BUILD)/loader.a $(BUILD)/lib.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(call link,$(unit_libs))

# tool SOURCE DIRECTORY
define tool
$(BUILD)/$(2)/$(basename $(notdir $(1))): $(call objects,$(1) $(wildcard $(1:.c=_*.c))) \
		$(BUILD)/helpers.a $(BUILD)/lib.a
	$$(call say,LINK,$$@)
	@mkdir -p $$(@D)
	$$(call link,$(loader_libs))
endef
$(foreach source,$(main_sources),$(eval $(call tool,$(source),tests)))
$(foreach source,$(bench_sources),$(eval $(call tool,$(source),bench)))

$(test_shims): $(BUILD)/tests/%.so: tests/kernel/%.c $(BUILD)/flags | deps
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(all_cflags) -fPIC -shared -MMD -MP -o $@ $<

-include $(wildcard $(BUILD)/bpf/*.d $(BUILD)/lint-bpf/*/*.d $(BUILD)/obj/*/*.d $(BUILD)/obj/*/*/*.d $(BUILD)/tests/*.d)

# --- Running ------------------------------------------------------------------------------------

.PHONY: run demo
run: ## install what is missing, build, load, read until Ctrl-C, unload
	@tools/run
demo: ## the same with a vim that types by itself; ends within a minute
	@tools/demo

# --- Testing ------------------------------------------------------------------------------------

tiers := unit asan valgrind kernel session

.PHONY: test test-programs test-asan-programs $(tiers:%=test-%) test-kernel-vm test-kernels
test: ## install what is missing, build, run all tests; asks sudo for those that need root
	@tools/setup build test vm
	@$(MAKE) --no-print-directory test-programs test-asan-programs
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
test-kernels: test-programs | deps-vm ## both with each hook, in stock kernels from 5.10 to 7.2; nine minutes
	@BUILD=$(BUILD) tests/vm/run all

test-programs: all | deps-test
	@$(MAKE) --no-print-directory everything

test-asan-programs: | deps-test
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/asan SANITIZE=1 unit-program

.PHONY: deps-test deps-vm deps-lint
deps-test deps-vm deps-lint: deps-%:
	@tools/setup --check build $*

# --- Measuring ----------------------------------------------------------------------------------

.PHONY: bench bench-vm bench-scale bench-programs
bench: bench-programs ## what it costs here, beside other ways, within five minutes; needs root
	@BUILD=$(BUILD) tools/bench/run
bench-vm: bench-programs ## what the hooks cost in a stock kernel, counted in instructions
	@BUILD=$(BUILD) tools/bench/vm
bench-scale: bench-programs ## how the costs grow, with plots; needs root
	@BUILD=$(BUILD) tools/bench/scale
bench-programs: $(programs) $(bench_tools) $(BUILD)/tests/ids $(BUILD)/tests/pinned
	@:

# --- Linting ------------------------------------------------------------------------------------

lint_checks := gcc clang bpf format tidy cppcheck shell manual

.PHONY: lint $(lint_checks:%=lint-%)
lint: $(lint_checks:%=lint-%) ## compile with all warnings as errors, check style, analyse

lint-gcc lint-clang: lint-%: | deps-lint
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/lint-$* CC=$* WERROR=1 CFLAGS= everything

# For each architecture, whichever this one is: their hooks have other names and registers.
lint-bpf: $(foreach arch,x86 arm64,$(foreach program,$(bpf_programs),$(BUILD)/lint-bpf/$(arch)/$(program).o))
	@:

# arch
define lint_bpf
$(BUILD)/lint-bpf/$(1)/%.o: bpf/%.bpf.c $(BUILD)/bpf/flags | deps
	$$(call say,CLANG,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(CLANG) $$(filter-out -D__TARGET_ARCH_%,$$(bpf_cflags)) -D__TARGET_ARCH_$(1) -Werror \
		-MMD -MP -c -o $$@ $$<
endef
$(foreach arch,x86 arm64,$(eval $(call lint_bpf,$(arch))))

.PHONY: everything unit-program
everything: $(programs) unit-program $(test_tools) $(bench_tools)
	@:
unit-program: $(BUILD)/tests/unit
	@:

lint-format: | deps-lint
	$(call say,FORMAT,'$(words $(c_files)) files')
	$(Q)clang-format --dry-run -Werror $(c_files)

# One process a file: clang-tidy stays with one processor.
lint-tidy: lint-clang
	$(call say,TIDY,'$(words $(tidy_files)) files')
	$(Q)printf '%s\n' $(tidy_files) | xargs -P $$(nproc) -I{} $(CLANG_TIDY) --quiet {} -- \
		$(filter-out -W% -f% -I$(BUILD)%,$(all_cflags)) -isystem $(BUILD)/lint-clang/bpf -DHB_VERSION='"0"' \
		2> >(grep -vE '^[0-9]+ warnings? (generated|treated as)|^Suppressed |^Use -header' >&2)
tidy_files = $(lib_sources) $(loader_sources) $(reader_sources) $(unit_sources) \
	$(helper_sources) $(tool_sources)

# System headers are left out: it knows what the C library does, and guesses at macros otherwise.
lint-cppcheck: | deps-lint
	$(call say,CPPCHECK,'$(words $(tidy_files)) files')
	$(Q)cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr -j $$(nproc) \
		--enable=warning,performance,portability \
		--suppress=missingInclude --suppress=missingIncludeSystem \
		-DHB_VERSION='"0"' -D'LIBBPF_OPTS(type,name,...)=struct type name = { __VA_ARGS__ }' \
		-I. $(tidy_files)

# What is called by name or from another file looks unreachable, unused or undefined.
# Functions are called by name (SC2317). Files that are sourced into one shell share variables (SC2034,
# SC2153, SC2154) and functions (SC2119, SC2120); tests quote programs for bash and jq (SC2016).
lint-shell: | deps-lint
	$(call say,SHELL,'$(words $(scripts) $(sourced)) files')
	$(Q)shellcheck --external-sources --exclude=SC2317 $(scripts)
	$(Q)shellcheck --external-sources --exclude=SC2016,SC2034,SC2119,SC2120,SC2153,SC2154,SC2317 \
		$(sourced)

lint-manual: | deps-lint
	$(call say,MANDOC,'$(words $(manuals)) files')
	$(Q)mandoc -T lint -W warning $(manuals)

.PHONY: format
format: ## format the C sources in place
	clang-format -i $(c_files)

# --- Installing ---------------------------------------------------------------------------------

installed = $(addprefix $(DESTDIR),$(SBINDIR)/hb-load $(BINDIR)/hb-read \
	$(addprefix $(MANDIR)/man8/,$(notdir $(manuals))) \
	$(addprefix $(UNITDIR)/,$(notdir $(units))) $(SYSUSERSDIR)/activity-heartbeat.conf)

.PHONY: install uninstall
install: all ## install below PREFIX (/usr), inside DESTDIR if set
	install -D -m 0755 $(BUILD)/hb-load $(DESTDIR)$(SBINDIR)/hb-load
	install -D -m 0755 $(BUILD)/hb-read $(DESTDIR)$(BINDIR)/hb-read
	install -d $(DESTDIR)$(MANDIR)/man8 $(DESTDIR)$(UNITDIR)
	install -m 0644 $(manuals) $(DESTDIR)$(MANDIR)/man8/
	$(foreach unit,$(units),sed -e 's,/usr/sbin/,$(SBINDIR)/,' -e 's,/usr/bin/,$(BINDIR)/,' \
		$(unit) >$(DESTDIR)$(UNITDIR)/$(notdir $(unit)) && \
		chmod 0644 $(DESTDIR)$(UNITDIR)/$(notdir $(unit)) &&) :
	install -D -m 0644 $(sysusers) $(DESTDIR)$(SYSUSERSDIR)/activity-heartbeat.conf

uninstall: ## remove what install put there
	rm -f $(installed)

# --- The rest -----------------------------------------------------------------------------------

.PHONY: clean help
clean: ## remove what was built
	rm -rf $(BUILD)

help: ## show this list
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/\1|\2/p' $(firstword $(MAKEFILE_LIST)) | \
		while IFS='|' read -r target text; do printf '  make %-14s %s\n' "$$target" "$$text"; done
