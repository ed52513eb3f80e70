/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hb-read explain: explains why a process is watched, or why it is not. */
#ifndef HB_READER_EXPLAIN_H
#define HB_READER_EXPLAIN_H

#include <stdio.h>

#include "reader/commands/process.h"
#include "reader/maps/snapshot.h"
#include "reader/options.h"

/**
 * explain_print - write sentences about @process to @stream
 * @blind: the result of probe_run()
 */
void explain_print(const struct snapshot *snapshot, const struct process *process,
		   const char *blind, FILE *stream);

/**
 * explain_run - explain each process with the given pid or name
 * Returns 0; or -errno, logged, for example if there is none.
 */
int explain_run(const struct read_options *options);

#endif
