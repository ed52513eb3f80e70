/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reduces a report to what anybody may see.
 *
 * The time of each key press tells something about what is typed, so times become coarse. Pids,
 * users, terminals and the names of processes are removed. This is done to the data, once: code that
 * writes a report cannot reveal more than it holds.
 */
#ifndef HB_READER_COARSEN_H
#define HB_READER_COARSEN_H

#include "reader/maps/report.h"

/* The kernel rounds the times of terminals to this, for the same reason. */
enum { COARSE_S = 8 };

/**
 * report_coarsen - leave only what anybody may see in @report
 *
 * Times are rounded down to COARSE_S seconds of boot time, and unix time has whole seconds. A process
 * keeps only its times and its control group. Control groups that are named after a user, and those
 * below them, are added to the group above; so are those whose path is longer than 512 bytes.
 */
void report_coarsen(struct report *report);

/** report_coarsen_times - the same, but keep the time of the report, and all control groups */
void report_coarsen_times(struct report *report);

#endif
