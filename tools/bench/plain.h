/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What plain.bpf.c and plain.c share. Include <linux/types.h> or kernel.h first. */
#ifndef HB_BENCH_PLAIN_H
#define HB_BENCH_PLAIN_H

enum { PLAIN_NAMES_MAX = 16 };

struct plain_beat {
	__u64 time;
	__u64 pid;
};

#endif
