// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/lib/config.h"
#include "bpf/lib/log.h"
#include "bpf/lib/option_table.h"
#include "bpf/lib/parse.h"
#include "bpf/lib/pins.h"

enum {
	OPTIONS_MAX = 32,
	GIVEN_MAX = 64,	   /* on the command line: some can be repeated */
	LONG_OPTION = 256, /* getopt_long(3) reports options without a letter from here on */
	HELP_COLUMN = 25,
	WORDS_LEN = 256,
	PIN_DIR_MAX = PINS_PATH_MAX - 64, /* leaves room for our longest name below */
};

/* Append @word to the list @words, of WORDS_LEN bytes. */
static void append(char *words, const char *word)
{
	size_t length = strlen(words);

	snprintf(words + length, WORDS_LEN - length, "%s%s", length > 0 ? ", " : "", word);
}

/* List the commands in @mask to @words, of WORDS_LEN bytes. */
static const char *list_commands(const struct option_table *table, unsigned int mask, char *words)
{
	words[0] = '\0';
	for (unsigned int i = 0; table->commands[i].help; i++) {
		if (mask & (1U << i) && table->commands[i].word)
			append(words, table->commands[i].word);
	}
	return words;
}

int option_flag(const struct option_entry *option, char *text, void *field, struct reason *why)
{
	(void)option;
	(void)text;
	(void)why;
	*(bool *)field = true;
	return 0;
}

int option_count(const struct option_entry *option, char *text, void *field, struct reason *why)
{
	(void)option;
	(void)text;
	(void)why;
	++*(unsigned int *)field;
	return 0;
}

int option_text(const struct option_entry *option, char *text, void *field, struct reason *why)
{
	(void)option;
	(void)why;
	*(const char **)field = text;
	return 0;
}

int option_pin_dir(const struct option_entry *option, char *text, void *field, struct reason *why)
{
	if (text[0] == '\0' || strlen(text) > PIN_DIR_MAX)
		return reason_set(why, -EINVAL, "give a path of 1 to %d bytes, like %s",
				  PIN_DIR_MAX, HB_PIN_DIR);
	return option_text(option, text, field, why);
}

int option_number(const struct option_entry *option, char *text, void *field, struct reason *why)
{
	uint64_t parsed;

	if (parse_u64(text, option->min, option->max, &parsed) < 0)
		return reason_set(why, -EINVAL, "give a number from %" PRIu64 " to %" PRIu64,
				  option->min, option->max);
	*(uint32_t *)field = (uint32_t)parsed;
	return 0;
}

int option_choice(const struct option_entry *option, char *text, void *field, struct reason *why)
{
	char words[WORDS_LEN] = "";

	for (uint32_t i = 0; option->choices[i]; i++) {
		if (strcmp(option->choices[i], text) == 0) {
			*(uint32_t *)field = i;
			return 0;
		}
		append(words, option->choices[i]);
	}
	return reason_set(why, -EINVAL, "give one of: %s", words);
}

/* Print a row of --help. Where @help has a line break it goes on in the same column. */
static void print_row(const char *name, const char *argument, const char *with, const char *help)
{
	int length = printf("  %s%s%s", name, argument ? " " : "", argument ? argument : "");

	printf("%*s%s", HELP_COLUMN - length, "", with);
	for (; *help != '\0'; help++) {
		putchar(*help);
		if (*help == '\n')
			printf("%*s", HELP_COLUMN, "");
	}
}

static void print_option(const struct option_table *table, const struct option_entry *option)
{
	char name[64] = "";
	char with[WORDS_LEN + 8] = "";
	char words[WORDS_LEN];

	if (option->letter)
		snprintf(name, sizeof(name), "-%c, ", option->letter);
	snprintf(name + strlen(name), sizeof(name) - strlen(name), "--%s", option->name);
	/* Name its commands unless the default command, the first, takes it too. */
	if (option->commands && !(option->commands & 1))
		snprintf(with, sizeof(with),
			 "with %s: ", list_commands(table, option->commands, words));
	print_row(name, option->argument, with, option->help);
	if (option->max > 0)
		printf(", %" PRIu64 " to %" PRIu64 " (default: %" PRIu64 ")", option->min,
		       option->max, option->standard);
	putchar('\n');
}

