// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/types.h>

#include "bpf/heartbeat.h"
#include "bpf/lib/log.h"
#include "bpf/lib/option_table.h"
#include "bpf/lib/parse.h"
#include "bpf/lib/units.h"
#include "loader/options.h"

enum { BUSY_FOR_DEFAULT = 6 * 60 * 60 };

enum { TO_LOAD = 1 << ACTION_LOAD | 1 << ACTION_CHECK };

static int parse_programs(const struct option_entry *option, char *text, void *field,
			  struct reason *why)
{
	(void)option;
	return names_add(field, text, why);
}

static int parse_busy(const struct option_entry *option, char *text, void *field,
		      struct reason *why)
{
	struct names *busy = field;

	(void)option;
	/* Overrides the configuration. */
	if (text[0] == '\0')
		return 0;
	if (names_add(busy, text, why) < 0)
		return -EINVAL;
	if (names_have(busy, HB_ANY_PROGRAM))
		return reason_set(why, -EINVAL,
				  "*: some program always runs: give names, such as make");
	if (busy->count > HB_BUSY_MAX)
		return reason_set(why, -EINVAL, "more than %d busy programs", HB_BUSY_MAX);
	return 0;
}

static int parse_busy_for(const struct option_entry *option, char *text, void *field,
			  struct reason *why)
{
	uint64_t ns;

	(void)option;
	if (parse_duration(text, NS_PER_S, 366 * NS_PER_DAY, &ns) < 0)
		return reason_set(why, -EINVAL, "give a time from 1s to 366d, like 90m or 6h");
	*(uint32_t *)field = (uint32_t)(ns / NS_PER_S);
	return 0;
}

static int parse_ring_size(const struct option_entry *option, char *text, void *field,
			   struct reason *why)
{
	uint32_t page = (uint32_t)sysconf(_SC_PAGESIZE);
	uint32_t *size = field;

	if (option_number(option, text, size, why) < 0)
		return -EINVAL;
	/* The kernel's rule for BPF_MAP_TYPE_RINGBUF: kernel/bpf/ringbuf.c, ringbuf_map_alloc(). */
	if (*size < page || *size & (*size - 1))
		return reason_set(why, -EINVAL, "give a power of two, %u or more", page);
	return 0;
}

static int parse_hook(const struct option_entry *option, char *text, void *field,
		      struct reason *why)
{
	uint32_t index;

	if (option_choice(option, text, &index, why) < 0)
		return -EINVAL;
	*(int *)field = (int)index - 1;
	return 0;
}

static int parse_group(const struct option_entry *option, char *text, void *field,
		       struct reason *why)
{
	const struct group *group = getgrnam(text);
	struct load_options *options = field;
	uint64_t gid;

	(void)option;
	if (group)
		options->gid = group->gr_gid;
	else if (parse_u64(text, 0, UINT32_MAX - 1, &gid) == 0)
		options->gid = (gid_t)gid;
	else
		return reason_set(why, -EINVAL,
				  "no such group; create it with: addgroup --system %s", text);
	options->group = text;
	return 0;
}

static int parse_pin_dir(const struct option_entry *option, char *text, void *field,
			 struct reason *why)
{
	size_t length = strlen(text);

	while (length > 1 && text[length - 1] == '/')
		text[--length] = '\0';
	if (text[0] != '/' || length < 2)
		return reason_set(why, -EINVAL, "give an absolute path, like %s", HB_PIN_DIR);
	/* bpffs refuses names with a dot, and `..` would defeat the checks of the parents. */
	if (strchr(strrchr(text, '/'), '.') || strstr(text, "/../"))
		return reason_set(why, -EINVAL, "names on a BPF file system cannot contain a dot");
	return option_pin_dir(option, text, field, why);
}

static const struct command_entry commands[] = {
	[ACTION_LOAD] = {"load", .help = "load, or upgrade in place what is loaded (the default)"},
	[ACTION_CHECK] = {"check",
			  .help = "list missing requirements and how to fix them; load nothing"},
	[ACTION_UNLOAD] = {"unload", .help = "detach the hooks and remove all pins"},
	{.help = NULL},
};

#define FIELD(member) offsetof(struct load_options, member)

