// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>

#include "bpf/lib/cleanup.h"
#include "bpf/lib/log.h"
#include "bpf/lib/pins.h"
#include "loader/bpffs.h"
#include "loader/layout.h"
#include "loader/load.h"
#include "loader/lock.h"
#include "loader/unload.h"

/* Returns 1 if there was something, 0 if not, or -errno, logged. */
static int remove_checked(const char *dir)
{
	int r;

	r = bpffs_check_dir(dir);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	if (bpffs_is_mounted(dir) <= 0)
		return log_error(-EIO, "%s is not on a bpf file system: nothing removed", dir);
	r = layout_remove(dir);
	return r < 0 ? r : 1;
}

int unload_run(const struct load_options *options)
{
	_cleanup_close_ int lock = lock_take();
	char staging[PINS_PATH_MAX];
	int leftovers;
	int r;

	if (lock < 0)
		return lock;
	load_staging_dir(options->pin_dir, staging);
	leftovers = remove_checked(staging);
	r = remove_checked(options->pin_dir);
	if (r < 0 || leftovers < 0)
		return r < 0 ? r : leftovers;
	if (r == 0 && leftovers == 0)
		return log_error(-ENOENT, "nothing is loaded at %s", options->pin_dir);
	return 0;
}
