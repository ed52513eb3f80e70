/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Attach the hooks, and switch them from one version of the programs to the next.
 *
 * What is attached to the kernel are small stubs, which stay. Each jumps through an element of an
 * array of programs to the program in force. Links, stubs and arrays are pinned below HB_PIN_HOOKS.
 */
#ifndef HB_LOADER_HOOKS_H
#define HB_LOADER_HOOKS_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/lib/log.h"
#include "loader/object.h"

struct bpf_link;
struct heartbeat_bpf;

enum { HOOKS_MAX = 16 };

/* What is attached, and where. Zeroed at first, but for dir and config. */
struct hooks {
	struct heartbeat_bpf *skeleton;
	const char *dir; /* of all pins */
	uint32_t method; /* enum hb_method */
	struct object_config config;
	/* Some kernels, and other architectures than x86, have no 32-bit twin of read(2). */
	bool without_compat;
	struct bpf_link *links[HOOKS_MAX]; /* attached and not pinned yet */
};

/** hooks_select - let the skeleton, before it is loaded, load what method and rule need */
void hooks_select(const struct hooks *hooks);

/**
 * hooks_reuse_arrays - let the skeleton, before it is loaded, use the pinned arrays
 * Returns 0, or -errno with the reason in @why.
 */
int hooks_reuse_arrays(const struct hooks *hooks, struct reason *why);

/**
 * hooks_attach - attach the stubs that are needed and that are not pinned in hooks->dir
 *
 * New ones lead nowhere before hooks_switch(), and are detached again by hooks_release() unless they
 * are pinned. Returns 0, or -errno with the reason in @why.
 */
int hooks_attach(struct hooks *hooks, struct reason *why);

/** hooks_pin_arrays - pin the arrays of the loaded skeleton. Returns 0 or -errno, logged */
int hooks_pin_arrays(const struct hooks *hooks);

/** hooks_pin_links - pin what hooks_attach() has attached, and the stubs. Returns 0 or -errno, logged */
int hooks_pin_links(struct hooks *hooks);

/**
 * hooks_were_missing - until now, was a hook missing or switched off that is needed?
 * Call this after hooks_attach(), and before hooks_pin_links() and hooks_switch().
 */
bool hooks_were_missing(const struct hooks *hooks);

/**
 * hooks_switch - let all stubs lead to the programs of the skeleton, each in one step
 *
 * Stubs that are not needed lead nowhere from then on. That comes first: in the moment between, a
 * read may pass unseen, which is better than counting it twice. Returns 0 or -errno, logged.
 */
int hooks_switch(const struct hooks *hooks);

/** hooks_detach_unused - detach the stubs that are not needed */
void hooks_detach_unused(const struct hooks *hooks);

/** hooks_release - detach what is not pinned, and release the skeleton */
void hooks_release(struct hooks *hooks);

/** hooks_pin_name - name of the @index-th pin in HB_PIN_HOOKS, links first; NULL after the last */
const char *hooks_pin_name(unsigned int index);

#endif
