/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reads the configuration file of both programs, heartbeat.conf, and its drop-ins.
 *
 * A key sets the option that its row in config_keys[] names, in whichever of the programs has that
 * option. The other one accepts the key and does not look at the value.
 */
#ifndef HB_LIB_CONFIG_H
#define HB_LIB_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

/* heartbeat.conf is in here, and heartbeat.conf.d. */
#define HB_CONFIG_DIR	  "/etc/activity-heartbeat"
#define HB_CONFIG_FILE	  HB_CONFIG_DIR "/heartbeat.conf"
#define HB_CONFIG_DROPINS HB_CONFIG_DIR "/heartbeat.conf.d"

enum config_kind {
	CONFIG_ONE, /* a later value replaces an earlier one */
	CONFIG_MANY, /* the same, but one line has words with blanks between; the option can be repeated */
	CONFIG_NAMES, /* a list of names; one that starts with + adds to the earlier ones */
};

struct config_key {
	const char *name;   /* as in the file; NULL ends the table */
	const char *option; /* the long option that it sets, without its dashes */
	enum config_kind kind;
	const char
		*standard; /* the default, as it would be in the file; only that of names is set */
};

extern const struct config_key config_keys[];

enum config_source {
	CONFIG_DEFAULT,
	CONFIG_FILE,
	CONFIG_OPTION, /* of the command line */
};

struct config_setting {
	const struct config_key *key;
	enum config_source source;
	char *value;	/* in a file an empty one brings back the default */
	char *where;	/* `default`, FILE:LINE, or --OPTION */
	bool effective; /* no later setting replaces it */
};

/* All settings, the earliest first. Zeroed, it has none. */
struct config {
	size_t count;
	struct config_setting *settings;
};

/** config_find - the key that sets the long option @option, or NULL */
const struct config_key *config_find(const char *option);

/**
 * config_add - add a setting, and decide again which are effective
 * Returns 0 or -ENOMEM, logged.
 */
int config_add(struct config *config, const struct config_key *key, enum config_source source,
	       const char *value, const char *where);

/**
 * config_read - add the defaults, then the settings of @dir/heartbeat.conf and of the drop-ins
 * @dir/heartbeat.conf.d, whose names end with .conf, in the order of their names
 *
 * Files that do not exist are no error. Returns 0; -EINVAL for a file that cannot be trusted or
 * understood, -EACCES for one that cannot be read, or another -errno; each logged in one line.
 */
int config_read(struct config *config, const char *dir);

/** config_from_file - the place in a file that sets the long option @option, or NULL */
const char *config_from_file(const struct config *config, const char *option);

/** config_print - print the effective settings to standard output, each with where it comes from */
void config_print(const struct config *config);

/** config_free - release the settings. Options that were set by them are invalid then */
void config_free(struct config *config);

#endif
