// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include <linux/types.h>

#include "bpf/heartbeat.h"
#include "bpf/lib/log.h"
#include "bpf/lib/parse.h"
#include "bpf/lib/units.h"
#include "reader/activity/activity_query.h"
#include "reader/http/listen.h"
#include "reader/node.h"
#include "reader/options.h"

/* A timer of less would be busy with nothing else. */
static const uint64_t gc_interval_min = NS_PER_S / 10;
static const uint64_t gc_interval_default = 5 * NS_PER_S;
static const uint64_t gc_interval_max = NS_PER_DAY;

#define BIT(command) (1U << COMMAND_##command)

static int parse_listen(const struct option_entry *option, char *text, void *field,
			struct reason *why)
{
	struct read_options *options = field;

	(void)option;
	if (strcmp(text, "none") == 0) {
		options->listen_none = true;
	} else {
		if (listen_check(text, why) < 0)
			return -EINVAL;
		if (options->listen_count == OPTIONS_LISTEN_MAX)
			return reason_set(why, -EINVAL, "more than %d addresses",
					  OPTIONS_LISTEN_MAX);
		options->listen[options->listen_count++] = text;
	}
	options->listen_default = false;
	if (options->listen_none && options->listen_count > 0)
		return reason_set(why, -EINVAL, "give addresses or none, not both");
	return 0;
}

static int check_selector(const struct read_options *options, struct reason *why)
{
	if (options->selector || options->self)
		return reason_set(
			why, -EINVAL,
			"give only one of --cgroup, --container, --pod, --pid and --self");
	return 0;
}

static int parse_self(const struct option_entry *option, char *text, void *field,
		      struct reason *why)
{
	struct read_options *options = field;

	(void)option;
	(void)text;
	if (check_selector(options, why) < 0)
		return -EINVAL;
	options->self = true;
	return 0;
}

static int parse_selector(const struct option_entry *option, char *text, void *field,
			  struct reason *why)
{
	struct activity_query query = {.by = ACTIVITY_NODE};
	struct read_options *options = field;

	if (activity_query_add(&query, option->name, text) < 0)
		return reason_set(why, -EINVAL, "give %s", option->expected);
	if (check_selector(options, why) < 0)
		return -EINVAL;
	options->selector = option->name;
	options->selected = text;
	return 0;
}

static int parse_interval(const struct option_entry *option, char *text, void *field,
			  struct reason *why)
{
	uint64_t *interval = field;

	(void)option;
	if (parse_duration(text, 0, gc_interval_max, interval) < 0 ||
	    (*interval > 0 && *interval < gc_interval_min))
		return reason_set(why, -EINVAL,
				  "give 0, or a time from 0.1s to 1d, like 5 (seconds) or 1m");
	return 0;
}

static int parse_node(const struct option_entry *option, char *text, void *field,
		      struct reason *why)
{
	if (text[0] == '\0' || strlen(text) >= NODE_NAME_LEN)
		return reason_set(why, -EINVAL, "give a name of 1 to %d bytes", NODE_NAME_LEN - 1);
	return option_text(option, text, field, why);
}

static int parse_idle(const char *text, void *data)
{
	struct read_options *options = data;

	if (activity_query_limit(text, &options->idle_limit) < 0)
		return log_error(
			-EINVAL,
			"idle %s: give a time from 0.001s to 366d, like 1800 (seconds), 30m or 1.5h",
			text);
	return 0;
}

static int parse_explain(const char *text, void *data)
{
	((struct read_options *)data)->explain = text;
	return 0;
}

static const char *const formats[] = {[FORMAT_TEXT] = "text", [FORMAT_JSON] = "json", NULL};

static const struct command_entry commands[] = {
	[COMMAND_READ] = {NULL,
			  .help = "print a line for each heartbeat, and do all that serve does"},
	[COMMAND_SERVE] = {"serve", .help = "collect garbage and serve metrics; print no lines"},
	[COMMAND_LIST] = {"list", .help = "show the watched processes and their last keys"},
	[COMMAND_STATUS] =
		{"status",
		 .help = "show what is loaded, the readers, losses, and how full the maps are"},
	[COMMAND_IDLE] = {"idle", .help = "exit 10 if there was no activity for that long", "TIME",
			  "30m", parse_idle},
	[COMMAND_EXPLAIN] = {"explain", .help = "explain why a process counts or does not",
			     "PID|NAME", "vim", parse_explain},
	{.help = NULL},
};

#define FIELD(member) offsetof(struct read_options, member)

