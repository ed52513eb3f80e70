/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Writes the JSON document of /healthz, in the form that code-server uses. */
#ifndef HB_READER_HEALTH_H
#define HB_READER_HEALTH_H

#include <stdbool.h>
#include <stdio.h>

#include "reader/maps/snapshot.h"

/**
 * health_write - write `{"status":"alive","lastHeartbeat":MILLISECONDS}`, or if @blind is not NULL
 *		  `"status":"expired"`, with @blind as the `reason`
 *
 * That time is of the last key, because no other heartbeat is activity; or now, if a busy program
 * counts.
 *
 * @snapshot: NULL if the maps cannot be read; then @blind says why
 * @blind: the result of probe_run()
 *
 * Returns true if alive (200), false if expired (503).
 */
bool health_write(FILE *stream, const struct snapshot *snapshot, const char *blind);

#endif
