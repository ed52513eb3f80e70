/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What plain.bpf.c and plain.c share. Include <linux/types.h> or kernel.h first. */
#ifndef HB_BENCH_PLAIN_H
#define HB_BENCH_PLAIN_H

enum { PLAIN_NAMES_MAX = 16, PLAIN_RING_SIZE = 16777216 };

/* The way from the kernel to the reader. */
enum plain_way {
	PLAIN_PERF,   /* a perf buffer */
	PLAIN_RING,   /* a ring buffer */
	PLAIN_SILENT, /* one whose reader is never woken, and looks each millisecond */
};

struct plain_beat {
	__u64 time;
	__u64 pid;
};

#endif
