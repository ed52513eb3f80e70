// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <getopt.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/types.h>

#include "bpf/heartbeat.h"
#include "bpf/lib/log.h"
#include "bpf/lib/parse.h"
#include "bpf/lib/pins.h"
#include "loader/options.h"

enum {
	OPTION_PIN_DIR = 256,
	OPTION_PROGRAMS,
	OPTION_RULE,
	OPTION_HOOK,
	OPTION_GROUP,
	OPTION_READERS,
	OPTION_RING_SIZE,
	OPTION_MAX_PIDS,
};

/* The longest of our names below the pin directory, and the suffix of the staging directory. */
static const size_t pin_dir_max = PINS_PATH_MAX - 64;
static const uint32_t ring_size_max = 1U << 30;
static const uint32_t max_pids_max = 1U << 22; /* PID_MAX_LIMIT: proc(5), pid_max */

static void print_help(void)
{
	printf("Usage: hb-load [load] [OPTION]...\n"
	       "       hb-load check [OPTION]...\n"
	       "       hb-load unload [--pin-dir DIR]\n"
	       "\n"
	       "Load the heartbeat's BPF programs, attach them and pin them, then exit. Loading again\n"
	       "upgrades programs, rule and list in place. 'check' tells what is missing for that.\n"
	       "\n"
	       "  --programs LIST    considered programs: names with commas between; a leading + adds to\n"
	       "                     the default list; @FILE has one a line, # starts a comment\n"
	       "                     (default: %s if it exists, else\n"
	       "                     nvim nano vim ed vi emacs more less vimdiff tilde)\n"
	       "  --rule RULE        what a beat is: stdin, any or keys (default: any)\n"
	       "  --hook HOOK        how reads are seen: fentry, tracepoint, or auto, the best\n"
	       "                     that works here (default: auto)\n"
	       "  --group GROUP      let the members of GROUP read (default: root alone)\n"
	       "  --readers N        readers at a time, 1 to %d (default: %d)\n"
	       "  --ring-size BYTES  of each reader's ring, a power of two (default: %d)\n"
	       "  --max-pids N       size of considered_pids (default: %d)\n"
	       "  --pin-dir DIR      where to pin (default: %s)\n"
	       "  -v, --verbose      say what is done\n"
	       "  -V, --version      print the version\n"
	       "  -h, --help         print this help\n"
	       "\n"
	       "Exit status: 0 done, 1 failed, 2 wrong usage, 3 not loaded, 4 permission denied.\n",
	       HB_PROGRAMS_ETC, HB_READERS_MAX, HB_READERS_DEFAULT, HB_RING_SIZE_DEFAULT,
	       HB_MAX_PIDS_DEFAULT, HB_PIN_DIR);
}

static int parse_number(const char *option, const char *text, uint32_t min, uint32_t max,
			uint32_t *value)
{
	uint64_t parsed;

	if (parse_u64(text, min, max, &parsed) < 0)
		return log_error(-EINVAL, "--%s %s: give a number from %u to %u", option, text, min,
				 max);
	*value = (uint32_t)parsed;
	return 0;
}

static int parse_ring_size(const char *text, uint32_t *size)
{
	uint32_t page = (uint32_t)sysconf(_SC_PAGESIZE);

	/* The kernel's rule for BPF_MAP_TYPE_RINGBUF: kernel/bpf/ringbuf.c, ringbuf_map_alloc(). */
	if (parse_number("ring-size", text, page, ring_size_max, size) < 0)
		return -EINVAL;
	if (*size & (*size - 1))
		return log_error(-EINVAL, "--ring-size %s: give a power of two, %u or more", text,
				 page);
	return 0;
}

static int parse_hook(const char *text, int *hook)
{
	uint32_t number;

	if (strcmp(text, "auto") == 0) {
		*hook = -1;
		return 0;
	}
	if (method_parse(text, &number) < 0)
		return log_error(-EINVAL, "--hook %s: give auto, fentry or tracepoint", text);
	*hook = (int)number;
	return 0;
}

static int parse_group(const char *text, struct load_options *options)
{
	const struct group *group = getgrnam(text);
	uint64_t gid;

	if (group) {
		options->gid = group->gr_gid;
	} else if (parse_u64(text, 0, UINT32_MAX - 1, &gid) == 0) {
		options->gid = (gid_t)gid;
	} else {
		return log_error(-EINVAL,
				 "--group %s: there is no such group: addgroup --system %s", text,
				 text);
	}
	options->group = text;
	return 0;
}

