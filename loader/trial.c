// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>

#include <linux/types.h>

#include "bpf/heartbeat.h"
#include "bpf/lib/log.h"
#include "loader/hooks.h"
#include "loader/object.h"
#include "loader/trial.h"

static int reuse(const struct hooks *hooks, int pids, struct reason *why)
{
	int r;

	if (pids >= 0)
		return object_reuse_pids(hooks->skeleton, pids, why);
	r = object_reuse_maps(hooks->skeleton, hooks->dir, why);
	return r == 0 ? hooks_reuse_arrays(hooks, why) : r;
}

static int load(struct hooks *hooks, int pids, struct reason *why)
{
	int r = object_open(&hooks->skeleton, &hooks->config, why);

	if (r < 0)
		return r;
	hooks_select(hooks);
	r = reuse(hooks, pids, why);
	return r == 0 ? object_load(hooks->skeleton, hooks->method, why) : r;
}

int trial_load(struct hooks *hooks, int pids, struct reason *why)
{
	int r = load(hooks, pids, why);

	/* What libbpf returns for a function that the kernel does not have. */
	if (r == -ESRCH) {
		hooks_release(hooks);
		hooks->without_compat = true;
		r = load(hooks, pids, why);
	}
	if (r == 0)
		r = hooks_attach(hooks, why);
	if (r < 0)
		hooks_release(hooks);
	return r;
}

int trial_choose(struct hooks *hooks, int wanted, int pids, struct reason *why)
{
	int r;

	why->text[0] = '\0';
	/* This one works everywhere, and takes 100 ms to detach: do not try it. */
	if (wanted == HB_METHOD_TRACEPOINT) {
		hooks->method = HB_METHOD_TRACEPOINT;
		return reason_set(why, 0, "--hook tracepoint was asked for");
	}
	hooks->method = HB_METHOD_FENTRY;
	r = trial_load(hooks, pids, why);
	if (r == 0 || wanted >= 0)
		return r;
	log_debug("%s", why->text);
	hooks->method = HB_METHOD_TRACEPOINT;
	return 0;
}
