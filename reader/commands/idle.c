// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/openat2.h>

#include "bpf/lib/cleanup.h"
#include "bpf/lib/duration.h"
#include "bpf/lib/exit.h"
#include "bpf/lib/log.h"
#include "bpf/lib/units.h"
#include "reader/activity/activity_json.h"
#include "reader/commands/ask.h"
#include "reader/commands/idle.h"
#include "reader/commands/self.h"
#include "reader/maps/cgroup_tree.h"
#include "reader/maps/claims.h"
#include "reader/text/text.h"

/* The answer to one question, and what it was found in. */
struct idle {
	const struct report *report;
	const struct snapshot *snapshot; /* of the report */
	struct activity_query query;
	struct activity_answer answer;
	struct idle_judgement judgement;
	bool verbose;
};

/* Does not follow a link in any part of @path: another user may have put it there. */
static int open_touched(const char *path, bool *made)
{
	struct open_how how = {
		.flags = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS,
	};
	int fd;

	*made = false;
	fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
	if (fd >= 0 || errno != ENOENT)
		return fd;
	how.flags |= O_CREAT | O_EXCL;
	how.mode = 0644;
	fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
	*made = fd >= 0;
	return fd;
}

int idle_touch(const char *path, uint64_t unix_ns)
{
	_cleanup_close_ int fd = -EBADF;
	struct timespec times[2] = {
		{.tv_nsec = UTIME_OMIT},
		{.tv_sec = (time_t)(unix_ns / NS_PER_S), .tv_nsec = (long)(unix_ns % NS_PER_S)},
	};
	struct stat st;
	bool made;

	fd = open_touched(path, &made);
	if (fd < 0 && errno == ELOOP)
		return log_error(
			-ELOOP,
			"--touch %s: there is a symbolic link in this path: give the path it leads to",
			path);
	if (fd < 0)
		return log_error(-EIO, "--touch %s: %s", path, strerror(errno));
	if (fstat(fd, &st) < 0)
		return log_error(-EIO, "--touch %s: %s", path, strerror(errno));
	/* Other programs may touch it too, for other kinds of activity. */
	if (!made &&
	    (st.st_mtim.tv_sec > times[1].tv_sec ||
	     (st.st_mtim.tv_sec == times[1].tv_sec && st.st_mtim.tv_nsec >= times[1].tv_nsec)))
		return 0;
	if (futimens(fd, times) < 0)
		return log_error(-EIO, "--touch %s: cannot set its time: %s", path,
				 strerror(errno));
	return 0;
}

/* The path of a container is long, so only --verbose prints it as well. */
static void print_where(const struct idle *idle, FILE *stream)
{
	uint64_t id = idle->answer.activity.cgroup_id;
	char workspace[CGROUP_WORKSPACE_LEN];
	char printable[CGROUP_PATH_MAX];
	char path[CGROUP_PATH_MAX];

	if (id == 0)
		return;
	if (cgroup_tree_path(idle->snapshot, id, path) < 0) {
		fprintf(stream, ", in control group %" PRIu64, id);
		return;
	}
	if (claims_workspace(idle->snapshot, id, workspace) == 0) {
		fprintf(stream, ", in %s", workspace);
		if (!idle->verbose)
			return;
	}
	text_printable(printable, sizeof(printable), path, SIZE_MAX);
	fprintf(stream, ", in control group %s", printable);
}

/* `vim (pid 7171)`, or only what is known of it. */
static void print_who(const struct activity *activity, FILE *stream)
{
	char program[HB_COMM_LEN];

	text_printable(program, sizeof(program), activity->program, sizeof(activity->program));
	if (activity->pid)
		fprintf(stream, "%s (pid %" PRIu32 ")", program, activity->pid);
	else
		fprintf(stream, "%s", program[0] ? program : "a program that has ended");
}

