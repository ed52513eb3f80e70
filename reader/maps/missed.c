// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/bpf.h>

#include <bpf/bpf.h>

#include "bpf/lib/cleanup.h"
#include "bpf/lib/pins.h"
#include "reader/maps/missed.h"

/* Keep in step with the pins in loader/hooks.c. */
static const struct {
	const char *name;
	bool reads; /* each run stands for a read, which may be a beat */
} hooks[] = {
	{"fentry_read", true},	  {"fentry_read_compat", true},
	{"fexit_tty_read", true}, {"read_exit", true},
	{"fork", false},	  {"rename", false},
	{"exec", false},	  {"exit", false},
	{"cgroup_mkdir", false},  {"cgroup_attach", false},
	{"cgroup_rmdir", false},
};

static const size_t hook_count = sizeof(hooks) / sizeof(hooks[0]);
_Static_assert(sizeof(hooks) / sizeof(hooks[0]) <= (size_t)MISSED_HOOKS_MAX,
	       "struct missed has room for all hooks");

/* The stub that is attached has the counts. It stays pinned for a moment longer than its link. */
static int read_hook(const char *pin_dir, struct missed_hook *hook)
{
	struct bpf_prog_info program = {0};
	uint32_t length = sizeof(program);
	_cleanup_close_ int fd = -EBADF;
	struct pin_path path;
	char pin[64];

	snprintf(pin, sizeof(pin), "%s/%s", HB_PIN_HOOKS, hook->name);
	if (access(pins_path(&path, pin_dir, pin), F_OK) < 0)
		return -errno;
	snprintf(pin, sizeof(pin), "%s/stub_%s", HB_PIN_HOOKS, hook->name);
	fd = bpf_obj_get(pins_path(&path, pin_dir, pin));
	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &program, &length) < 0)
		return -errno;
	hook->missed = program.recursion_misses;
	hook->runs = program.run_cnt;
	hook->run_ns = program.run_time_ns;
	return 0;
}

static bool kernel_counts_runs(void)
{
	FILE *file = fopen("/proc/sys/kernel/bpf_stats_enabled", "re");
	int enabled;

	if (!file)
		return false;
	enabled = fgetc(file);
	fclose(file);
	return enabled == '1';
}

int missed_read(const char *pin_dir, struct missed *missed)
{
	memset(missed, 0, sizeof(*missed));
	for (size_t i = 0; i < hook_count; i++) {
		struct missed_hook *hook = &missed->hooks[missed->count];
		int r;

		hook->name = hooks[i].name;
		r = read_hook(pin_dir, hook);
		/* No rule needs all hooks. */
		if (r == -ENOENT)
			continue;
		if (r < 0)
			return r == -EPERM ? -EACCES : r;
		missed->count++;
		if (hooks[i].reads)
			missed->reads += hook->missed;
	}
	missed->counting = kernel_counts_runs();
	return missed->count > 0 ? 0 : -ENOENT;
}
