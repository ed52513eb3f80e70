// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* All calls but io_uring, and the list of them. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/kernel/ways.h"
#include "tests/lib/program.h"

static char key;
static const struct iovec vector = {.iov_base = &key, .iov_len = 1};

static long result(long r)
{
	return r < 0 ? -errno : r;
}

long ways_read(int fd)
{
	return result(read(fd, &key, 1));
}

static long by_readv(int fd)
{
	return result(readv(fd, &vector, 1));
}

/* The current position (-1) with a flag: no other call can do the same. */
static long by_preadv2(int fd)
{
	return result(preadv2(fd, &vector, 1, -1, RWF_HIPRI));
}

static long by_splice(int fd)
{
	static int ends[2] = {-1, -1};
	long r;

	if (ends[0] < 0 && pipe(ends) < 0)
		die("pipe");
	r = result(splice(fd, NULL, ends[1], NULL, 1, 0));
	if (r == -EINVAL)
		skip("splice from a terminal");
	if (r > 0 && readv(ends[0], &vector, 1) != 1)
		die("pipe");
	return r;
}

#ifdef __x86_64__

/* Kernels without the 32-bit system call send SIGSEGV instead. */
static void refused(int signal)
{
	(void)signal;
	_exit(EXIT_SKIPPED);
}

/* The 32-bit system call, made by a 64-bit program. */
static long by_int80(int fd)
{
	static char *low;
	long r = 3; /* read */

	if (!low) {
		signal(SIGSEGV, refused);
		low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
		if (low == MAP_FAILED)
			die("memory");
	}
	__asm__ volatile("int $0x80"
			 : "+a"(r)
			 : "b"((long)fd), "c"(low), "d"(1L)
			 : "memory", "r8", "r9", "r10", "r11");
	return r;
}

#else

static long by_int80(int fd)
{
	(void)fd;
	errno = ENOSYS;
	skip("int $0x80");
}

#endif

ways_call ways_find(const char *name)
{
	static const struct {
		const char *name;
		ways_call call;
	} ways[] = {
		{"read", ways_read},	 {"readv", by_readv},
		{"preadv2", by_preadv2}, {"splice", by_splice},
		{"uring", ways_uring},	 {"uring-worker", ways_uring_worker},
		{"int80", by_int80},	 {"restarted", ways_read},
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (strcmp(name, ways[i].name) == 0)
			return ways[i].call;
	}
	return NULL;
}
