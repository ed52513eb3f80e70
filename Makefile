# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# All output goes below $(BUILD). What can be set: ARCH (amd64, arm64), CC, CLANG, BPFTOOL, CFLAGS and
# LDFLAGS (added to ours), PREFIX, DESTDIR, BUILD, WERROR=1, SANITIZE=1, V=1 (show the commands).

HB_RELEASE := 0.2.0

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

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules
SHELL := /bin/bash
# For targets that run make again: on all processors, unless make was given another number.
parallel = --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$$(nproc))

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-7s %s\n' $(1) $(2)
endif

# ARCH=, which sets machine, sysroot and pkg_config.
include tools/cross.mk

# --- Sources and products ---------------------------------------------------------------------------

objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

bpf_programs := heartbeat
skeletons    := $(bpf_programs:%=$(BUILD)/bpf/%.skel.h)

lib_sources    := $(wildcard bpf/lib/*.c)
loader_sources := $(wildcard loader/*.c)
reader_sources := $(wildcard reader/*.c reader/*/*.c)

lib_objects    := $(call objects,$(lib_sources))
loader_objects := $(call objects,$(loader_sources))
reader_objects := $(call objects,$(reader_sources))

programs  := $(BUILD)/hb-load $(BUILD)/hb-read
manuals   := $(wildcard loader/*.[58] reader/*.8)
units     := $(wildcard loader/*.service reader/*.service reader/*.socket)
sysusers  := tools/activity-heartbeat.sysusers
config    := loader/heartbeat.conf

# --- Flags ------------------------------------------------------------------------------------------

# At most 63 bytes. A hash alone, as tags name releases that HB_RELEASE names already; and no lock
# is taken, as somebody may be committing.
version := $(shell v=; [ ! -e .git ] || v=$$(GIT_OPTIONAL_LOCKS=0 git describe --always \
	--dirty --exclude='*' 2>/dev/null) || v=; printf '%.63s' "$(HB_RELEASE)$${v:++$$v}")

modules = $(shell $(or $(pkg_config),$(PKG_CONFIG)) $(1) $(2) 2>/dev/null)
loader_modules := libbpf libelf zlib
# libmicrohttpd is loaded when it is needed.
reader_modules := libbpf libelf
module_cflags  := $(call modules,--cflags,$(loader_modules) libmicrohttpd)
loader_libs    := $(call modules,--libs,$(loader_modules))
reader_libs    := $(call modules,--libs,$(reader_modules))

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

all_cflags := $(addprefix --sysroot=,$(sysroot)) -O2 -g -std=gnu11 $(warnings) $(hardening) \
	-I. -I$(BUILD)/bpf $(module_cflags) $(CFLAGS)
all_ldflags := $(hardening_ld) -Wl,--as-needed $(CFLAGS) $(LDFLAGS)

bpf_arch_x86_64  := x86
bpf_arch_aarch64 := arm64
bpf_arch := $(or $(bpf_arch_$(machine)),$(machine))
# The signatures of BPF programs are given by where they hook in.
bpf_cflags := -target bpf -g -O2 -mcpu=v3 -ffile-prefix-map=$(CURDIR)=. -D__TARGET_ARCH_$(bpf_arch) -Wall -Wextra -Wshadow \
	-Wno-unused-parameter $(if $(filter 1,$(WERROR)),-Werror) -I. \
	$(addprefix -I,$(wildcard $(sysroot)/usr/include/$(machine)-linux-gnu)) $(BPF_CFLAGS)

# --- Building ---------------------------------------------------------------------------------------

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
$(eval $(call record,sources,$(lib_sources) $(loader_sources) $(reader_sources)))
$(eval $(call record,bpf/flags,$(CLANG) $(bpf_cflags)))

.PHONY: FORCE
FORCE:

define compile_bpf
$(call say,CLANG,$@)
$(Q)$(CLANG) $(bpf_cflags) -MMD -MP -MF $(@:.o=.d) -c -o $@ $<
endef

$(BUILD)/bpf/%.compiled.o: bpf/%.bpf.c $(BUILD)/bpf/flags | deps
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

# Known only from the second build on, by the dependencies that the first has written.
$(loader_objects): | $(skeletons)

# Nobody else gets the version, so that a change of it compiles little.
with_version := $(call objects,$(shell grep -lw HB_VERSION $(lib_sources) $(loader_sources) \
	$(reader_sources) /dev/null))
$(with_version): objflags += -DHB_VERSION='"$(version)"'
$(with_version): $(BUILD)/version

link = $(Q)$(CC) $(all_cflags) $(all_ldflags) -o $@ $(filter %.o %.a,$^) $(1)

define archive
$(call say,AR,$@)
$(Q)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)
endef

# The archives give each program and test no more than what it needs of them.
$(BUILD)/lib.a: $(lib_objects)
$(BUILD)/loader.a: $(filter-out %/main.o,$(loader_objects))
$(BUILD)/reader.a: $(filter-out %/main.o,$(reader_objects))
$(BUILD)/lib.a $(BUILD)/loader.a $(BUILD)/reader.a: $(BUILD)/sources
	$(archive)

$(BUILD)/hb-load: $(filter %/main.o,$(loader_objects)) $(BUILD)/loader.a $(BUILD)/lib.a
	$(call say,LINK,$@)
	$(call link,$(loader_libs))

$(BUILD)/hb-read: $(filter %/main.o,$(reader_objects)) $(BUILD)/reader.a $(BUILD)/lib.a
	$(call say,LINK,$@)
	$(call link,$(reader_libs))

-include $(wildcard $(BUILD)/bpf/*.d $(BUILD)/lint-bpf/*/*.d $(BUILD)/obj/*/*.d \
	$(BUILD)/obj/*/*/*.d $(BUILD)/tests/*.d)

# --- Running ----------------------------------------------------------------------------------------

.PHONY: run demo
run: ## install what is missing, build, load, read until Ctrl-C, unload
	@tools/run
demo: ## the same with a vim that types by itself; ends within a minute
	@tools/demo

# --- Installing -------------------------------------------------------------------------------------

# The programs look for their configuration here, whatever PREFIX is.
config_dir := $(DESTDIR)/etc/activity-heartbeat
manual_path = $(foreach page,$(1),$(MANDIR)/man$(patsubst .%,%,$(suffix $(page)))/$(notdir $(page)))
installed = $(addprefix $(DESTDIR),$(SBINDIR)/hb-load $(BINDIR)/hb-read \
	$(call manual_path,$(manuals)) \
	$(addprefix $(UNITDIR)/,$(notdir $(units))) $(SYSUSERSDIR)/activity-heartbeat.conf)

.PHONY: install uninstall
install: all ## install below PREFIX (/usr), inside DESTDIR if set
	install -D -m 0755 $(BUILD)/hb-load $(DESTDIR)$(SBINDIR)/hb-load
	install -D -m 0755 $(BUILD)/hb-read $(DESTDIR)$(BINDIR)/hb-read
	$(foreach page,$(manuals),install -D -m 0644 $(page) $(DESTDIR)$(call manual_path,$(page)) &&) :
	install -d $(DESTDIR)$(UNITDIR) $(config_dir)/heartbeat.conf.d
	[ -e $(config_dir)/heartbeat.conf ] || install -m 0644 $(config) $(config_dir)/
	$(foreach unit,$(units),sed -e 's,/usr/sbin/,$(SBINDIR)/,' -e 's,/usr/bin/,$(BINDIR)/,' \
		$(unit) >$(DESTDIR)$(UNITDIR)/$(notdir $(unit)) && \
		chmod 0644 $(DESTDIR)$(UNITDIR)/$(notdir $(unit)) &&) :
	install -D -m 0644 $(sysusers) $(DESTDIR)$(SYSUSERSDIR)/activity-heartbeat.conf

uninstall: ## remove what install put there, except a configuration that was changed
	rm -f $(installed)
	! cmp -s $(config) $(config_dir)/heartbeat.conf || rm -f $(config_dir)/heartbeat.conf
	rmdir $(config_dir)/heartbeat.conf.d $(config_dir) 2>/dev/null || :

# --- Other parts, cleaning and help -----------------------------------------------------------------

# make test, make bench, make deb and make lint.
include tests/tests.mk tools/bench/bench.mk tools/fleet/fleet.mk tools/packaging/packaging.mk tools/lint.mk

.PHONY: clean help
clean: ## remove what was built
	rm -rf $(BUILD)

help: ## show this list
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/\1|\2/p' $(filter Makefile %.mk,$(MAKEFILE_LIST)) | \
		while IFS='|' read -r target text; do printf '  make %-14s %s\n' "$$target" "$$text"; done
