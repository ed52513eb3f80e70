// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "bpf/lib/cleanup.h"
#include "reader/maps/iterator.h"

enum { RECORDS = 128 };

int iterator_read(const char *path, size_t size, iterator_visit visit, void *data)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	char records[RECORDS * ITERATOR_RECORD_MAX];
	ssize_t n;
	int r = 0;

	if (fd < 0)
		return -errno;
	do {
		/* The kernel gives whole records if there is room for whole records only. */
		n = read(fd, records, RECORDS * size);
		if (n > 0 && (size_t)n % size != 0)
			return -EBADMSG;
		for (size_t i = 0; r == 0 && n > 0 && i < (size_t)n; i += size)
			r = visit(data, records + i);
		/* EAGAIN: a million tasks gave nothing (kernel/bpf/bpf_iter.c, bpf_seq_read()). */
	} while (r == 0 && (n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN))));
	return r == 0 && n < 0 ? -errno : r;
}
