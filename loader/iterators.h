/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The BPF iterators: those pinned for readers, and the one that hb-load itself reads. */
#ifndef HB_LOADER_ITERATORS_H
#define HB_LOADER_ITERATORS_H

#include <stdbool.h>

struct heartbeat_bpf;

/** iterators_pin - attach `collect` and `considered`, and pin them in @dir. 0 or -errno, logged */
int iterators_pin(const struct heartbeat_bpf *skeleton, const char *dir);

/**
 * iterators_update - give the pinned iterators in @dir the programs of @skeleton
 * Returns 0 or -errno, logged.
 */
int iterators_update(const struct heartbeat_bpf *skeleton, const char *dir);

/**
 * iterators_judge_all - judge the programs that run already, which may never read descriptor 0
 *
 * @again: there was another list before. Waits for verdicts under way, after that one, by
 * membarrier(2), whose MEMBARRIER_CMD_GLOBAL is a grace period
 *
 * To be called after a change of the list. Returns 0 or -errno, logged.
 */
int iterators_judge_all(const struct heartbeat_bpf *skeleton, bool again);

#endif
