// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "bpf/lib/cgroup.h"
#include "bpf/lib/cleanup.h"
#include "bpf/lib/exit.h"
#include "bpf/lib/log.h"
#include "reader/commands/idle.h"
#include "reader/maps/probe.h"
#include "reader/text/text.h"

static const uint64_t ns_per_s = 1000000000;

enum idle_verdict idle_judge(const struct activity_answer *answer, uint64_t now, uint64_t seconds)
{
	uint64_t limit = seconds * ns_per_s;
	uint64_t since = answer->activity.since;

	if (now < since || now - since < limit)
		return IDLE_ACTIVE;
	if (answer->doubt[0] != '\0' &&
	    (now < answer->doubt_until || now - answer->doubt_until < limit))
		return IDLE_UNKNOWN;
	return IDLE_IDLE;
}

/* A link, which somebody else may have put there, is not followed. */
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
		{.tv_sec = (time_t)(unix_ns / ns_per_s), .tv_nsec = (long)(unix_ns % ns_per_s)},
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
	/* Others may touch it too, for activity of another kind. */
	if (!made &&
	    (st.st_mtim.tv_sec > times[1].tv_sec ||
	     (st.st_mtim.tv_sec == times[1].tv_sec && st.st_mtim.tv_nsec >= times[1].tv_nsec)))
		return 0;
	if (futimens(fd, times) < 0)
		return log_error(-EIO, "--touch %s: its time cannot be set: %s", path,
				 strerror(errno));
	return 0;
}

static void print_where(const struct activity *activity, const struct cgroup_tree *tree,
			FILE *stream)
{
	const char *path = cgroup_tree_path(tree, activity->cgroup_id);
	char printable[CGROUP_PATH_MAX];

	if (activity->cgroup_id == 0)
		return;
	if (path) {
		text_printable(printable, sizeof(printable), path, SIZE_MAX);
		fprintf(stream, ", in control group %s", printable);
	} else {
		fprintf(stream, ", in control group %" PRIu64, activity->cgroup_id);
	}
}

/* `vim (pid 7171)`, or less where less is known. */
static void print_who(const struct activity *activity, FILE *stream)
{
	char program[HB_COMM_LEN];

	text_printable(program, sizeof(program), activity->program, sizeof(activity->program));
	if (activity->pid)
		fprintf(stream, "%s (pid %" PRIu32 ")", program, activity->pid);
	else
		fprintf(stream, "%s", program[0] ? program : "a program that has ended");
}

static void print_because(const struct activity *activity, const struct cgroup_tree *tree,
			  FILE *stream)
{
	switch (activity->because) {
	case ACTIVITY_SINCE_LOAD:
		fputs("hb-load ran, and nothing was seen since", stream);
		return;
	case ACTIVITY_SINCE_START:
		print_who(activity, stream);
		fputs(" started", stream);
		break;
	case ACTIVITY_SINCE_READ:
		fputs("the last read, by ", stream);
		print_who(activity, stream);
		break;
	case ACTIVITY_SINCE_KEY:
		fputs("the last key, read by ", stream);
		print_who(activity, stream);
		break;
	}
	print_where(activity, tree, stream);
}

static void print_line(const struct snapshot *snapshot, const struct activity_answer *answer,
		       const struct cgroup_tree *tree, enum idle_verdict verdict, FILE *stream)
{
	static const char *const words[] = {
		[IDLE_ACTIVE] = "active",
		[IDLE_IDLE] = "idle",
		[IDLE_UNKNOWN] = "unknown",
	};
	uint64_t since = answer->activity.since;
	uint64_t now = snapshot->taken_at;
	char time[TEXT_TIME_LEN];

	fprintf(stream, "%s: ", words[verdict]);
	if (verdict == IDLE_UNKNOWN) {
		char doubt[ACTIVITY_DOUBT_LEN];

		text_printable(doubt, sizeof(doubt), answer->doubt, sizeof(answer->doubt));
		fprintf(stream, "%s\n", doubt);
		return;
	}
	text_time(time, since + snapshot->offset_ns);
	fprintf(stream, "for %" PRIu64 " s, since %s: ", now > since ? (now - since) / ns_per_s : 0,
		time);
	print_because(&answer->activity, tree, stream);
	fputc('\n', stream);
}

static int answer(const struct read_options *options, const struct snapshot *snapshot,
		  const char *blind)
{
	struct activity_query query = {.by = ACTIVITY_NODE, .blind = blind};
	struct activity_answer found;
	const struct cgroup_tree *tree;
	enum idle_verdict verdict;
	size_t length = 0;
	char *text = NULL;
	FILE *stream;
	int r;

	if (options->selector)
		activity_query_add(&query, options->selector, options->selected);
	tree = activity_cgroup_tree(snapshot);
	if (!tree)
		return log_errno(-ENOMEM, "idle");
	r = activity_find(snapshot, &query, tree, &found);
	verdict = r < 0 ? IDLE_UNKNOWN
			: idle_judge(&found, snapshot->taken_at, options->idle_seconds);
	stream = open_memstream(&text, &length);
	if (!stream)
		return log_errno(-errno, "idle");
	print_line(snapshot, &found, tree, verdict, stream);
	if (fclose(stream) != 0)
		r = log_errno(-ENOMEM, "idle");
	else
		r = text_write(text, length);
	free(text);
	if (r < 0 && r != -EPIPE)
		return r;
	if (options->touch && found.activity.last != 0) {
		r = idle_touch(options->touch, found.activity.last + snapshot->offset_ns);
		if (r < 0)
			return r;
	}
	switch (verdict) {
	case IDLE_ACTIVE:
		return HB_EXIT_OK;
	case IDLE_IDLE:
		return HB_EXIT_IDLE;
	default:
		return HB_EXIT_FAILED;
	}
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
		/* First the hooks: what comes after they were seen to fire is in the snapshot. */
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
