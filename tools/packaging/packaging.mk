# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Included by the Makefile: what others install.

.PHONY: deb dist reproducible
deb: ## build Debian packages into build/deb, and check them with lintian
	@tools/setup build package
	@tools/packaging/package deb $(HB_RELEASE)
dist: ## write the release tarball build/activity-heartbeat-RELEASE.tar.gz
	@tools/packaging/package dist $(HB_RELEASE)
reproducible: ## build the packages in two directories, and compare them
	@tools/setup build package
	@tools/packaging/package reproducible $(HB_RELEASE)

.PHONY: test-packages
test-packages: ## install, upgrade and remove the package: chroots of two releases, a machine with systemd; root
	@tools/setup build package vm
	@tools/packaging/test chroot bookworm
	@tools/packaging/test chroot trixie
	@tools/packaging/test systemd
