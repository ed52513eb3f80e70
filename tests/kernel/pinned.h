/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* pinned - what its files share: tests/kernel/pinned.c says what it is for */
#ifndef HB_TESTS_PINNED_H
#define HB_TESTS_PINNED_H

#include <stdbool.h>

extern const char *pin_dir;

int open_map(const char *name, bool writable);
bool look_up(int fd, const void *key, void *value);
bool next_key(int fd, const void *key, void *next);
void update(int fd, const void *key, const void *value);
void delete_key(int fd, const void *key);

/* Commands: each gets the word behind its name, or "". */
void set_abi(const char *argument);
void set_verdict(const char *argument);
void set_process(const char *argument);
void delete_process(const char *argument);
void fill(const char *argument);
void drop_filled(const char *argument);

#endif