static const struct option_entry options[] = {
	{"format", 0, "FORMAT", BIT(READ) | BIT(LIST) | BIT(STATUS) | BIT(IDLE) | BIT(EXPLAIN),
	 FIELD(format), option_choice,
	 .help = "text, or json with one object per line (default: text)", .choices = formats},
	{"gc-interval", 0, "TIME", BIT(READ) | BIT(SERVE), FIELD(gc_interval), parse_interval,
	 .help = "how often to collect garbage, 0.1s to 1d, or 0 for never\n(default: 5s)"},
	{"listen", 0, "ADDRESS", BIT(READ) | BIT(SERVE), 0, parse_listen,
	 .help = "serve metrics at ADDR:PORT, [ADDR6]:PORT, :PORT (all addresses)\n"
		 "or unix:PATH; with self, answer workspaces about themselves;\n"
		 "can be repeated; none turns it off (default: " LISTEN_DEFAULT ")"},
	{"node", 0, "NAME", BIT(READ) | BIT(SERVE) | BIT(IDLE), FIELD(node), parse_node,
	 .help = "the name of this node in metrics and answers (default: $NODE_NAME, or\n"
		 "else the host name)"},
	{"watch", 0, NULL, BIT(LIST), FIELD(watch), option_flag, .help = "refresh every second"},
	{"cgroup", 0, "PATH", BIT(IDLE), 0, parse_selector,
	 .help = "only this control group and those below it",
	 .expected =
		 "a path from the root of the version 2 hierarchy, like /user.slice; %25 is a percent sign"},
	{"container", 0, "ID", BIT(IDLE), 0, parse_selector, .help = "only this container",
	 .expected = "12 to 64 hexadecimal digits, perhaps after containerd://, or an ECS id"},
	{"pod", 0, "UID", BIT(IDLE), 0, parse_selector, .help = "only this pod of Kubernetes",
	 .expected = "the uid that Kubernetes reports, like 01234567-89ab-cdef-0123-456789abcdef"},
	{"pid", 0, "PID", BIT(IDLE), 0, parse_selector, .help = "only this process",
	 .expected = "a process id"},
	{"self", 0, NULL, BIT(IDLE), 0, parse_self,
	 .help = "only the container, pod or user that asks; needs no privilege"},
	{"socket", 0, "PATH", BIT(IDLE), FIELD(socket), option_text,
	 .help = "with --self: the socket to ask at\n(default: " LISTEN_SELF ")"},
	{"touch", 0, "FILE", BIT(IDLE), FIELD(touch), option_text,
	 .help = "set the modification time of FILE to the last activity"},
	{"pin-dir", 0, "DIR", OPTION_WITH_ALL, FIELD(pin_dir), option_pin_dir,
	 .help = "where hb-load pinned the maps (default: " HB_PIN_DIR ")"},
	{"verbose", 'v', NULL, OPTION_WITH_ALL, FIELD(verbose), option_count,
	 .help = "print more messages; twice: those of libbpf as well"},
	{"version", 'V', .help = "print the version"},
	{"help", 'h', .help = "print this help"},
	{.name = NULL},
};

const struct option_table read_option_table = {
	.program = "hb-read",
	.version = HB_VERSION,
	.about =
		"Report heartbeats: the reads by which watched programs, such as editors and pagers, get\n"
		"what their users type. hb-load chooses the programs and loads the hooks that see them.\n"
		"Options override the configuration, " HB_CONFIG_FILE ".",
	.exits =
		"TIME is a number of seconds, or has a unit, as in 90s, 30m, 1.5h or 2d.\n"
		"Exit status: 0 done, 1 failed, 2 wrong usage, 3 not loaded, 4 permission denied;\n"
		"with idle: 0 active, 1 unknown, 10 idle.",
	.commands = commands,
	.options = options,
	.size = sizeof(struct read_options),
};

int read_options_parse(int argc, char *argv[], const char *config_dir, struct read_options *parsed)
{
	unsigned int command = COMMAND_READ;
	int r;

	*parsed = (struct read_options){
		.pin_dir = HB_PIN_DIR,
		.gc_interval = gc_interval_default,
		.listen_default = true,
	};
	r = option_table_parse(&read_option_table, argc, argv, config_dir, parsed, &command,
			       &parsed->config);
	parsed->command = (enum command)command;
	if (r > 0 && parsed->socket && !parsed->self)
		return log_error(-EINVAL, "--socket %s: goes with --self", parsed->socket);
	if (!parsed->socket)
		parsed->socket = LISTEN_SELF;
	return r;
}
