/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Open files that decide what hb-load does as root: nobody else may be able to change them. */
#ifndef HB_LOADER_TRUSTED_H
#define HB_LOADER_TRUSTED_H

#include <stdio.h>
#include <sys/stat.h>

#include "bpf/lib/log.h"

/**
 * trusted_check - check that only root, and the user of this process, can change or replace @path
 * @st: what lstat(2) says of it. Others may write to a directory that is sticky
 *
 * Returns 0, or -EIO with the reason in @why, or logged if that is NULL.
 */
int trusted_check(const char *path, const struct stat *st, struct reason *why);

/**
 * trusted_open - open a list or a configuration, @path, for reading
 *
 * It has to be a file of 64 KiB at most. Only root and the user of this process may be able to change
 * it, each symbolic link on the way to it, and each directory that these are in. Returns 0; -EIO with
 * the reason in @why, or logged if that is NULL; or another -errno without a reason.
 */
int trusted_open(const char *path, FILE **file, struct reason *why);

#endif