static void print_help(const struct option_table *table)
{
	printf("Usage: %s [COMMAND] [OPTION]...\n\n%s\n\nCommands:\n", table->program,
	       table->about);
	for (const struct command_entry *command = table->commands; command->help; command++) {
		print_row(command->word ? command->word : "(none)", command->argument, "",
			  command->help);
		putchar('\n');
	}
	printf("\nOptions:\n");
	for (const struct option_entry *option = table->options; option->name; option++)
		print_option(table, option);
	printf("\n%s\n", table->exits);
}

/* @result: of getopt_long(3), `?` or `:`; @word: where it stopped, maybe with several letters */
static int log_bad_option(const struct option_table *table, int result, const char *word)
{
	const char letter[] = {'-', (char)optopt, '\0'};
	bool is_letter = optopt > 0 && optopt < LONG_OPTION && strncmp(word, "--", 2) != 0;

	if (result == ':')
		return log_error(-EINVAL, "%s: needs an argument", word);
	if (optopt > 0 && !is_letter)
		return log_error(-EINVAL, "%s: takes no argument", word);
	return log_error(-EINVAL, "unknown option %s; try: %s --help", is_letter ? letter : word,
			 table->program);
}

/* Answer --help, or with its letter --version. Returns -ECANCELED, as nothing else is to be done. */
static int answer(const struct option_table *table, int letter)
{
	if (letter == 'V')
		printf("%s %s\n", table->program, table->version);
	else
		print_help(table);
	return -ECANCELED;
}

/* Parse the words that are no options, from optind on. Returns 0 to go on, or what answer() does. */
static int parse_words(const struct option_table *table, int argc, char *argv[], void *options,
		       unsigned int *command)
{
	const struct command_entry *entry = table->commands;
	char words[WORDS_LEN];

	if (optind < argc) {
		if (strcmp(argv[optind], "help") == 0)
			return answer(table, 'h');
		if (strcmp(argv[optind], "version") == 0)
			return answer(table, 'V');
		while (entry->help && (!entry->word || strcmp(entry->word, argv[optind]) != 0))
			entry++;
		if (!entry->help)
			return log_error(-EINVAL, "unknown command \"%s\"; try: %s", argv[optind],
					 list_commands(table, OPTION_WITH_ALL, words));
		optind++;
	}
	*command = (unsigned int)(entry - table->commands);
	if (entry->argument && (optind == argc || argv[optind][0] == '\0'))
		return log_error(-EINVAL, "%s: give %s, for example: %s %s %s", entry->word,
				 entry->argument, table->program, entry->word, entry->example);
	if (entry->argument && entry->parse(argv[optind++], options) < 0)
		return -EINVAL;
	if (optind < argc)
		return log_error(-EINVAL, "unexpected argument \"%s\"", argv[optind]);
	return 0;
}

/* An option on the command line. */
struct given {
	const struct option_entry *option;
	char *text;
};

/* Check that @command takes the option. */
static int check_given(const struct option_table *table, const struct option_entry *option,
		       unsigned int command)
{
	const char *word = table->commands[command].word;
	char words[WORDS_LEN];

	if (option->commands & (1U << command))
		return 0;
	return log_error(-EINVAL, "--%s: not an option of %s%s%s; it goes with: %s", option->name,
			 table->program, word ? " " : "", word ? word : "",
			 list_commands(table, option->commands, words));
}

/*
 * Collect the options in @given, which has room for GIVEN_MAX and a zeroed end. Returns 0, what answer()
 * does, or -EINVAL, logged.
 */
static int collect(const struct option_table *table, int argc, char *argv[], struct given *given)
{
	struct option longs[OPTIONS_MAX + 1] = {0};
	char shorts[2 * OPTIONS_MAX + 2] = ":"; /* reports a missing argument as ':' */
	const struct option_entry *option;
	int count = 0;
	int result;
	int i;

	for (i = 0; table->options[i].name; i++) {
		option = &table->options[i];
		longs[i].name = option->name;
		longs[i].has_arg = option->argument ? required_argument : no_argument;
		longs[i].val = option->letter ? option->letter : LONG_OPTION + i;
		if (option->letter)
			snprintf(shorts + strlen(shorts), 3, "%c%s", option->letter,
				 option->argument ? ":" : "");
	}
	opterr = 0;
	optind = 0; /* makes glibc forget what it parsed before */
	while ((result = getopt_long(argc, argv, shorts, longs, NULL)) >= 0) {
		if (result == '?' || result == ':')
			return log_bad_option(table, result, argv[optind - 1]);
		for (i = 0; longs[i].val != result;)
			i++;
		option = &table->options[i];
		if (!option->parse)
			return answer(table, result);
		if (count == GIVEN_MAX)
			return log_error(-EINVAL, "more than %d options", GIVEN_MAX);
		given[count++] = (struct given){option, optarg};
	}
	return 0;
}

