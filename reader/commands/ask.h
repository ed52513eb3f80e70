/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lets a command answer from one look at all maps, after a check that the hooks fire. */
#ifndef HB_READER_ASK_H
#define HB_READER_ASK_H

#include "reader/maps/report.h"
#include "reader/options.h"

/*
 * Answers from @report, of which only the node and the snapshot are set; @blind is the result of probe_run(). Returns
 * an exit status, or -errno, logged.
 */
typedef int (*ask_answer)(const struct read_options *options, const struct report *report,
			  const char *blind);

/** ask_confine - call confine() with what the command of @options needs. Returns what it returns */
int ask_confine(const struct read_options *options);

/**
 * ask - probe the hooks, take a snapshot, and call @answer
 * Returns what it returns; or -errno, logged.
 */
int ask(const struct read_options *options, ask_answer answer);

#endif
