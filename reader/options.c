// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <linux/types.h>

#include "bpf/heartbeat.h"
#include "bpf/lib/log.h"
#include "bpf/lib/parse.h"
#include "bpf/lib/pins.h"
#include "reader/http/listen.h"
#include "reader/options.h"

enum {
	OPTION_PIN_DIR = 256,
	OPTION_FORMAT,
	OPTION_GC_INTERVAL,
	OPTION_LISTEN,
	OPTION_WATCH,
	OPTION_CGROUP,
	OPTION_CONTAINER,
	OPTION_PID,
	OPTION_TOUCH,
};

enum { GC_INTERVAL_DEFAULT = 5, GC_INTERVAL_MAX = 24 * 60 * 60, IDLE_MAX = 366 * 24 * 60 * 60 };

/* Room for the longest of our names below the pin directory. */
static const size_t pin_dir_max = PINS_PATH_MAX - 64;

static const struct option long_options[] = {
	{"pin-dir", required_argument, NULL, OPTION_PIN_DIR},
	{"format", required_argument, NULL, OPTION_FORMAT},
	{"gc-interval", required_argument, NULL, OPTION_GC_INTERVAL},
	{"listen", required_argument, NULL, OPTION_LISTEN},
	{"watch", no_argument, NULL, OPTION_WATCH},
	{"cgroup", required_argument, NULL, OPTION_CGROUP},
	{"container", required_argument, NULL, OPTION_CONTAINER},
	{"pid", required_argument, NULL, OPTION_PID},
	{"touch", required_argument, NULL, OPTION_TOUCH},
	{"verbose", no_argument, NULL, 'v'},
	{"version", no_argument, NULL, 'V'},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

static const char *const commands[] = {
	[COMMAND_SERVE] = "serve", [COMMAND_LIST] = "list",	  [COMMAND_STATUS] = "status",
	[COMMAND_IDLE] = "idle",   [COMMAND_EXPLAIN] = "explain",
};

#define BIT(n)		(1U << (n))
#define ARRAY_LEN(list) (sizeof(list) / sizeof((list)[0]))

/* The commands that know an option. */
static const struct {
	int option;
	const char *name;
	unsigned int commands;
} only_with[] = {
	{OPTION_FORMAT, "format", BIT(COMMAND_READ) | BIT(COMMAND_LIST) | BIT(COMMAND_STATUS)},
	{OPTION_GC_INTERVAL, "gc-interval", BIT(COMMAND_READ) | BIT(COMMAND_SERVE)},
	{OPTION_LISTEN, "listen", BIT(COMMAND_READ) | BIT(COMMAND_SERVE)},
	{OPTION_WATCH, "watch", BIT(COMMAND_LIST)},
	{OPTION_CGROUP, "cgroup", BIT(COMMAND_IDLE)},
	{OPTION_CONTAINER, "container", BIT(COMMAND_IDLE)},
	{OPTION_PID, "pid", BIT(COMMAND_IDLE)},
	{OPTION_TOUCH, "touch", BIT(COMMAND_IDLE)},
};

static void print_help(void)
{
	printf("Usage: hb-read [OPTION]...\n"
	       "       hb-read serve [OPTION]...\n"
	       "       hb-read list [--watch] [OPTION]...\n"
	       "       hb-read status [OPTION]...\n"
	       "       hb-read idle SECONDS [--cgroup PATH | --container ID | --pid PID] [OPTION]...\n"
	       "       hb-read explain PID|NAME [OPTION]...\n"
	       "\n"
	       "Print a line for each heartbeat, collect garbage and serve metrics. 'serve' prints\n"
	       "nothing, 'list' shows the considered processes, 'status' what is loaded. 'idle' tells\n"
	       "whether there was no activity for so long, 'explain' why a process counts or not.\n"
	       "\n"
	       "  --format FORMAT        text or json, one object a line (default: text)\n"
	       "  --gc-interval SECONDS  between collections, 0 for none (default: %d)\n"
	       "  --listen ADDRESS       serve metrics at ADDR:PORT, [ADDR6]:PORT or unix:PATH; may be\n"
	       "                         repeated; none: do not serve (default: 127.0.0.1:9090)\n"
	       "  --watch                with list: go on, and refresh\n"
	       "  --cgroup PATH          with idle: of this control group and those below it\n"
	       "  --container ID         with idle: of this container\n"
	       "  --pid PID              with idle: of this process\n"
	       "  --touch FILE           with idle: set its modification time to the last activity\n"
	       "  --pin-dir DIR          where it is pinned (default: %s)\n"
	       "  -v, --verbose          say more\n"
	       "  -V, --version          print the version\n"
	       "  -h, --help             print this help\n"
	       "\n"
	       "Exit status: 0 done, 1 failed, 2 wrong usage, 3 not loaded, 4 permission denied;\n"
	       "of idle: 0 active, 1 unknown, 10 idle.\n",
	       GC_INTERVAL_DEFAULT, HB_PIN_DIR);
}

static int parse_pin_dir(const char *text, const char **dir)
{
	if (text[0] == '\0')
		return log_error(-EINVAL, "--pin-dir: give a directory, like %s", HB_PIN_DIR);
	if (strlen(text) > pin_dir_max)
		return log_error(-EINVAL, "--pin-dir: the path is longer than %zu bytes",
				 pin_dir_max);
	*dir = text;
	return 0;
}

static int parse_format(const char *text, enum format *format)
{
	if (strcmp(text, "text") == 0)
		*format = FORMAT_TEXT;
	else if (strcmp(text, "json") == 0)
		*format = FORMAT_JSON;
	else
		return log_error(-EINVAL, "--format %s: give text or json", text);
	return 0;
}

static int parse_gc_interval(const char *text, unsigned int *seconds)
{
	uint64_t parsed;

	if (parse_u64(text, 0, GC_INTERVAL_MAX, &parsed) < 0)
		return log_error(-EINVAL, "--gc-interval %s: give seconds, 1 to %d, or 0 for none",
				 text, GC_INTERVAL_MAX);
	*seconds = (unsigned int)parsed;
	return 0;
}

static int parse_listen(const char *text, struct read_options *options)
{
	if (strcmp(text, "none") == 0) {
		options->listen_none = true;
	} else {
		if (listen_check(text) < 0)
			return -EINVAL;
		if (options->listen_count == OPTIONS_LISTEN_MAX)
			return log_error(-EINVAL, "--listen %s: more than %d addresses", text,
					 OPTIONS_LISTEN_MAX);
		options->listen[options->listen_count++] = text;
	}
	options->listen_default = false;
	if (options->listen_none && options->listen_count > 0)
		return log_error(-EINVAL, "--listen none: contradicts --listen %s",
				 options->listen[0]);
	return 0;
}

static int parse_command(const char *word, enum command *command)
{
	for (unsigned int i = COMMAND_SERVE; i < ARRAY_LEN(commands); i++) {
		if (strcmp(word, commands[i]) == 0) {
			*command = (enum command)i;
			return 0;
		}
	}
	return log_error(-EINVAL,
			 "%s: no such command: serve, list, status, idle or explain, or none",
			 word);
}

static int parse_selector(const char *selector, const char *value, struct read_options *options)
{
	static const char *const expected[] = {
		[ACTIVITY_CGROUP] = "a path below where the hierarchy is mounted, like /user.slice",
		[ACTIVITY_CONTAINER] = "12 to 64 hexadecimal digits",
		[ACTIVITY_PID] = "the number of a process",
	};
	struct activity_query alone = {.by = ACTIVITY_NODE};
	enum activity_by by = strcmp(selector, "cgroup") == 0	   ? ACTIVITY_CGROUP
			      : strcmp(selector, "container") == 0 ? ACTIVITY_CONTAINER
								   : ACTIVITY_PID;

	if (activity_query_add(&alone, selector, value) < 0)
		return log_error(-EINVAL, "--%s %s: give %s", selector, value, expected[by]);
	if (options->query.by != ACTIVITY_NODE)
		return log_error(-EINVAL, "--%s: give one of --cgroup, --container and --pid, once",
				 selector);
	options->query = alone;
	return 0;
}

/* What follows the command word. */
static int parse_argument(const char *word, struct read_options *options)
{
	if (options->command == COMMAND_IDLE && options->idle_seconds == 0) {
		if (parse_u64(word, 1, IDLE_MAX, &options->idle_seconds) < 0)
			return log_error(-EINVAL, "idle %s: give seconds, 1 to %d", word, IDLE_MAX);
		return 0;
	}
	if (options->command == COMMAND_EXPLAIN && !options->explain && word[0] != '\0') {
		options->explain = word;
		return 0;
	}
	return log_error(-EINVAL, "%s: unexpected argument", word);
}

static int check_arguments(const struct read_options *options)
{
	if (options->command == COMMAND_IDLE && options->idle_seconds == 0)
		return log_error(-EINVAL, "idle: after how many seconds? hb-read idle 1800, say");
	if (options->command == COMMAND_EXPLAIN && !options->explain)
		return log_error(-EINVAL, "explain: which process? give its pid or its name");
	return 0;
}

static int parse_option(int option, struct read_options *options)
{
	switch (option) {
	case OPTION_PIN_DIR:
		return parse_pin_dir(optarg, &options->pin_dir);
	case OPTION_FORMAT:
		return parse_format(optarg, &options->format);
	case OPTION_GC_INTERVAL:
		return parse_gc_interval(optarg, &options->gc_interval);
	case OPTION_LISTEN:
		return parse_listen(optarg, options);
	case OPTION_WATCH:
		options->watch = true;
		return 0;
	case OPTION_CGROUP:
		return parse_selector("cgroup", optarg, options);
	case OPTION_CONTAINER:
		return parse_selector("container", optarg, options);
	case OPTION_PID:
		return parse_selector("pid", optarg, options);
	case OPTION_TOUCH:
		options->touch = optarg;
		return 0;
	case 'v':
		options->verbose = true;
		return 0;
	default:
		return -EINVAL;
	}
}

/* @given: bits of only_with */
static int check_combination(const struct read_options *options, unsigned int given)
{
	for (unsigned int i = 0; i < ARRAY_LEN(only_with); i++) {
		if (!(given & BIT(i)) || only_with[i].commands & BIT(options->command))
			continue;
		if (options->command == COMMAND_READ)
			return log_error(-EINVAL, "--%s: only with hb-read %s", only_with[i].name,
					 only_with[i].commands & BIT(COMMAND_LIST) ? "list"
										   : "idle");
		return log_error(-EINVAL, "--%s: not an option of hb-read %s", only_with[i].name,
				 commands[options->command]);
	}
	return 0;
}

int read_options_parse(int argc, char *argv[], struct read_options *options)
{
	unsigned int given = 0;
	int option;

	*options = (struct read_options){
		.command = COMMAND_READ,
		.pin_dir = HB_PIN_DIR,
		.format = FORMAT_TEXT,
		.gc_interval = GC_INTERVAL_DEFAULT,
		.listen_default = true,
	};
	opterr = 0;
	optind = 0; /* with glibc: start anew, whatever was parsed before */
	while ((option = getopt_long(argc, argv, ":vVh", long_options, NULL)) >= 0) {
		switch (option) {
		case 'h':
			print_help();
			return 0;
		case 'V':
			printf("hb-read %s\n", HB_VERSION);
			return 0;
		case '?':
		case ':':
			return parse_bad_option("hb-read", option, argv);
		default:
			if (parse_option(option, options) < 0)
				return -EINVAL;
		}
		for (unsigned int i = 0; i < ARRAY_LEN(only_with); i++)
			given |= only_with[i].option == option ? BIT(i) : 0;
	}
	if (optind < argc && parse_command(argv[optind++], &options->command) < 0)
		return -EINVAL;
	while (optind < argc) {
		if (parse_argument(argv[optind++], options) < 0)
			return -EINVAL;
	}
	if (check_arguments(options) < 0)
		return -EINVAL;
	return check_combination(options, given) < 0 ? -EINVAL : 1;
}