static int parse_pin_dir(char *text, const char **dir)
{
	size_t length = strlen(text);

	while (length > 1 && text[length - 1] == '/')
		text[--length] = '\0';
	if (text[0] != '/' || length < 2)
		return log_error(-EINVAL, "--pin-dir %s: give an absolute path, like %s", text,
				 HB_PIN_DIR);
	if (length > pin_dir_max)
		return log_error(-EINVAL, "--pin-dir: the path is longer than %zu bytes",
				 pin_dir_max);
	/* bpffs refuses names with a dot; `..` would make a fool of the checks of the way there. */
	if (strchr(strrchr(text, '/'), '.') || strstr(text, "/../"))
		return log_error(-EINVAL, "--pin-dir %s: a bpf file system has no names with a dot",
				 text);
	*dir = text;
	return 0;
}

static int parse_rule(const char *text, uint32_t *rule)
{
	if (rule_parse(text, rule) < 0)
		return log_error(-EINVAL, "--rule %s: give stdin, any or keys", text);
	return 0;
}

static int parse_option(int option, char *value, struct load_options *options)
{
	switch (option) {
	case OPTION_PIN_DIR:
		return parse_pin_dir(value, &options->pin_dir);
	case OPTION_PROGRAMS:
		options->programs = value;
		return 0;
	case OPTION_RULE:
		return parse_rule(value, &options->rule);
	case OPTION_HOOK:
		return parse_hook(value, &options->hook);
	case OPTION_GROUP:
		return parse_group(value, options);
	case OPTION_READERS:
		return parse_number("readers", value, 1, HB_READERS_MAX, &options->readers);
	case OPTION_RING_SIZE:
		return parse_ring_size(value, &options->ring_size);
	case OPTION_MAX_PIDS:
		return parse_number("max-pids", value, 1, max_pids_max, &options->max_pids);
	default:
		return -EINVAL;
	}
}

static int parse_action(const char *word, enum action *action)
{
	if (strcmp(word, "load") == 0)
		*action = ACTION_LOAD;
	else if (strcmp(word, "check") == 0)
		*action = ACTION_CHECK;
	else if (strcmp(word, "unload") == 0)
		*action = ACTION_UNLOAD;
	else
		return log_error(-EINVAL, "%s: no such command: load, check or unload", word);
	return 0;
}

int load_options_parse(int argc, char *argv[], struct load_options *options)
{
	static const struct option long_options[] = {
		{"pin-dir", required_argument, NULL, OPTION_PIN_DIR},
		{"programs", required_argument, NULL, OPTION_PROGRAMS},
		{"rule", required_argument, NULL, OPTION_RULE},
		{"hook", required_argument, NULL, OPTION_HOOK},
		{"group", required_argument, NULL, OPTION_GROUP},
		{"readers", required_argument, NULL, OPTION_READERS},
		{"ring-size", required_argument, NULL, OPTION_RING_SIZE},
		{"max-pids", required_argument, NULL, OPTION_MAX_PIDS},
		{"verbose", no_argument, NULL, 'v'},
		{"version", no_argument, NULL, 'V'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	const char *load_option = NULL;
	int option;
	int index;

	*options = (struct load_options){
		.action = ACTION_LOAD,
		.pin_dir = HB_PIN_DIR,
		.rule = HB_RULE_ANY,
		.hook = -1,
	};
	opterr = 0;
	for (;;) {
		index = -1;
		option = getopt_long(argc, argv, ":vVh", long_options, &index);
		if (option < 0)
			break;
		switch (option) {
		case 'h':
			print_help();
			return 0;
		case 'V':
			printf("hb-load %s\n", HB_VERSION);
			return 0;
		case 'v':
			options->verbose = true;
			break;
		case '?':
		case ':':
			return parse_bad_option("hb-load", option, argv);
		default:
			if (parse_option(option, optarg, options) < 0)
				return -EINVAL;
			if (option != OPTION_PIN_DIR && index >= 0)
				load_option = long_options[index].name;
		}
	}
	if (optind < argc && parse_action(argv[optind++], &options->action) < 0)
		return -EINVAL;
	if (optind < argc)
		return log_error(-EINVAL, "%s: unexpected argument", argv[optind]);
	if (options->action == ACTION_UNLOAD && load_option)
		return log_error(-EINVAL, "--%s: not an option of unload", load_option);
	return 1;
}
