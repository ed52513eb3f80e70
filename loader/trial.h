/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Load the programs, and attach them by the best hook that this kernel allows.
 *
 * Whether a hook works is tried, not guessed from a version. Nothing that is loaded already changes:
 * new stubs lead nowhere, and old ones lead where they did, before hooks_switch(). So the trial that
 * works is kept: detaching fentry takes hundreds of milliseconds.
 */
#ifndef HB_LOADER_TRIAL_H
#define HB_LOADER_TRIAL_H

#include "bpf/lib/log.h"
#include "loader/hooks.h"

/**
 * trial_load - open the object, load it, and attach it by hooks->method
 * @hooks: receives skeleton, links and without_compat; to be released with hooks_release()
 * @pids: the map considered_pids, for a first load; -1: use all maps that are pinned in hooks->dir
 *
 * Returns 0; or -errno with the reason in @why, and nothing to be released.
 */
int trial_load(struct hooks *hooks, int pids, struct reason *why);

/**
 * trial_choose - choose the hook @wanted, or the best that works if that is -1
 * @hooks: receives the method. If that is fentry the trial has worked, and was like trial_load();
 *         the tracepoint is not tried
 * @why: receives the reason why there is no better hook, "" if this is the best
 *
 * Returns 0; or -errno if @wanted does not work here, with the reason in @why.
 */
int trial_choose(struct hooks *hooks, int wanted, int pids, struct reason *why);

#endif
