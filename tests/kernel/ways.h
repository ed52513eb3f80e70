/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The system calls that get keys from a terminal, for ways.c. */
#ifndef HB_TESTS_WAYS_H
#define HB_TESTS_WAYS_H

/** ways_call - read one key from @fd; returns the number of bytes, or -errno */
typedef long (*ways_call)(int fd);

/** ways_find - the system call named @name, or NULL */
ways_call ways_find(const char *name);

/** ways_read - get a key with read(2) */
long ways_read(int fd);

/** ways_uring - get a key with io_uring */
long ways_uring(int fd);

/** ways_uring_worker - the same, in a kernel thread that belongs to the process */
long ways_uring_worker(int fd);

#endif
