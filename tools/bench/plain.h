/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Definitions for plain.bpf.c and plain.c. Include <linux/types.h> or kernel.h first. */
#ifndef HB_BENCH_PLAIN_H
#define HB_BENCH_PLAIN_H

enum { PLAIN_NAMES_MAX = 16, PLAIN_RING_SIZE = 16777216 };

/* The way from the kernel to the reader. */
enum plain_way {
	PLAIN_PERF,   /* a perf buffer */
	PLAIN_RING,   /* a ring buffer */
	PLAIN_SILENT, /* a ring buffer whose reader is never woken, and looks once per millisecond */
};

struct plain_beat {
	__u64 time;
	__u64 pid;
};

#endif
