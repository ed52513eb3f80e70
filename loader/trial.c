// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdbool.h>

#include <bpf/libbpf.h>

#include "heartbeat.skel.h"

#include "bpf/heartbeat.h"
#include "bpf/lib/log.h"
#include "bpf/lib/parse.h"
#include "loader/hooks.h"
#include "loader/object.h"
#include "loader/trial.h"

/* Load the stubs that are not attached yet. Without the 32-bit twin if the kernel has none. */
static int load_stubs(struct hooks *hooks, struct reason *why)
{
	int r;

	r = object_open(&hooks->skeleton, why);
	if (r < 0 || !hooks_select_missing(hooks))
		return r;
	/* heartbeat_bpf__load() would map the maps that are left out, too. */
	r = bpf_object__load(hooks->skeleton->obj);
	if (r == -ESRCH && !hooks->without_compat) {
		hooks->without_compat = true;
		heartbeat_bpf__destroy(hooks->skeleton);
		return load_stubs(hooks, why);
	}
	if (r < 0)
		return reason_set_errno(why, r, "cannot load the programs of hook %s",
					method_name(hooks->method));
	return 0;
}

static int try_hook(struct hooks *hooks, struct reason *why)
{
	struct hooks trial = *hooks;
	int r;

	r = load_stubs(&trial, why);
	if (r == 0)
		r = hooks_try(&trial, why);
	heartbeat_bpf__destroy(trial.skeleton);
	hooks->without_compat = trial.without_compat;
	return r;
}

int trial_choose(struct hooks *hooks, int wanted, struct reason *why)
{
	int r;

	why->text[0] = '\0';
	/* This one works everywhere, and takes 100 ms to detach: do not try it. */
	if (wanted == HB_METHOD_TRACEPOINT) {
		hooks->method = HB_METHOD_TRACEPOINT;
		return reason_set(why, 0, "--hook tracepoint was asked for");
	}
	hooks->method = HB_METHOD_FENTRY;
	r = try_hook(hooks, why);
	if (r == 0 || wanted >= 0)
		return r;
	log_debug("not hook fentry: %s", why->text);
	hooks->method = HB_METHOD_TRACEPOINT;
	return 0;
}
