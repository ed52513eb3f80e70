/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tracepoints of system calls. */
#ifndef HB_LOADER_TRACEPOINT_H
#define HB_LOADER_TRACEPOINT_H

/**
 * tracepoint_id - the number of tracepoint syscalls/@name, from tracefs, mounted or not
 * Returns the number, or -errno, not logged: -ENOENT: this kernel has no such tracepoint.
 */
int tracepoint_id(const char *name);

/**
 * tracepoint_open - open tracepoint syscalls/@name for programs to be attached
 * Returns a descriptor (perf_event_open(2)) or -errno, logged.
 */
int tracepoint_open(const char *name);

#endif
