/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reads what /proc, or else a record, shows of a process to this user. */
#ifndef HB_READER_PROCESS_H
#define HB_READER_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

#include "bpf/heartbeat.h"
#include "reader/maps/snapshot.h"

enum { PROCESS_TERMINALS_MAX = 16, PROCESS_TERMINAL_LEN = 32, PROCESS_PATH_LEN = 256 };

struct process_terminal {
	int descriptor;
	char name[PROCESS_TERMINAL_LEN]; /* `pts/3` */
};

struct process {
	uint32_t pid;
	char comm[HB_COMM_LEN];
	char exe[PROCESS_PATH_LEN]; /* the program's file; empty: unknown */
	bool is_32bit;		    /* false if unknown */
	bool is_kernel_thread;
	int descriptors_known;	      /* 0, or -errno if they cannot be read */
	char input[PROCESS_PATH_LEN]; /* the file of descriptor 0; empty: closed */
	size_t terminal_count;
	struct process_terminal terminals[PROCESS_TERMINALS_MAX];
};

/**
 * process_find - read all processes that @name is for: a pid, or a name
 *
 * A name is a command name (the kernel cuts these to 15 bytes), that of the program's file, or the
 * one that the process was started with. Returns 0, also if there are none, or -errno, not logged;
 * the caller frees @found in both cases.
 */
int process_find(const char *name, struct process **found, size_t *count);

/**
 * process_find_hidden - append to @found the watched and busy processes that /proc does not show
 *
 * With hidepid, /proc shows a user no processes of others. What is known of these is in the snapshot, so
 * @name can be a pid or a command name here. Returns 0 or -ENOMEM, not logged.
 */
int process_find_hidden(const char *name, const struct snapshot *snapshot, struct process **found,
			size_t *count);

/** process_proc_hides - whether /proc hides processes of other users from this one */
bool process_proc_hides(void);

#endif
