/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The answer of /healthz, as code-server gives it. */
#ifndef HB_READER_HEALTH_H
#define HB_READER_HEALTH_H

#include <stdbool.h>
#include <stdio.h>

#include "reader/maps/snapshot.h"

/**
 * health_write - write `{"status":"alive","lastHeartbeat":MILLISECONDS}`, or, where @blind is not
 *		  NULL, `"status":"expired"` with it as the `reason`
 * @snapshot: like that of activity_write(), or NULL: the maps cannot be read; then @blind says why
 * @blind: what probe_run() said
 * @detailed: else the time is coarse
 *
 * Returns true if alive (200), false if expired (503).
 */
bool health_write(const struct snapshot *snapshot, const char *blind, bool detailed, FILE *stream);

#endif
