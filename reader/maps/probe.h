/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds out whether the hooks fire, by reads that are never beats. */
#ifndef HB_READER_PROBE_H
#define HB_READER_PROBE_H

#include "reader/maps/snapshot.h"

struct probe;

/**
 * probe_new - make a probe, and replace descriptor 0 of this process by /dev/null
 *
 * The probe reads descriptor 0. If that was a terminal, reading it would stop a process in the
 * background. Returns 0 or -errno, logged.
 */
int probe_new(struct probe **probe);

void probe_free(struct probe *probe);

/**
 * probe_run - read, and check whether the kernel counted that; at most once per second
 *
 * Returns NULL if the hooks fire; else a clause that says why activity is unknown, like `the hook on
 * read(2) does not fire`, valid until the next call.
 */
const char *probe_run(struct probe *probe, struct snapshot_source *source);

#endif
