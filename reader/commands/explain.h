/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hb-read explain: explains why a process is watched, or why it is not. */
#ifndef HB_READER_EXPLAIN_H
#define HB_READER_EXPLAIN_H

#include <stdio.h>

#include "bpf/lib/duration.h"
#include "reader/activity/activity.h"
#include "reader/commands/process.h"
#include "reader/maps/snapshot.h"
#include "reader/options.h"

/* Why a process counts, or why it does not. */
enum explain_reason {
	EXPLAIN_LISTED,	       /* it counts: its command name is on the list */
	EXPLAIN_ANY,	       /* it counts: every program does, and it has read a key */
	EXPLAIN_KERNEL_THREAD, /* and all others do not count */
	EXPLAIN_NO_KEY,	       /* every program counts from its first key on */
	EXPLAIN_NOT_LISTED,
	EXPLAIN_NO_RECORD, /* its command name is on the list */
	EXPLAIN_BUSY,	   /* its command name is on the list of busy programs alone: see below */
};

/* Whether the work of a busy program counts. */
enum explain_work {
	EXPLAIN_NO_WORK, /* its command name is not on that list */
	EXPLAIN_WORKS,
	EXPLAIN_WORK_OVER,    /* no more: the last key in its workspace is too long ago */
	EXPLAIN_WORK_STOPPED, /* it is stopped, or just ends */
};

/* Processes to explain, and what is known of them. */
struct explanation {
	const struct snapshot *snapshot;
	const char *pin_dir;
	const char *blind; /* the result of probe_run() */
	const char *name;  /* that the processes go by; NULL: there is one, asked for by its pid */
	size_t count;
	struct process *processes;
};

/* What is true of one of them. */
struct explain_verdict {
	enum explain_reason reason;
	const struct hb_process *record; /* NULL: it is not watched */
	enum explain_work work;
	uint64_t works_until; /* boot time until which that counts */
	bool counts;	      /* by its keys, or by its work */
};

/** explain_judge - find out why @process counts or does not */
struct explain_verdict explain_judge(const struct snapshot *snapshot,
				     const struct process *process);

/** explain_is_listed - whether command name @name is on the list of watched programs */
bool explain_is_listed(const struct snapshot *snapshot, const char *name);

/** explain_busy_for - write for how long busy programs count, like `6 h`. Returns @text */
const char *explain_busy_for(char text[DURATION_LEN], const struct snapshot *snapshot);

/*
 * Write what to do so that programs called @name are watched, or so that keys on other descriptors than 0
 * are heartbeats. Each line starts with @indent. Running exactly these commands changes nothing
 * else. Only names that are harmless in a shell and in the configuration appear in commands.
 */
void explain_advise_name(FILE *stream, const struct explanation *explanation, const char *indent,
			 const char *name);
void explain_advise_rule(FILE *stream, const struct explanation *explanation, const char *indent);

/**
 * explain_find_activity - find the activity of a process that counts
 * If its idle time is not known, the answer has the doubt.
 */
void explain_find_activity(const struct explanation *explanation, uint32_t pid,
			   struct activity_answer *answer);

/*
 * Writers for text_print(), with a struct explanation as data: sentences about each process; a verdict on
 * the name and a table of its processes; or a JSON object for each process.
 */
int explain_write_details(FILE *stream, const void *explanation);
int explain_write_table(FILE *stream, const void *explanation);
int explain_write_json(FILE *stream, const void *explanation);

/**
 * explain_run - explain the process with the given pid, or those with the given name
 * Returns 0; or -errno, logged, for example if there is none.
 */
int explain_run(const struct read_options *options);

#endif
