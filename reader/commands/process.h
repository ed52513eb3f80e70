/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What /proc tells about a process, as far as the user may know. */
#ifndef HB_READER_PROCESS_H
#define HB_READER_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

#include "bpf/heartbeat.h"

enum { PROCESS_TERMINALS_MAX = 16, PROCESS_PATH_LEN = 256 };

struct process_terminal {
	int descriptor;
	char name[32]; /* `pts/3` */
};

struct process {
	uint32_t pid;
	char comm[HB_COMM_LEN];
	char exe[PROCESS_PATH_LEN]; /* of the program's file; empty: not known */
	bool is_32bit;		    /* false where that is not known */
	bool is_kernel_thread;
	int descriptors_known;	      /* 0, or why they are not: -errno */
	char input[PROCESS_PATH_LEN]; /* what descriptor 0 is; empty: closed */
	size_t terminal_count;
	struct process_terminal terminals[PROCESS_TERMINALS_MAX];
};

/** process_read - look at process @pid. Returns 0, or -ENOENT: there is none that can be seen */
int process_read(uint32_t pid, struct process *process);

/**
 * process_find - the processes that go by @name: as command name, which the kernel cuts to 15
 *		  bytes, as name of the program's file, or as what they were called with
 *
 * Returns 0 and the receiver's @pids, to free, or -errno.
 */
int process_find(const char *name, uint32_t **pids, size_t *count);

#endif