static void print_because(const struct idle *idle, FILE *stream)
{
	const struct activity *activity = &idle->answer.activity;

	switch (activity->because) {
	case ACTIVITY_SINCE_LOAD:
		fputs("hb-load ran, and nothing was seen since", stream);
		return;
	case ACTIVITY_SINCE_BIRTH:
		if (activity->pid) {
			print_who(activity, stream);
			fputs(" started, and no key was seen since", stream);
			break;
		}
		fputs("it was created, and nothing was seen since", stream);
		break;
	case ACTIVITY_SINCE_OPENED:
		print_who(activity, stream);
		fputs(" was started at a terminal", stream);
		break;
	case ACTIVITY_SINCE_KEY:
		fputs("the last key, read by ", stream);
		print_who(activity, stream);
		break;
	case ACTIVITY_SINCE_BUSY: /* print_work() */
		return;
	}
	print_where(idle, stream);
}

/* `make (pid 4711) has been working for 12 min; this counts for another 5 h 48 min` */
static void print_work(const struct idle *idle, FILE *stream)
{
	const struct activity *activity = &idle->answer.activity;
	char worked[DURATION_LEN];
	char left[DURATION_LEN];

	duration_text(worked, snapshot_age(idle->snapshot, activity->start));
	duration_text(left, activity->until - activity->since);
	print_who(activity, stream);
	fprintf(stream, " has been working for %s; this counts for another %s\n", worked, left);
}

static int write_line(FILE *stream, const void *data)
{
	const struct idle *idle = data;
	const struct activity *activity = &idle->answer.activity;
	char doubt[ACTIVITY_DOUBT_LEN];
	char time[TEXT_TIME_LEN];

	fprintf(stream, "%s: ", idle_word(idle->judgement.verdict));
	if (idle->judgement.verdict == IDLE_UNKNOWN) {
		text_printable(doubt, sizeof(doubt), idle->answer.doubt, sizeof(doubt));
		fprintf(stream, "%s\n", doubt);
		return 0;
	}
	if (activity->because == ACTIVITY_SINCE_BUSY) {
		print_work(idle, stream);
		return 0;
	}
	text_time(time, activity->since + idle->snapshot->offset_ns);
	fprintf(stream, "for %" PRIu64 " s, since %s: ",
		snapshot_age(idle->snapshot, activity->since) / NS_PER_S, time);
	print_because(idle, stream);
	fputc('\n', stream);
	return 0;
}

static int write_json(FILE *stream, const void *data)
{
	const struct idle *idle = data;
	struct activity_query query = idle->query;

	return activity_json_answer(stream, idle->report, &query, &idle->answer, &idle->judgement);
}

/* Find and judge the activity that was asked about. */
static void find_answer(struct idle *idle, const struct read_options *options)
{
	if (options->selector)
		activity_query_add(&idle->query, options->selector, options->selected);
	activity_find(idle->snapshot, &idle->query, &idle->answer);
	idle->judgement.limit = options->idle_limit;
	idle->judgement.verdict =
		idle_judge(&idle->answer, idle->snapshot->taken_at, options->idle_limit);
}

int idle_status(enum idle_verdict verdict)
{
	static const int statuses[] = {
		[IDLE_ACTIVE] = HB_EXIT_OK,
		[IDLE_IDLE] = HB_EXIT_IDLE,
		[IDLE_UNKNOWN] = HB_EXIT_FAILED,
	};

	return statuses[verdict];
}

static int answer(const struct read_options *options, const struct report *report,
		  const char *blind)
{
	struct idle idle = {
		.report = report,
		.snapshot = &report->snapshot,
		.query = {.by = ACTIVITY_NODE, .blind = blind},
		.verbose = options->verbose > 0,
	};
	uint64_t time;
	int r;

	find_answer(&idle, options);
	r = text_print("idle", options->format == FORMAT_JSON ? write_json : write_line, &idle);
	time = activity_time(&idle.answer.activity);
	if (r == 0 && options->touch && time != 0)
		r = idle_touch(options->touch, time + idle.snapshot->offset_ns);
	return r < 0 ? r : idle_status(idle.judgement.verdict);
}

int idle_run(const struct read_options *options)
{
	return options->self ? self_idle(options) : ask(options, answer);
}
