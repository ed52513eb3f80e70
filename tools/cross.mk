# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Included by the Makefile: what ARCH= changes. Another architecture than this machine's is built below
# $(BUILD)/$(ARCH) with Debian's cross compiler, and linked with Debian's libraries, which tests/vm/fetch
# downloads.

debian_x86_64  := amd64
debian_aarch64 := arm64
machine_amd64  := x86_64
machine_arm64  := aarch64

own_machine := $(shell uname -m)
own_arch    := $(or $(debian_$(own_machine)),$(own_machine))
ARCH        ?= $(own_arch)
machine     := $(if $(filter $(own_arch),$(ARCH)),$(own_machine),$(machine_$(ARCH)))
ifeq ($(machine),)
$(error ARCH=$(ARCH): use $(patsubst machine_%,%,$(filter machine_%,$(.VARIABLES))))
endif

ifneq ($(ARCH),$(own_arch))
BUILD   := build/$(ARCH)
CC      := $(machine)-linux-gnu-gcc
AR      := $(machine)-linux-gnu-ar
sysroot := $(shell . tests/vm/lib.sh && root_directory $(ARCH))
pkg_config = env PKG_CONFIG_SYSROOT_DIR=$(sysroot) \
	PKG_CONFIG_LIBDIR=$(sysroot)/usr/lib/$(machine)-linux-gnu/pkgconfig $(PKG_CONFIG)

# make starts again when it has made this, because flags depend on it.
$(sysroot)/complete:
	@tools/setup --check cross
	@tests/vm/fetch --root $(ARCH)
ifeq ($(filter clean help,$(MAKECMDGOALS)),)
include $(sysroot)/complete
endif
endif
