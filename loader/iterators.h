/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Pin the iterators that readers open, and run those that take in what is there already. */
#ifndef HB_LOADER_ITERATORS_H
#define HB_LOADER_ITERATORS_H

#include <stdbool.h>

struct heartbeat_bpf;

/**
 * iterators_pin - attach `collect`, `considered`, `peers` and `busy`, and pin them in @dir
 * Returns 0 or -errno, logged.
 */
int iterators_pin(const struct heartbeat_bpf *skeleton, const char *dir);

/**
 * iterators_update - give the pinned iterators in @dir the programs of @skeleton, and pin missing ones
 * Returns 0 or -errno, logged.
 */
int iterators_update(const struct heartbeat_bpf *skeleton, const char *dir);

/**
 * iterators_leave_cgroup_namespace - let the pass over control groups begin at the root of the host's
 *
 * It begins at the root of the cgroup namespace, which is a container's own in a container. To join that
 * of kthreadd takes CAP_SYS_ADMIN and all that kthreadd has (ptrace(2)), so call this before giving up
 * any capability. If it fails, iterators_record_cgroups() says what that means.
 */
void iterators_leave_cgroup_namespace(void);

/**
 * iterators_record_cgroups - give a record to each cgroup that has none; attach the hooks before
 * Returns 0 or -errno, logged.
 */
int iterators_record_cgroups(const struct heartbeat_bpf *skeleton);

/**
 * iterators_judge_all - judge all processes by the list in force; call it after a change of the list
 * @again: there was another list before: wait first for verdicts by that one which are under way
 *
 * A process that runs already may never read descriptor 0, which is when others are judged. Returns
 * 0 or -errno, logged.
 */
int iterators_judge_all(const struct heartbeat_bpf *skeleton, bool again);

#endif
