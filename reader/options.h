/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Parse hb-read's command line, and the configuration. */
#ifndef HB_READER_OPTIONS_H
#define HB_READER_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/lib/config.h"
#include "bpf/lib/option_table.h"

enum command {
	COMMAND_READ, /* without a command word: lines, collections, HTTP */
	COMMAND_SERVE,
	COMMAND_LIST,
	COMMAND_STATUS,
	COMMAND_IDLE,
	COMMAND_EXPLAIN,
};

enum format {
	FORMAT_TEXT,
	FORMAT_JSON,
};

enum { OPTIONS_LISTEN_MAX = 16 };

struct read_options {
	enum command command;
	const char *pin_dir;
	enum format format;
	uint64_t gc_interval; /* ns, 0: never */
	bool watch;
	unsigned int verbose; /* how often it was given */
	bool listen_default;  /* no --listen: try the default address, which may be taken */
	bool listen_none;
	size_t listen_count;
	const char *listen[OPTIONS_LISTEN_MAX]; /* as typed, syntax checked */
	const char *node;			/* for node_name(); NULL: not given */
	uint64_t idle_limit;			/* ns */
	const char *selector; /* idle: the name of the option; NULL: the whole machine */
	const char *selected; /* its argument, syntax checked */
	bool self;	      /* idle: ask a server about the workspace that this process is in */
	const char *socket;   /* of that server */
	const char *touch;    /* idle: a file, or NULL */
	const char *explain;  /* a pid or a name */
	struct config config; /* where some of this comes from */
};

/* All commands and options of hb-read. */
extern const struct option_table read_option_table;

/**
 * read_options_parse - parse the command line, and the configuration in @config_dir
 * @parsed: refers to both; config_free() releases what it has of the configuration
 *
 * Returns 1 to go on, 0 if --help or --version was answered, -EINVAL or -EACCES after one logged line.
 */
int read_options_parse(int argc, char *argv[], const char *config_dir, struct read_options *parsed);

#endif
