// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>

#include "bpf/lib/cleanup.h"
#include "bpf/lib/log.h"
#include "bpf/lib/pins.h"
#include "loader/bpffs.h"
#include "loader/layout.h"
#include "loader/lock.h"
#include "loader/unload.h"

/* Returns 1 if something was removed, 0 if there was nothing, or -errno, logged. */
static int remove_checked(const char *dir)
{
	int r;

	r = bpffs_check_dir(dir, NULL);
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
	struct pin_path staging;
	int leftovers;
	int r;

	if (lock < 0)
		return lock;
	leftovers = remove_checked(layout_staging(&staging, options->pin_dir));
	r = remove_checked(options->pin_dir);
	if (r < 0 || leftovers < 0)
		return r < 0 ? r : leftovers;
	if (r == 0 && leftovers == 0)
		return log_error(-ENOENT, "nothing is loaded at %s", options->pin_dir);
	return 0;
}
