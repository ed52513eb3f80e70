/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The running kernel's type information (BTF, Documentation/bpf/btf.rst), where it lies.
 *
 * libbpf copies the 5 MB twice and checks them before it looks for a name; for one pass over them
 * that is ten times the work.
 */
#ifndef HB_LOADER_VMLINUX_H
#define HB_LOADER_VMLINUX_H

#include <stddef.h>
#include <stdint.h>

struct btf_type;

struct vmlinux {
	const char *types;
	size_t types_size;
	const char *strings;
	size_t strings_size;
	uint32_t count;	  /* ids are 1 to this */
	uint32_t *starts; /* of each so many-th type */
	void *map;
	size_t map_size;
};

/**
 * vmlinux_open - map /sys/kernel/btf/vmlinux
 * Returns 0 or -errno: -EOPNOTSUPP of a kind or a version not known here. Close in any case.
 */
int vmlinux_open(struct vmlinux *vmlinux);

/** vmlinux_use - the same for the @size bytes at @data, which stay the caller's */
int vmlinux_use(struct vmlinux *vmlinux, const void *data, size_t size);

/** vmlinux_next - the type after @type, or the first after NULL; NULL after the last */
const struct btf_type *vmlinux_next(const struct vmlinux *vmlinux, const struct btf_type *type);

/** vmlinux_type - the type of that id; NULL if there is none, and for 0, which is void */
const struct btf_type *vmlinux_type(const struct vmlinux *vmlinux, uint32_t id);

/** vmlinux_name - the string at @offset, "" if that is none */
const char *vmlinux_name(const struct vmlinux *vmlinux, uint32_t offset);

void vmlinux_close(struct vmlinux *vmlinux);

#endif
