// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "bpf/lib/cleanup.h"
#include "bpf/lib/exit.h"
#include "bpf/lib/log.h"
#include "bpf/lib/units.h"
#include "reader/activity/judge.h"
#include "reader/commands/idle.h"
#include "reader/maps/cgroup_tree.h"
#include "reader/maps/probe.h"
#include "reader/text/text.h"

/* The answer to one question, and what it was found in. */
struct idle {
	const struct snapshot *snapshot;
	struct activity_answer answer;
	enum idle_verdict verdict;
};

/* Does not follow a link, which another user may have put there. */
static int open_touched(const char *path, bool *made)
{
	int flags = O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd;

	*made = false;
	fd = open(path, flags);
	if (fd >= 0 || errno != ENOENT)
		return fd;
	fd = open(path, flags | O_CREAT | O_EXCL, 0644);
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
		return log_error(-ELOOP, "--touch %s: is a symbolic link: name the file itself",
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

static void print_where(const struct idle *idle, FILE *stream)
{
	uint64_t id = idle->answer.activity.cgroup_id;
	char printable[CGROUP_PATH_MAX];
	char path[CGROUP_PATH_MAX];

	if (id == 0)
		return;
	if (cgroup_tree_path(idle->snapshot, id, path) < 0) {
		fprintf(stream, ", in control group %" PRIu64, id);
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
	}
	print_where(idle, stream);
}

static int write_line(FILE *stream, const void *data)
{
	static const char *const words[] = {
		[IDLE_ACTIVE] = "active",
		[IDLE_IDLE] = "idle",
		[IDLE_UNKNOWN] = "unknown",
	};
	const struct idle *idle = data;
	const struct activity *activity = &idle->answer.activity;
	char doubt[ACTIVITY_DOUBT_LEN];
	char time[TEXT_TIME_LEN];

	fprintf(stream, "%s: ", words[idle->verdict]);
	if (idle->verdict == IDLE_UNKNOWN) {
		text_printable(doubt, sizeof(doubt), idle->answer.doubt, sizeof(doubt));
		fprintf(stream, "%s\n", doubt);
		return 0;
	}
	text_time(time, activity->since + idle->snapshot->offset_ns);
	fprintf(stream, "for %" PRIu64 " s, since %s: ",
		snapshot_age(idle->snapshot, activity->since) / NS_PER_S, time);
	print_because(idle, stream);
	fputc('\n', stream);
	return 0;
}

/* Find and judge the activity that was asked about. */
static void find_answer(struct idle *idle, const struct read_options *options, const char *blind)
{
	struct activity_query query = {.by = ACTIVITY_NODE, .blind = blind};
	int r;

	if (options->selector)
		activity_query_add(&query, options->selector, options->selected);
	r = activity_find(idle->snapshot, &query, &idle->answer);
	idle->verdict =
		r < 0 ? IDLE_UNKNOWN
		      : idle_judge(&idle->answer, idle->snapshot->taken_at, options->idle_limit);
}

static int answer(const struct read_options *options, const struct snapshot *snapshot,
		  const char *blind)
{
	static const int statuses[] = {
		[IDLE_ACTIVE] = HB_EXIT_OK,
		[IDLE_IDLE] = HB_EXIT_IDLE,
		[IDLE_UNKNOWN] = HB_EXIT_FAILED,
	};
	struct idle idle = {.snapshot = snapshot};
	uint64_t last;
	int r;

	find_answer(&idle, options, blind);
	r = text_print("idle", write_line, &idle);
	last = idle.answer.activity.last;
	if (r == 0 && options->touch && last != 0)
		r = idle_touch(options->touch, last + snapshot->offset_ns);
	return r < 0 ? r : statuses[idle.verdict];
}

int idle_run(const struct read_options *options)
{
	struct snapshot_source *source = NULL;
	struct snapshot snapshot = {0};
	struct probe *probe = NULL;
	int r;

	r = snapshot_open(options->pin_dir, &source);
	if (r < 0)
		return r;
	r = probe_new(&probe);
	if (r == 0) {
		/* Probe first: from then on the hooks fire, and the snapshot has what they see. */
		const char *blind = probe_run(probe, source);

		r = snapshot_take(source, &snapshot);
		if (r == 0)
			r = answer(options, &snapshot, blind);
	}
	snapshot_release(&snapshot);
	probe_free(probe);
	snapshot_close(source);
	return r;
}
