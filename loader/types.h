/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the BPF programs refer to of the running kernel: fields of its types, and functions.
 *
 * libbpf would find it by itself, but passes over all types of the kernel for each: that was more
 * than half of the time that a load takes. libbpf is given a file with the few types in question,
 * such as bpftool-gen(8) makes with `min_core_btf`, and the ids of the functions.
 */
#ifndef HB_LOADER_TYPES_H
#define HB_LOADER_TYPES_H

struct bpf_object;

/**
 * types_find - find in the kernel what @object, which is open, refers to
 *
 * For objects that are opened later, with types_path(). Loading a program of a section fentry/ or
 * fexit/ whose function the kernel does not have fails with -ESRCH. What is not understood is left
 * to libbpf. Returns 0 or -errno, logged.
 */
int types_find(const struct bpf_object *object);

/**
 * types_path - the file of the types found, for btf_custom_path of libbpf's options for opening
 * NULL: libbpf is to find them.
 */
const char *types_path(void);

#endif
