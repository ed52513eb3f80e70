/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A set of names, made to be asked for a hundred thousand others that are not in it. */
#ifndef HB_LOADER_NAMES_H
#define HB_LOADER_NAMES_H

#include <stddef.h>
#include <stdint.h>

enum { NAMES_MAX = 512 };

struct names {
	const char *names[NAMES_MAX];
	size_t count;
	uint8_t beginnings[(UINT16_MAX + 1) / 8]; /* bits: the two bytes that any begins with */
};

/** names_add - add @name, which stays the caller's; "" is none. Returns 0 or -E2BIG */
int names_add(struct names *names, const char *name);

/** names_sort - to be called after the last was added; of equal names one stays */
void names_sort(struct names *names);

/** names_index - index of @name in names->names, or -ENOENT */
int names_index(const struct names *names, const char *name);

#endif
