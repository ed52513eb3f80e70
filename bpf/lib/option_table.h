/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Parse a command line, and print --help, from one table of commands and options.
 *
 * Options that have a key in config.h are set by the configuration file first.
 *
 * The tables are plain data, open to whatever else needs to know the options.
 */
#ifndef HB_LIB_OPTION_TABLE_H
#define HB_LIB_OPTION_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/lib/config.h"
#include "bpf/lib/log.h"

struct option_entry {
	const char *name;      /* the long option, without its dashes; NULL ends the table */
	char letter;	       /* the short option, or 0 */
	const char *argument;  /* what --help calls the argument; NULL: takes none */
	unsigned int commands; /* the commands that take it: bits 1 << index */
	size_t offset;	       /* of the field that @parse gets, in the program's options */
	int (*parse)(const struct option_entry *option, char *text, void *field,
		     struct reason *why);
	const char *help; /* broken by hand into lines of at most 75 columns */
	uint64_t min;	  /* option_number(): the range and default, which --help adds */
	uint64_t max;
	uint64_t standard;
	const char *const *choices; /* option_choice(): the words, then NULL */
	const char *expected;	    /* for the messages of the program's own parsers */
};

struct command_entry {
	const char *word;     /* NULL: the default command has none */
	const char *help;     /* NULL ends the table */
	const char *argument; /* what --help calls the argument; NULL: takes none */
	const char *example;  /* of the argument */
	int (*parse)(const char *argument, void *options);
};

struct option_table {
	const char *program;
	const char *version;
	const char *about;		      /* what --help prints first */
	const char *exits;		      /* and last */
	const struct command_entry *commands; /* the first is the default */
	const struct option_entry *options;   /* at most 32 */
	size_t size;			      /* of the program's options */
};

/* option_entry.commands: every command takes it. */
#define OPTION_WITH_ALL (~0U)

/*
 * Parsers: option_flag() sets a bool, option_count() counts in an unsigned int how often the option is
 * given, option_text() stores a const char *, option_pin_dir() as well after a check of its length,
 * option_number() stores a uint32_t, and option_choice() the index of the word. Each parser returns 0,
 * or -EINVAL or -EACCES with the reason, and the fix, in @why: the caller puts the option and its
 * argument in front.
 */
int option_flag(const struct option_entry *option, char *text, void *field, struct reason *why);
int option_count(const struct option_entry *option, char *text, void *field, struct reason *why);
int option_text(const struct option_entry *option, char *text, void *field, struct reason *why);
int option_pin_dir(const struct option_entry *option, char *text, void *field, struct reason *why);
int option_number(const struct option_entry *option, char *text, void *field, struct reason *why);
int option_choice(const struct option_entry *option, char *text, void *field, struct reason *why);

/**
 * option_table_parse - parse a command line into @options, which hold the defaults
 * @dir: where the configuration is, usually HB_CONFIG_DIR; it is read if the command takes an option
 *       that has a key
 * @command: gets the index of the command
 * @config: zeroed; gets the settings, which @options refer to
 *
 * The words `help` and `version` stand for these options. Returns 1 to go on, 0 if --help or --version
 * was answered, -EINVAL or -EACCES after one logged line.
 */
int option_table_parse(const struct option_table *table, int argc, char *argv[], const char *dir,
		       void *options, unsigned int *command, struct config *config);

#endif
