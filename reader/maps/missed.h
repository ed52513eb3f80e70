/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Counts what the hooks missed: runs that the kernel skipped while a hook ran on that CPU. */
#ifndef HB_READER_MISSED_H
#define HB_READER_MISSED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MISSED_HOOKS_MAX = 16 };

struct missed_hook {
	const char *name; /* of the pin */
	uint64_t missed;
	uint64_t runs; /* only while the kernel counts them: see `counting` */
	uint64_t run_ns;
};

struct missed {
	bool counting; /* the kernel counts runs and their time: kernel.bpf_stats_enabled */
	size_t count;
	struct missed_hook hooks[MISSED_HOOKS_MAX]; /* those that are attached */
	uint64_t reads;				    /* missed by the hooks on reads together */
};

/**
 * missed_read - ask the kernel about the hooks pinned below @pin_dir
 *
 * Returns 0; -EACCES if the user is not root, which it takes to open a link and its program; -ENOENT
 * if there is no hook; or -errno; not logged.
 */
int missed_read(const char *pin_dir, struct missed *missed);

#endif
