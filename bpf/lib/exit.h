/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Defines the exit statuses of both programs, which scripts depend on. */
#ifndef HB_EXIT_H
#define HB_EXIT_H

#include <errno.h>

enum hb_exit {
	HB_EXIT_OK = 0,
	HB_EXIT_FAILED = 1,
	HB_EXIT_USAGE = 2,
	HB_EXIT_NOT_LOADED = 3,
	HB_EXIT_DENIED = 4,
	HB_EXIT_IDLE = 10, /* hb-read idle: 0 is active, 1 unknown */
};

/**
 * exit_status - the exit status for a result that was already logged
 * @err: 0 or -errno: -ENOENT means not loaded, -EACCES and -EPERM mean permission denied, -EINVAL
 *	 means wrong usage
 */
static inline int exit_status(int err)
{
	switch (err) {
	case 0:
		return HB_EXIT_OK;
	case -ENOENT:
		return HB_EXIT_NOT_LOADED;
	case -EACCES:
	case -EPERM:
		return HB_EXIT_DENIED;
	case -EINVAL:
		return HB_EXIT_USAGE;
	default:
		return HB_EXIT_FAILED;
	}
}

#endif
