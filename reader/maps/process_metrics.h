/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What this process uses up: the metrics that Prometheus' own clients have. */
#ifndef HB_READER_PROCESS_METRICS_H
#define HB_READER_PROCESS_METRICS_H

#include <stdint.h>

struct process_metrics {
	uint64_t cpu_us;
	uint64_t start_ticks; /* since boot, in clock ticks; 0: unknown */
	uint64_t resident;    /* bytes */
	uint64_t virtual;
	uint64_t open_fds;
	uint64_t max_fds; /* UINT64_MAX: no limit */
};

/** process_metrics_read - what cannot be found out is 0 */
void process_metrics_read(struct process_metrics *self);

/** process_metrics_start_s - unix time of the start, in seconds, given the offset of boot time */
double process_metrics_start_s(const struct process_metrics *self, uint64_t offset_ns);

#endif
