// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* hb-read: prints heartbeats, collects garbage, serves metrics, and answers questions. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "bpf/lib/cleanup.h"
#include "bpf/lib/clock.h"
#include "bpf/lib/exit.h"
#include "bpf/lib/log.h"
#include "bpf/lib/pidns.h"
#include "bpf/lib/pins.h"
#include "bpf/lib/user.h"
#include "reader/commands/explain.h"
#include "reader/commands/idle.h"
#include "reader/commands/list.h"
#include "reader/commands/status.h"
#include "reader/confine.h"
#include "reader/http/http.h"
#include "reader/lines/lines.h"
#include "reader/lines/slots.h"
#include "reader/loop.h"
#include "reader/maps/collector.h"
#include "reader/maps/snapshot.h"
#include "reader/options.h"

struct reader {
	const struct read_options *options;
	struct loop *loop;
	struct snapshot_source *source;
	struct slots slots;
	struct lines *lines; /* NULL: none are printed */
	struct http *http;
	struct collector collector;
	int signals;
	bool ending;
	int result;
};

/* Print the last lines and end with @result; the second time, end at once. */
static int end(struct reader *reader, int result)
{
	bool again = reader->ending;

	reader->ending = true;
	reader->result = result;
	if (reader->lines && !again)
		return lines_end(reader->lines);
	loop_stop(reader->loop);
	return 0;
}

static int on_signal(void *data, uint32_t events)
{
	struct reader *reader = data;
	struct signalfd_siginfo info;

	(void)events;
	if (read(reader->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return 0;
	return end(reader, reader->result);
}

static int on_collect(void *data, uint32_t events)
{
	struct reader *reader = data;
	int r;

	(void)events;
	if (reader->ending)
		return 0;
	r = collector_run(&reader->collector);
	if (r < 0)
		return end(reader, r);
	slots_sweep(&reader->slots, clock_boot_ns());
	return reader->lines ? lines_check(reader->lines) : 0;
}

static bool is_ignored(int number)
{
	struct sigaction action;

	return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static int start_signals(struct reader *reader)
{
	sigset_t set;
	int r;

	/* A closed pipe and a file at the size limit show as errors of write(2). */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	/* The terminal was closed, which nohup(1) wants to be ignored. */
	if (!is_ignored(SIGHUP))
		sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return log_errno(-errno, "signals");
	reader->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (reader->signals < 0)
		return log_errno(-errno, "signals");
	r = loop_add(reader->loop, reader->signals, EPOLLIN, on_signal, reader);
	return r < 0 ? log_errno(r, "signals") : 0;
}

static int start_collector(struct reader *reader)
{
	uint64_t interval = reader->options->gc_interval;
	int r;

	r = collector_init(&reader->collector, reader->options->pin_dir);
	if (r < 0 || interval == 0)
		return r;
	/* The first run is at once, from inside the loop. */
	r = loop_add_timer(reader->loop, 1, interval, on_collect, reader);
	return r < 0 ? log_errno(r, "collection") : 0;
}

static void log_no_lines(const struct reader *reader)
{
	char user[USER_NAME_LEN];

	log_info("no lines: %s/%s needs write permission for user %s; collection and HTTP continue",
		 reader->options->pin_dir, reader->slots.open ? HB_PIN_READERS : HB_PIN_OPEN,
		 user_name(geteuid(), user));
}

/*
 * Open the slots and, if lines were asked for, print them. Without permission do neither, nor if a
 * member of the group has frozen what readers write to: then the rest has to go on all the more.
 */
static int start_lines(struct reader *reader, const struct hb_meta *meta)
{
	const struct read_options *options = reader->options;
	bool wanted = options->command == COMMAND_READ;
	int r;

	r = slots_open(&reader->slots, options->pin_dir, meta);
	if (r == 0 && wanted)
		r = lines_start(reader->loop, &reader->slots, options->format == FORMAT_JSON,
				&reader->lines);
	if (r == -EPERM)
		log_info(
			"a member of the group has frozen the pins in %s/%s, so there are no lines: run hb-load unload and hb-load as root; collection and HTTP continue",
			options->pin_dir, HB_PIN_READERS);
	else if (r == -EACCES && wanted)
		log_no_lines(reader);
	else if (r != -EACCES)
		return r;
	return 0;
}

static int start_http(struct reader *reader)
{
	const struct read_options *options = reader->options;

	return http_start(reader->loop, options, options->command == COMMAND_SERVE, reader->source,
			  &reader->collector, &reader->http);
}

static void log_pid_namespace(void)
{
	if (!pidns_is_initial())
		log_info(
			"in a pid namespace of its own: pids are those of the host, and only the kernel removes dead processes");
}

/*
 * Signals and collection come before lines: a reader that has claimed a slot must already notice
 * what ends it.
 */
static int start(struct reader *reader)
{
	const char *pin_dir = reader->options->pin_dir;
	struct hb_meta meta;
	int r;

	r = pins_read_meta(pin_dir, &meta, NULL);
	if (r < 0)
		return r;
	log_pid_namespace();
	r = loop_new(&reader->loop);
	if (r == 0)
		r = start_signals(reader);
	if (r == 0)
		r = snapshot_open(pin_dir, &reader->source);
	if (r == 0)
		r = start_collector(reader);
	if (r == 0)
		r = start_lines(reader, &meta);
	if (r == 0)
		r = start_http(reader);
	/* All is open. */
	return r == 0 ? confine(reader->options->command, 0) : r;
}

static void stop(struct reader *reader, bool failed)
{
	lines_stop(reader->lines, failed);
	http_stop(reader->http);
	slots_close(&reader->slots);
	snapshot_close(reader->source);
	close_fd(reader->signals);
	loop_free(reader->loop);
}

static int read_beats(const struct read_options *options)
{
	struct reader reader = {.options = options, .signals = -EBADF};
	int r;

	r = start(&reader);
	if (r < 0) {
		/* A slot of our own has nothing in it, but one that was adopted has the beats of another. */
		stop(&reader, lines_has_adopted(reader.lines));
		return r;
	}
	r = loop_run(reader.loop);
	if (r == 0)
		r = reader.result;
	/* -ENOENT: unloaded, so that no reader comes after this one. */
	stop(&reader, r < 0 && r != -ENOENT);
	return r;
}

/*
 * The next file to be opened would get the number of a closed standard descriptor, and then what is
 * meant for the user. /dev/null is opened for reading as standard output: writing to it must fail.
 */
static int hold_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		if (open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY) != fd)
			return log_error(-EBADF, "cannot open /dev/null");
	}
	return 0;
}

int main(int argc, char *argv[])
{
	/* Each returns 0 or -errno, logged; or an exit status. */
	static int (*const commands[])(const struct read_options *options) = {
		[COMMAND_READ] = read_beats, [COMMAND_SERVE] = read_beats,
		[COMMAND_LIST] = list_run,   [COMMAND_STATUS] = status_run,
		[COMMAND_IDLE] = idle_run,   [COMMAND_EXPLAIN] = explain_run,
	};
	struct read_options options;
	int r;

	log_init("hb-read", 0);
	r = hold_standard_descriptors();
	if (r < 0)
		return exit_status(r);
	r = read_options_parse(argc, argv, HB_CONFIG_DIR, &options);
	if (r <= 0)
		return exit_status(r);
	log_init("hb-read", options.verbose);
	r = commands[options.command](&options);
	return r > 0 ? r : exit_status(r);
}
