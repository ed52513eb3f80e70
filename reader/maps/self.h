/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What this process uses up: the metrics that Prometheus' own clients have. */
#ifndef HB_READER_SELF_H
#define HB_READER_SELF_H

#include <stdint.h>

struct self {
	uint64_t cpu_us;
	uint64_t start_ticks; /* since boot, in clock ticks; 0: unknown */
	uint64_t resident;    /* bytes */
	uint64_t virtual;
	uint64_t open_fds;
	uint64_t max_fds; /* UINT64_MAX: no limit */
};

/** self_read - what cannot be found out is 0 */
void self_read(struct self *self);

/** self_start_s - unix time of the start, in seconds, given the offset of boot time */
double self_start_s(const struct self *self, uint64_t offset_ns);

#endif
