/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Parse hb-load's command line, and the configuration. */
#ifndef HB_LOADER_OPTIONS_H
#define HB_LOADER_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "bpf/lib/config.h"
#include "bpf/lib/names.h"
#include "bpf/lib/option_table.h"

enum action {
	ACTION_LOAD,
	ACTION_CHECK,
	ACTION_UNLOAD,
};

struct load_options {
	enum action action;
	const char *pin_dir;   /* absolute, without a trailing slash */
	struct names programs; /* whether it goes with the rule is not checked */
	struct names busy;     /* busy programs */
	uint32_t busy_for;     /* seconds */
	const char *group;     /* as typed, or NULL: only root reads */
	gid_t gid;	       /* of @group, or 0 */
	uint32_t rule;
	int hook;	      /* enum hb_method, or -1: the better one that works */
	unsigned int verbose; /* how often it was given */
	/* 0: not given. The size of what is loaded applies, or else the default. */
	uint32_t readers;
	uint32_t ring_size;
	uint32_t max_pids;
	struct config config; /* where all this comes from */
};

/* All commands and options of hb-load. */
extern const struct option_table load_option_table;

/**
 * load_options_parse - parse the command line, and the configuration in @config_dir
 * @parsed: refers to both; config_free() releases what it has of the configuration
 *
 * Returns 1 to go on, 0 if --help or --version was answered, -EINVAL or -EACCES after one logged line.
 */
int load_options_parse(int argc, char *argv[], const char *config_dir, struct load_options *parsed);

/**
 * load_options_words - write the options that override the configuration, as words for a shell
 * @text: receives HB_OPTIONS_LONG if they do not fit, or only make sense in the present directory
 */
void load_options_words(const struct load_options *options, char text[HB_OPTIONS_LEN]);

#endif
