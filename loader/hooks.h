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
struct hooks;

/* Pin of the array of rings, beside those of the hooks: readers have no use for it. */
#define HOOKS_RINGS_PIN "rings"

/**
 * hooks_open - get hold of stubs and arrays
 * @dir: directory of their pins
 * @fresh: make and pin the arrays; else those pinned at @dir are used
 *
 * Returns 0 or -errno, logged. Release with hooks_close(), which detaches nothing that is pinned.
 */
int hooks_open(const char *dir, bool fresh, struct hooks **hooks);

/**
 * hooks_switch - let all stubs lead to the programs of @skeleton, each in one step
 * Returns 0 or -errno, logged.
 */
int hooks_switch(struct hooks *hooks, struct heartbeat_bpf *skeleton);

/**
 * hooks_attach - attach, and pin, those of the stubs that @rule needs and that are not yet
 * Returns 0 or -errno, logged.
 */
int hooks_attach(struct hooks *hooks, uint32_t rule);

/** hooks_detach_unused - detach those that @rule does not need */
void hooks_detach_unused(struct hooks *hooks, uint32_t rule);

void hooks_close(struct hooks *hooks);

/** hooks_pin_name - name of the @index-th pin in the directory, links first; NULL after the last */
const char *hooks_pin_name(unsigned int index);

/**
 * hooks_tracepoint_id - the number of tracepoint syscalls/@name, from tracefs, mounted or not
 * Returns the number, or -errno, not logged: -ENOENT: this kernel has no such tracepoint.
 */
int hooks_tracepoint_id(const char *name);

#endif
