// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * mallocshim - a library for LD_PRELOAD that counts allocations
 *
 * The file that MALLOCSHIM_COUNT names holds the count, as 64 bits. It is mapped into memory, so
 * that counting makes no allocation and no system call.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* The C library's own functions, by their other names. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

static uint64_t before; /* the file is mapped */
static uint64_t *counter = &before;

__attribute__((constructor)) static void open_counter(void)
{
	const char *path = getenv("MALLOCSHIM_COUNT");
	int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
	void *memory;

	if (fd < 0 || ftruncate(fd, sizeof(*counter)) < 0)
		_exit(127);
	memory = mmap(NULL, sizeof(*counter), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		_exit(127);
	close(fd);
	counter = memory;
	*counter = before;
}

static void count(void)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

void *malloc(size_t size)
{
	count();
	return __libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
	count();
	return __libc_calloc(number, size);
}

void *realloc(void *memory, size_t size)
{
	count();
	return __libc_realloc(memory, size);
}
