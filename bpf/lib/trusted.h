/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Opens files that decide what our programs do: nobody but root may be able to change them. */
#ifndef HB_LIB_TRUSTED_H
#define HB_LIB_TRUSTED_H

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
 * it, each symbolic link on the way to it, and each directory that these are in; but on a read-only
 * mount modes do not matter: Kubernetes mounts a ConfigMap with mode 0777. Returns 0; -EIO with
 * the reason in @why, or logged if that is NULL; or another -errno without a reason.
 */
int trusted_open(const char *path, FILE **file, struct reason *why);

/**
 * trusted_read - read the text of such a file
 * @text: receives it; to be freed
 *
 * It must not contain a NUL. Returns 0, -ENOENT, -EACCES, or -EINVAL for all else; the reason is in
 * @why, and names the file.
 */
int trusted_read(const char *path, char **text, struct reason *why);

#endif
