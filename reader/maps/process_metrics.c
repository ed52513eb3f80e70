// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bpf/lib/clock.h"
#include "bpf/lib/units.h"
#include "reader/maps/process_metrics.h"

/* Read /proc/self/stat from the state on: the name before it may hold anything. */
static void read_stat(struct process_metrics *self, uint64_t offset_ns)
{
	char line[1024] = "";
	const char *state;
	uint64_t ticks;
	uint64_t pages;
	FILE *file;

	file = fopen("/proc/self/stat", "re");
	if (!file)
		return;
	state = fgets(line, sizeof(line), file) ? strrchr(line, ')') : NULL;
	if (state &&
	    sscanf(state + 1,
		   " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %" SCNu64
		   " %" SCNu64 " %" SCNu64,
		   &ticks, &self->virtual, &pages) == 3) {
		self->start_s = (double)ticks / (double)sysconf(_SC_CLK_TCK) +
				((double)offset_ns - (double)clock_shift_ns()) / (double)NS_PER_S;
		self->resident = pages * (uint64_t)sysconf(_SC_PAGESIZE);
	}
	fclose(file);
}

static uint64_t count_fds(void)
{
	const struct dirent *entry;
	uint64_t count = 0;
	DIR *dir;

	dir = opendir("/proc/self/fd");
	if (!dir)
		return 0;
	while ((entry = readdir(dir)))
		count += entry->d_name[0] != '.';
	closedir(dir);
	/* One belongs to the directory. */
	return count - 1;
}

void process_metrics_read(struct process_metrics *self, uint64_t offset_ns)
{
	struct rusage usage;
	struct rlimit limit;

	memset(self, 0, sizeof(*self));
	if (getrusage(RUSAGE_SELF, &usage) == 0)
		self->cpu_us = (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
			       (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		self->max_fds = limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX : limit.rlim_cur;
	self->open_fds = count_fds();
	read_stat(self, offset_ns);
}
