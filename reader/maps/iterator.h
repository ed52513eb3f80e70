/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reads a pinned iterator: a file whose reading runs a program in the kernel. */
#ifndef HB_READER_ITERATOR_H
#define HB_READER_ITERATOR_H

#include <stddef.h>

/* Called for each record. Returns 0, or -errno to end with it. */
typedef int (*iterator_visit)(void *data, const void *record);

enum { ITERATOR_RECORD_MAX = 64 };

/**
 * iterator_read - read the iterator pinned at @path to its end
 * @size: of each record that it gives, at most ITERATOR_RECORD_MAX
 *
 * Returns 0 or -errno, not logged; -EBADMSG: it gave a part of a record.
 */
int iterator_read(const char *path, size_t size, iterator_visit visit, void *data);

#endif
