// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "bpf/lib/log.h"
#include "bpf/lib/option_table.h"
#include "bpf/lib/parse.h"
#include "bpf/lib/pins.h"

enum {
	OPTIONS_MAX = 32,
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

int option_flag(const struct option_entry *option, char *text, void *field)
{
	(void)option;
	(void)text;
	*(bool *)field = true;
	return 0;
}

int option_count(const struct option_entry *option, char *text, void *field)
{
	(void)option;
	(void)text;
	++*(unsigned int *)field;
	return 0;
}

int option_text(const struct option_entry *option, char *text, void *field)
{
	(void)option;
	*(const char **)field = text;
	return 0;
}

int option_pin_dir(const struct option_entry *option, char *text, void *field)
{
	if (text[0] == '\0' || strlen(text) > PIN_DIR_MAX)
		return log_error(-EINVAL, "--%s: give a path of 1 to %d bytes, like %s",
				 option->name, PIN_DIR_MAX, HB_PIN_DIR);
	return option_text(option, text, field);
}

int option_number(const struct option_entry *option, char *text, void *field)
{
	uint64_t parsed;

	if (parse_u64(text, option->min, option->max, &parsed) < 0)
		return log_error(-EINVAL, "--%s %s: give a number from %" PRIu64 " to %" PRIu64,
				 option->name, text, option->min, option->max);
	*(uint32_t *)field = (uint32_t)parsed;
	return 0;
}

int option_choice(const struct option_entry *option, char *text, void *field)
{
	char words[WORDS_LEN] = "";

	for (uint32_t i = 0; option->choices[i]; i++) {
		if (strcmp(option->choices[i], text) == 0) {
			*(uint32_t *)field = i;
			return 0;
		}
		append(words, option->choices[i]);
	}
	return log_error(-EINVAL, "--%s %s: give one of: %s", option->name, text, words);
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

/* Answer --help, or with its letter --version. Returns 0. */
static int answer(const struct option_table *table, int letter)
{
	if (letter == 'V')
		printf("%s %s\n", table->program, table->version);
	else
		print_help(table);
	return 0;
}

/* Parse the words that are no options, from optind on. Returns like option_table_parse(). */
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
	return 1;
}

/* Check that @command takes all options in @given, a bit for each. */
static int check_given(const struct option_table *table, uint32_t given, unsigned int command)
{
	const char *word = table->commands[command].word;
	char words[WORDS_LEN];

	for (unsigned int i = 0; table->options[i].name; i++) {
		const struct option_entry *option = &table->options[i];

		if (given & (1U << i) && !(option->commands & (1U << command)))
			return log_error(-EINVAL, "--%s: not an option of %s%s%s; it goes with: %s",
					 option->name, table->program, word ? " " : "",
					 word ? word : "",
					 list_commands(table, option->commands, words));
	}
	return 1;
}

int option_table_parse(const struct option_table *table, int argc, char *argv[], void *options,
		       unsigned int *command)
{
	struct option longs[OPTIONS_MAX + 1] = {0};
	char shorts[2 * OPTIONS_MAX + 2] = ":"; /* reports a missing argument as ':' */
	const struct option_entry *option;
	uint32_t given = 0;
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
		if (option->parse(option, optarg, (char *)options + option->offset) < 0)
			return -EINVAL;
		given |= 1U << i;
	}
	result = parse_words(table, argc, argv, options, command);
	return result <= 0 ? result : check_given(table, given, *command);
}
