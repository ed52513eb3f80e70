// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bpf/lib/cleanup.h"
#include "bpf/lib/clock.h"
#include "bpf/lib/log.h"
#include "bpf/lib/units.h"
#include "reader/maps/probe.h"

/* Limits the rate: any client can trigger a probe. */
static const uint64_t interval_ns = NS_PER_S;

/*
 * The kernel skips a hook while another read runs it on the same processor. Where kernels preempt
 * hooks, many processes that read all the time can make it skip several of our reads in turn.
 */
enum { TRIES = 10 };
static const struct timespec between_tries = {.tv_nsec = (long)NS_PER_MS};

struct probe {
	int master;   /* keeps the terminal open */
	int terminal; /* or -EBADF: none can be opened */
	int terminal_errno;
	uint64_t ran_at; /* boot time; 0: never */
	const char *blind;
	char reason[128];
};

static int use_null_as_stdin(void)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int r = 0;

	if (null < 0)
		return log_errno(-errno, "/dev/null");
	if (null == STDIN_FILENO)
		return 0;
	if (dup2(null, STDIN_FILENO) < 0)
		r = log_errno(-errno, "/dev/null");
	close(null);
	return r;
}

static int open_terminal(struct probe *probe)
{
	char name[64];

	probe->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (probe->master < 0 || grantpt(probe->master) < 0 || unlockpt(probe->master) < 0 ||
	    ptsname_r(probe->master, name, sizeof(name)) != 0)
		return -errno;
	probe->terminal = open(name, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	return probe->terminal < 0 ? -errno : 0;
}

int probe_new(struct probe **probe)
{
	struct probe *new;
	int r;

	r = use_null_as_stdin();
	if (r < 0)
		return r;
	new = calloc(1, sizeof(*new));
	if (!new)
		return log_errno(-ENOMEM, "probe of the hooks");
	new->master = new->terminal = -EBADF;
	/* Only one of the hooks needs it, so report a failure only when it is needed. */
	new->terminal_errno = -open_terminal(new);
	*probe = new;
	return 0;
}

void probe_free(struct probe *probe)
{
	if (!probe)
		return;
	close_fd(probe->terminal);
	close_fd(probe->master);
	free(probe);
}

static void read_nothing(void)
{
	char nothing;

	/* Read no bytes, which is all that /dev/null has. The result does not matter. */
	if (read(STDIN_FILENO, &nothing, 0) < 0)
		return;
}

/* A process that has run no program is judged at its first read, by the name that it has then. */
static void read_under_another_name(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_NAME, "hb-read (probe)");
		read_nothing();
		_exit(0);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/*
 * Under some rules a read of descriptor 0 by a considered program is a beat, and hb-read may be on
 * the list.
 */
static void read_stdin(const struct snapshot_source *source, const struct hb_meta *meta)
{
	char name[HB_COMM_LEN] = {0};

	prctl(PR_GET_NAME, name);
	if (meta->rule != HB_RULE_KEYS && snapshot_is_listed(source, name))
		read_under_another_name();
	else
		read_nothing();
}

/* Nobody types there, so this is EAGAIN: the hook counts it, but it is not a key. */
static void read_terminal(const struct probe *probe)
{
	char key;

	if (read(probe->terminal, &key, 1) < 0)
		return;
}

/* Reads by other processes raise the counters too, but only if the hooks fire. */
static const char *look(struct probe *probe, struct snapshot_source *source)
{
	uint64_t before[HB_STATS];
	uint64_t after[HB_STATS];
	struct hb_meta meta;
	bool terminals;
	bool stdin_reads;

	if (snapshot_stats(source, &meta, before) < 0)
		return "the maps cannot be read: see hb-read status";
	terminals = meta.hook == HB_METHOD_FENTRY;
	stdin_reads = meta.hook != HB_METHOD_FENTRY || meta.rule != HB_RULE_KEYS;
	if (terminals && probe->terminal < 0) {
		snprintf(
			probe->reason, sizeof(probe->reason),
			"the hook on terminals cannot be tried, because no terminal can be opened: %s",
			strerror(probe->terminal_errno));
		return probe->reason;
	}
	if (stdin_reads)
		read_stdin(source, &meta);
	if (terminals)
		read_terminal(probe);
	if (snapshot_stats(source, &meta, after) < 0)
		return "the maps cannot be read: see hb-read status";
	if (stdin_reads && after[HB_STAT_STDIN_READS] == before[HB_STAT_STDIN_READS])
		return "the hook on reads of descriptor 0 does not fire: run hb-load again, as root";
	if (terminals && after[HB_STAT_TTY_READS] == before[HB_STAT_TTY_READS])
		return "the hook on reads of terminals does not fire: run hb-load again, as root";
	return NULL;
}

const char *probe_run(struct probe *probe, struct snapshot_source *source)
{
	uint64_t now = clock_boot_ns();

	if (probe->ran_at != 0 && now - probe->ran_at < interval_ns)
		return probe->blind;
	probe->blind = look(probe, source);
	for (int i = 1; probe->blind && i < TRIES; i++) {
		nanosleep(&between_tries, NULL);
		probe->blind = look(probe, source);
	}
	probe->ran_at = now;
	return probe->blind;
}
