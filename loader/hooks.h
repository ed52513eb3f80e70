/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The hooks: permanent stubs attached to the kernel, and the arrays that lead from them to the
 * programs in force.
 */
#ifndef HB_LOADER_HOOKS_H
#define HB_LOADER_HOOKS_H

#include <stdbool.h>
#include <stdint.h>

struct heartbeat_bpf;

/* Pin of the array of rings, beside those of the hooks: readers have no use for it. */
#define HOOKS_RINGS_PIN "rings"

/**
 * hooks_choose - find out which hook this kernel lets us use
 * @wanted: enum hb_method, or -1 for the best that works
 * @rule: enum hb_rule: which reads are to be seen
 * @dir: where a hook may be attached already: of what is, nothing is tried
 * @why_not: HB_WHY_LEN bytes: why not a better one, "" if there is none
 *
 * For the check, and for an upgrade, which must not fail half-way; a first load finds out by
 * loading. Whether fentry works is tried, not guessed: its stubs are loaded and attached for a
 * moment, leading nowhere. Returns enum hb_method, or -errno, logged: @wanted does not work here.
 */
int hooks_choose(int wanted, uint32_t rule, const char *dir, char *why_not);

/** hooks_why_not_asked - fill @why_not like hooks_choose() where the tracepoint was asked for */
void hooks_why_not_asked(char *why_not);

/** hooks_select - let @skeleton, before it is loaded, load what @hook needs and no more */
void hooks_select(struct heartbeat_bpf *skeleton, uint32_t hook);

/**
 * hooks_do_without - leave out what not every kernel has
 *
 * For when loading with @hook failed with -ESRCH, which is what libbpf says of a function that is
 * not there. Tells whether there was something to leave out, so that it is to be tried again.
 */
bool hooks_do_without(uint32_t hook);

/** hooks_pin_arrays - pin the arrays of the loaded @skeleton in @dir. Returns 0 or -errno, logged
 */
int hooks_pin_arrays(const struct heartbeat_bpf *skeleton, const char *dir);

/**
 * hooks_use_arrays - let @skeleton, before it is loaded, use the arrays that are pinned in @dir
 * Returns 0 or -errno, logged.
 */
int hooks_use_arrays(struct heartbeat_bpf *skeleton, const char *dir);

/**
 * hooks_switch - let all stubs in use lead to the programs of @skeleton, each in one step
 *
 * The stubs of another hook, used before, lead nowhere from then on. For the moment between, a read
 * may pass unseen: better than being counted twice. Returns 0 or -errno, logged.
 */
int hooks_switch(const struct heartbeat_bpf *skeleton, uint32_t hook);

/**
 * hooks_attach - attach, and pin in @dir, the stubs that @hook and @rule need and that are not yet
 * Returns 0 or -errno, logged.
 */
int hooks_attach(const struct heartbeat_bpf *skeleton, const char *dir, uint32_t hook,
		 uint32_t rule);

/** hooks_detach_unused - detach those pinned in @dir that @hook and @rule do not need */
void hooks_detach_unused(const struct heartbeat_bpf *skeleton, const char *dir, uint32_t hook,
			 uint32_t rule);

/** hooks_pin_name - name of the @index-th pin in HB_PIN_HOOKS, links first; NULL after the last */
const char *hooks_pin_name(unsigned int index);

#endif
