# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Included by the Makefile: what is checked of sources, scripts and manuals.

scripts    := .ci/run $(shell grep -rlIE '^\#!/bin/bash$$' tests tools)
sourced    := $(shell grep -rlIE '^\# shellcheck shell=bash$$' tests tools)
c_files    := $(wildcard bpf/*.[ch] bpf/lib/*.[ch] loader/*.[ch] reader/*.[ch] reader/*/*.[ch] \
	tests/*/*.[ch] tests/order/*.cc tests/order/*.hh tools/*/*.[ch])
tidy_files := $(lib_sources) $(loader_sources) $(reader_sources) $(unit_sources) \
	$(helper_sources) $(tool_sources) $(bench_sources) $(fleet_sources)

lint_checks := gcc clang bpf format tidy cppcheck shell manual

.PHONY: lint $(lint_checks:%=lint-%)
lint: ## compile with all warnings as errors, check style, analyse
	@$(MAKE) $(parallel) --output-sync $(lint_checks:%=lint-%)

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

lint-format: | deps-lint
	$(call say,FORMAT,'$(words $(c_files)) files')
	$(Q)clang-format --dry-run -Werror $(c_files)

# One process a file: clang-tidy stays with one processor.
lint-tidy: lint-clang
	$(call say,TIDY,'$(words $(tidy_files)) files')
	$(Q)printf '%s\n' $(tidy_files) | xargs -P $$(nproc) -I{} $(CLANG_TIDY) --quiet {} -- \
		$(filter-out -W% -f% -I$(BUILD)%,$(all_cflags)) -isystem $(BUILD)/lint-clang/bpf -DHB_VERSION='"0"' \
		2> >(grep -vE '^[0-9]+ warnings? (generated|treated as)|^Suppressed |^Use -header' >&2)
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
