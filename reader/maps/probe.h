/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Do the hooks fire? Found out by reads that never are beats. */
#ifndef HB_READER_PROBE_H
#define HB_READER_PROBE_H

#include "reader/maps/snapshot.h"

struct probe;

/**
 * probe_new - get ready; from here on descriptor 0 of this process is /dev/null
 *
 * The probe reads descriptor 0, and what a reader was given there may be a terminal, which stops a
 * background process that reads it. Returns 0 or -errno, logged.
 */
int probe_new(struct probe **probe);

void probe_free(struct probe *probe);

/**
 * probe_run - read, and see whether the kernel counted that; at most once a second
 *
 * Returns NULL: the hooks fire; or why nothing can be said about activity, a clause like `the hook
 * on read(2) does not fire`, valid until the next call.
 */
const char *probe_run(struct probe *probe, struct snapshot_source *source);

#endif
