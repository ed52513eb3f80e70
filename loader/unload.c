// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>

#include "bpf/lib/cleanup.h"
#include "bpf/lib/log.h"
#include "bpf/lib/pins.h"
#include "loader/bpffs.h"
#include "loader/layout.h"
#include "loader/lock.h"
#include "loader/unload.h"

/* Returns 1 if there is something that may be removed, 0 if there is nothing, or -errno, logged. */
static int check(const char *dir)
{
	int r = bpffs_check_dir(dir, NULL);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	if (bpffs_is_mounted(dir) <= 0)
		return log_error(-EIO, "%s is not on a bpf file system: nothing removed", dir);
	r = bpffs_check_writable(dir, NULL);
	return r < 0 ? r : 1;
}

/* Returns 1 if something was removed, 0 if there was nothing, or -errno, logged. */
static int remove_checked(const char *dir)
{
	int r = check(dir);

	if (r <= 0)
		return r;
	r = layout_remove(dir);
	return r < 0 ? r : 1;
}

/*
 * Move it aside first, in one step: if this is killed then, or cannot remove a pin, the next load or
 * unload clears what is left. If something is in the way, remove it where it is. Returns like
 * remove_checked().
 */
static int remove_loaded(const char *dir, const char *trash)
{
	int r = check(dir);

	if (r <= 0)
		return r;
	return remove_checked(rename(dir, trash) == 0 ? trash : dir);
}

int unload_run(const struct load_options *options)
{
	_cleanup_close_ int lock = lock_take();
	struct pin_path staging;
	struct pin_path trash;
	int leftovers;
	int older;
	int r;

	if (lock < 0)
		return lock;
	leftovers = remove_checked(layout_staging(&staging, options->pin_dir));
	older = remove_checked(layout_trash(&trash, options->pin_dir));
	r = remove_loaded(options->pin_dir, trash.text);
	if (r < 0)
		return r;
	if (leftovers < 0 || older < 0)
		return leftovers < 0 ? leftovers : older;
	if (r == 0 && leftovers == 0 && older == 0)
		return log_error(-ENOENT, "nothing is loaded at %s", options->pin_dir);
	return 0;
}
