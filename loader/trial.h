/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Choose a hook by trying whether the kernel allows it. */
#ifndef HB_LOADER_TRIAL_H
#define HB_LOADER_TRIAL_H

#include "bpf/lib/log.h"
#include "loader/hooks.h"

/**
 * trial_choose - find out which hook this kernel allows, before anything is changed
 * @hooks: with rule and dir; receives method and without_compat
 * @wanted: enum hb_method, or -1 for the best that works
 * @why: receives the reason why there is no better hook, "" if this is the best
 *
 * Whether fentry works is tried, not guessed: its stubs are loaded and attached for a moment. They
 * lead nowhere. What is attached in @hooks->dir already works, and is not tried. Returns 0; or
 * -errno if @wanted does not work here, with the reason in @why.
 */
int trial_choose(struct hooks *hooks, int wanted, struct reason *why);

#endif
