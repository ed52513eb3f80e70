/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Open the BPF object, configure it, and load its programs and maps into the kernel. */
#ifndef HB_LOADER_OBJECT_H
#define HB_LOADER_OBJECT_H

#include <stdint.h>

#include "bpf/lib/log.h"

struct heartbeat_bpf;

/**
 * object_open - open the object, without loading anything
 * @skeleton: release it with heartbeat_bpf__destroy(); NULL after a failure
 *
 * Returns 0, or -errno with the reason in @why, or logged if that is NULL.
 */
int object_open(struct heartbeat_bpf **skeleton, struct reason *why);

/** object_configure - set the rule and the sizes of an open object, before it is loaded */
void object_configure(struct heartbeat_bpf *skeleton, uint32_t rule, uint32_t max_pids);

/**
 * object_reuse_maps - let an open object use the maps that are pinned in @dir, not new ones
 * Returns 0 or -errno, logged.
 */
int object_reuse_maps(struct heartbeat_bpf *skeleton, const char *dir);

/** object_load - load programs and maps into the kernel. Returns 0 or -errno, logged */
int object_load(struct heartbeat_bpf *skeleton, uint32_t method);

/** object_pin_maps - pin the maps of a loaded object in @dir. Returns 0 or -errno, logged */
int object_pin_maps(const struct heartbeat_bpf *skeleton, const char *dir);

#endif
