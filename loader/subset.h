/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The few of the kernel's types that a BPF object refers to, as type information of their own. */
#ifndef HB_LOADER_SUBSET_H
#define HB_LOADER_SUBSET_H

struct btf;
struct vmlinux;

/**
 * subset_copy - of @kernel's types, copy those that @wanted has structures of the same name of
 *
 * Of their members, and of what these consist of, only those are copied whose names @wanted has
 * anywhere; pointers become pointers to void. By that libbpf finds fields (CO-RE), and no more: not
 * values of enumerations, and not flavours (NAME___FLAVOUR). Returns 0 or -errno; release @copy
 * with btf__free().
 */
int subset_copy(const struct vmlinux *kernel, const struct btf *wanted, struct btf **copy);

#endif
