/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Releases what a variable owns at the end of its scope. */
#ifndef HB_CLEANUP_H
#define HB_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

static inline void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

static inline void cleanup_close(const int *fd)
{
	close_fd(*fd);
}

static inline void cleanup_free(void *pointer)
{
	free(*(void **)pointer);
}

#define _cleanup_close_ __attribute__((cleanup(cleanup_close)))
#define _cleanup_free_	__attribute__((cleanup(cleanup_free)))

#endif
