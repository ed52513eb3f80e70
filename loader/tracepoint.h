/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Find and open the tracepoints of system calls. */
#ifndef HB_LOADER_TRACEPOINT_H
#define HB_LOADER_TRACEPOINT_H

#include "bpf/lib/log.h"

/**
 * tracepoint_id - the number of tracepoint syscalls/@name, from tracefs, mounted or not
 * Returns the number; or -errno with the reason and the fix in @why, or logged if that is NULL.
 */
int tracepoint_id(const char *name, struct reason *why);

/**
 * tracepoint_open - open tracepoint syscalls/@name, to attach programs to it
 * Returns a descriptor (perf_event_open(2)); or -errno with the reason in @why, or logged if that is
 * NULL.
 */
int tracepoint_open(const char *name, struct reason *why);

#endif
