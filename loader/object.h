/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Open the BPF object, and load its programs and maps into the kernel.
 *
 * Functions return 0, or -errno with the reason in @why, or logged if that is NULL.
 */
#ifndef HB_LOADER_OBJECT_H
#define HB_LOADER_OBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/lib/log.h"

struct heartbeat_bpf;

/* What the programs work by. */
struct object_config {
	uint32_t rule;	  /* enum hb_rule */
	bool any_program; /* HB_ANY_PROGRAM is on the list */
	bool first_load;  /* nothing is loaded yet */
};

/**
 * object_open - open the object, without loading anything
 * @skeleton: to be released with heartbeat_bpf__destroy(); NULL after a failure
 */
int object_open(struct heartbeat_bpf **skeleton, const struct object_config *config,
		struct reason *why);

/**
 * object_make_pids - make a map like considered_pids, called @name, of @size entries
 *
 * There must never be two maps called considered_pids, and the kernel keeps those of a refused
 * object for a while. So it is made once for all trials. Returns a descriptor.
 */
int object_make_pids(const char *name, uint32_t size, struct reason *why);

/** object_reuse_pids - let an open object use the map @pids as its considered_pids */
int object_reuse_pids(struct heartbeat_bpf *skeleton, int pids, struct reason *why);

/** object_reuse_maps - let an open object use the maps that are pinned in @dir */
int object_reuse_maps(struct heartbeat_bpf *skeleton, const char *dir, struct reason *why);

/** object_load - load programs and maps into the kernel. @method is for the reason */
int object_load(struct heartbeat_bpf *skeleton, uint32_t method, struct reason *why);

/** object_pin_maps - pin the maps of a loaded object in @dir. Returns 0 or -errno, logged */
int object_pin_maps(const struct heartbeat_bpf *skeleton, const char *dir);

#endif
