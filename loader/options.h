/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Parse hb-load's command line. */
#ifndef HB_LOADER_OPTIONS_H
#define HB_LOADER_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "bpf/lib/option_table.h"

enum action {
	ACTION_LOAD,
	ACTION_CHECK,
	ACTION_UNLOAD,
};

struct load_options {
	enum action action;
	const char *pin_dir;  /* absolute, without a trailing slash */
	const char *programs; /* as typed, or NULL */
	const char *group;    /* as typed, or NULL: only root reads */
	gid_t gid;	      /* of @group, or 0 */
	uint32_t rule;
	int hook;	      /* enum hb_method, or -1: the better one that works */
	unsigned int verbose; /* how often it was given */
	/* 0: not given. The size of what is loaded applies, or else the default. */
	uint32_t readers;
	uint32_t ring_size;
	uint32_t max_pids;
};

/* All commands and options of hb-load. */
extern const struct option_table load_option_table;

/**
 * load_options_parse - parse the command line
 * Returns 1 to go on, 0 if --help or --version was answered, -EINVAL after one logged line.
 */
int load_options_parse(int argc, char *argv[], struct load_options *parsed);

#endif
