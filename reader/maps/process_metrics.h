/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Measures what this process uses: the metrics that Prometheus' own clients have. */
#ifndef HB_READER_PROCESS_METRICS_H
#define HB_READER_PROCESS_METRICS_H

#include <stdint.h>

/* 0: unknown. */
struct process_metrics {
	uint64_t cpu_us;
	double start_s;	   /* unix time */
	uint64_t resident; /* bytes */
	uint64_t virtual;
	uint64_t open_fds;
	uint64_t max_fds; /* UINT64_MAX: no limit */
};

/** process_metrics_read - @offset_ns: from boot time to unix time */
void process_metrics_read(struct process_metrics *self, uint64_t offset_ns);

#endif