static int set_option(const struct option_entry *option, char *text, void *options,
		      struct reason *why)
{
	return option->parse(option, text, (char *)options + option->offset, why);
}

/* The option of @command that @key sets, or NULL. */
static const struct option_entry *option_of(const struct option_table *table,
					    const struct config_key *key, unsigned int command)
{
	for (const struct option_entry *option = table->options; option->name; option++) {
		if (strcmp(option->name, key->option) == 0)
			return option->commands & (1U << command) ? option : NULL;
	}
	return NULL;
}

static int log_argument(int err, const char *option, const char *text, const struct reason *why)
{
	return log_error(err, "--%s%s%s: %s", option, text[0] ? " " : "", text, why->text);
}

static int log_setting(int err, const struct config_setting *setting, const struct reason *why)
{
	if (setting->source == CONFIG_OPTION)
		return log_argument(err, setting->key->option, setting->value, why);
	return log_error(err, "%s: %s=%s: %s", setting->where, setting->key->name, setting->value,
			 why->text);
}

/* Whether it is the default of one value, which @options hold already, or of an empty list. */
static bool changes_nothing(const struct config_setting *setting)
{
	if (setting->source == CONFIG_DEFAULT && setting->key->kind != CONFIG_NAMES)
		return true;
	return setting->source != CONFIG_OPTION && setting->value[0] == '\0';
}

/* Let the settings set @options. The others must be right, too: they set @scratch, from @defaults. */
static int apply_settings(const struct option_table *table, unsigned int command, void *options,
			  const struct config *config, const void *defaults, void *scratch)
{
	struct reason why;
	int r = 0;

	for (size_t i = 0; i < config->count && r == 0; i++) {
		const struct config_setting *setting = &config->settings[i];
		const struct option_entry *option = option_of(table, setting->key, command);
		void *target = options;

		if (!option || changes_nothing(setting))
			continue;
		if (!setting->effective)
			target = memcpy(scratch, defaults, table->size);
		r = set_option(option, setting->value, target, &why);
		if (r < 0)
			log_setting(r, setting, &why);
	}
	return r;
}

static int apply_config(const struct option_table *table, unsigned int command, void *options,
			const struct config *config)
{
	char *copies = malloc(2 * table->size);
	int r;

	if (!copies)
		return log_errno(-ENOMEM, "options");
	memcpy(copies, options, table->size);
	r = apply_settings(table, command, options, config, copies, copies + table->size);
	free(copies);
	return r;
}

static bool uses_config(const struct option_table *table, unsigned int command)
{
	for (const struct config_key *key = config_keys; key->name; key++) {
		if (option_of(table, key, command))
			return true;
	}
	return false;
}

/* Keep the options that have a key with the settings, and set the others. */
static int set_given(const struct given *given, void *options, struct config *config)
{
	const struct config_key *key = config_find(given->option->name);
	struct reason why;
	char where[64];
	int r;

	if (key) {
		snprintf(where, sizeof(where), "--%s", given->option->name);
		return config_add(config, key, CONFIG_OPTION, given->text, where);
	}
	r = set_option(given->option, given->text, options, &why);
	if (r == 0)
		return 0;
	return log_argument(r, given->option->name, given->text ? given->text : "", &why);
}

int option_table_parse(const struct option_table *table, int argc, char *argv[], const char *dir,
		       void *options, unsigned int *command, struct config *config)
{
	struct given all[GIVEN_MAX + 1] = {0};
	int r;

	r = collect(table, argc, argv, all);
	if (r == 0)
		r = parse_words(table, argc, argv, options, command);
	for (const struct given *given = all; given->option && r == 0; given++)
		r = check_given(table, given->option, *command);
	if (r == 0 && uses_config(table, *command))
		r = config_read(config, dir);
	for (const struct given *given = all; given->option && r == 0; given++)
		r = set_given(given, options, config);
	if (r == 0)
		r = apply_config(table, *command, options, config);
	if (r == -ECANCELED)
		return 0;
	return r < 0 ? r : 1;
}