static const struct option_entry options[] = {
	{"programs", 0, "LIST", TO_LOAD, FIELD(programs), parse_programs,
	 .help = "watched programs, separated by commas; a leading + adds to the\n"
		 "configured list; @FILE has one name per line, # starts a comment\n"
		 "(default: " HB_PROGRAMS_DEFAULT ")"},
	{"rule", 0, "RULE", TO_LOAD, FIELD(rule), option_choice,
	 .help = "what a heartbeat is: stdin, any or keys (default: any)", .choices = rule_names},
	{"hook", 0, "HOOK", TO_LOAD, FIELD(hook), parse_hook,
	 .help = "how reads are seen: fentry, tracepoint, or auto, which picks the\n"
		 "better one that works here (default: auto)",
	 .choices = hook_choices},
	{"busy", 0, "LIST", TO_LOAD, FIELD(busy), parse_busy,
	 .help = "programs that work without keys, such as make: while one runs, its\n"
		 "workspace is not idle (default: none)"},
	{"busy-for", 0, "TIME", TO_LOAD, FIELD(busy_for), parse_busy_for,
	 .help = "how long that counts, from the last key in the workspace\n(default: 6h)"},
	{"group", 0, "GROUP", TO_LOAD, 0, parse_group,
	 .help = "allow the members of GROUP to read heartbeats (default: only root)"},
	{"readers", 0, "N", TO_LOAD, FIELD(readers), option_number, .help = "simultaneous readers",
	 .min = 1, .max = HB_READERS_MAX, .standard = HB_READERS_DEFAULT},
	{"ring-size", 0, "BYTES", TO_LOAD, FIELD(ring_size), parse_ring_size,
	 .help = "size of each reader's buffer:\na power of two", .min = 4096, .max = 1U << 30,
	 .standard = HB_RING_SIZE_DEFAULT},
	{"max-pids", 0, "N", TO_LOAD, FIELD(max_pids), option_number,
	 .help = "size of the map considered_pids",
	 /* PID_MAX_LIMIT: proc(5), pid_max */
	 .min = 1, .max = 1U << 22, .standard = HB_MAX_PIDS_DEFAULT},
	{"pin-dir", 0, "DIR", OPTION_WITH_ALL, FIELD(pin_dir), parse_pin_dir,
	 .help = "where to pin (default: " HB_PIN_DIR ")"},
	{"verbose", 'v', NULL, OPTION_WITH_ALL, FIELD(verbose), option_count,
	 .help = "print each step; twice: those of libbpf as well"},
	{"version", 'V', .help = "print the version"},
	{"help", 'h', .help = "print this help"},
	{.name = NULL},
};

const struct option_table load_option_table = {
	.program = "hb-load",
	.version = HB_VERSION,
	.about =
		"Load the hooks that see heartbeats into the kernel, attach and pin them, and exit.\n"
		"A heartbeat is a read by a watched program, such as an editor or a pager.\n"
		"Options override the configuration, " HB_CONFIG_FILE ".",
	.exits = "Exit status: 0 done, 1 failed, 2 wrong usage, 3 not loaded, 4 permission denied.",
	.commands = commands,
	.options = options,
	.size = sizeof(struct load_options),
};

int load_options_parse(int argc, char *argv[], const char *config_dir, struct load_options *parsed)
{
	unsigned int command = ACTION_LOAD;
	int r;

	*parsed = (struct load_options){
		.pin_dir = HB_PIN_DIR,
		.rule = HB_RULE_ANY,
		.hook = -1,
		.busy_for = BUSY_FOR_DEFAULT,
	};
	r = option_table_parse(&load_option_table, argc, argv, config_dir, parsed, &command,
			       &parsed->config);
	parsed->action = (enum action)command;
	return r;
}

/* Write one word to @stream, in single quotes if the shell would change it. */
static void write_word(FILE *stream, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789._+-:/@,";

	if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
		fputs(word, stream);
		return;
	}
	fputc('\'', stream);
	for (; *word != '\0'; word++)
		fputs(*word == '\'' ? "'\\''" : (char[]){*word, '\0'}, stream);
	fputc('\'', stream);
}

static bool is_relative(const char *list)
{
	list += list[0] == '+';
	return list[0] == '@' && list[1] != '/';
}

void load_options_words(const struct load_options *parsed, char text[HB_OPTIONS_LEN])
{
	FILE *stream = fmemopen(text, HB_OPTIONS_LEN, "w");
	bool fits = stream != NULL;

	for (size_t i = 0; fits && i < parsed->config.count; i++) {
		const struct config_setting *setting = &parsed->config.settings[i];

		if (!setting->effective || setting->source != CONFIG_OPTION)
			continue;
		fprintf(stream, "%s%s ", ftell(stream) > 0 ? " " : "", setting->where);
		write_word(stream, setting->value);
		fits = !is_relative(setting->value);
	}
	if (stream && (fflush(stream) != 0 || ftell(stream) >= HB_OPTIONS_LEN))
		fits = false;
	if (stream)
		fclose(stream);
	if (!fits)
		strcpy(text, HB_OPTIONS_LONG);
}
