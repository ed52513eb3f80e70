/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Create the pin directory, set owner and modes of what is in it, and remove it. */
#ifndef HB_LOADER_LAYOUT_H
#define HB_LOADER_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "bpf/lib/pins.h"

/** layout_staging - write to @path the directory beside @dir where a first load is prepared */
const char *layout_staging(struct pin_path *path, const char *dir);

/** layout_trash - write to @path the directory beside @dir where an unload removes what was there */
const char *layout_trash(struct pin_path *path, const char *dir);

/** layout_make - make the directory @dir and the directories below it. Returns 0 or -errno, logged */
int layout_make(const char *dir, uint32_t readers);

/**
 * layout_permit - give owner and modes to everything below @dir, and to @dir last
 * @group: let the group @gid read; else only root
 *
 * Returns 0 or -errno, logged.
 */
int layout_permit(const char *dir, uint32_t readers, bool group, gid_t gid);

/**
 * layout_remove - remove our pins below @dir, hooks first, and the directories
 *
 * Reports other names that are there, and does not touch them. Returns 0; -ENOENT, not logged, if
 * there is no @dir; -ENOTEMPTY, logged, if all that is left has other names; or -errno, logged.
 */
int layout_remove(const char *dir);

#endif
