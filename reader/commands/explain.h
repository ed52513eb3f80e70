/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hb-read explain: why a process counts, or does not. */
#ifndef HB_READER_EXPLAIN_H
#define HB_READER_EXPLAIN_H

#include <stdio.h>

#include "reader/options.h"
#include "reader/commands/process.h"
#include "reader/maps/snapshot.h"

/**
 * explain_print - write sentences about @process to @stream
 * @blind: what probe_run() said
 */
void explain_print(const struct snapshot *snapshot, const struct process *process,
		   const char *blind, FILE *stream);

/**
 * explain_run - explain each process that goes by the given pid or name
 * Returns 0, or -errno, logged: there is none, say.
 */
int explain_run(const struct read_options *options);

#endif
