/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The pin directory: what is in it, and who may do what. */
#ifndef HB_LOADER_LAYOUT_H
#define HB_LOADER_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/** layout_make - make the directory @dir and those below it. Returns 0 or -errno, logged */
int layout_make(const char *dir, uint32_t readers);

/**
 * layout_permit - give owner and modes to everything below @dir, and to @dir last
 * @gid: group that may read, if @group; else root alone
 *
 * Returns 0 or -errno, logged.
 */
int layout_permit(const char *dir, uint32_t readers, bool group, gid_t gid);

/**
 * layout_remove - remove our pins below @dir, hooks first, and the directories
 *
 * What has another name is left alone, and said. Returns 0, -ENOENT if there is no @dir (not
 * logged), or -errno, logged.
 */
int layout_remove(const char *dir);

#endif
