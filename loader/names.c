// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/names.h"

static unsigned int beginning(const char *name)
{
	const unsigned char *bytes = (const unsigned char *)name;

	return (unsigned int)bytes[0] << 8 | (bytes[0] ? bytes[1] : 0);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int names_add(struct names *names, const char *name)
{
	unsigned int bit = beginning(name);

	if (!*name)
		return 0;
	if (names->count == NAMES_MAX)
		return -E2BIG;
	names->names[names->count++] = name;
	names->beginnings[bit / 8] |= (uint8_t)(1U << bit % 8);
	return 0;
}

void names_sort(struct names *names)
{
	size_t count = 0;

	qsort(names->names, names->count, sizeof(names->names[0]), compare);
	for (size_t i = 0; i < names->count; i++) {
		if (count == 0 || strcmp(names->names[count - 1], names->names[i]) != 0)
			names->names[count++] = names->names[i];
	}
	names->count = count;
}

int names_index(const struct names *names, const char *name)
{
	unsigned int bit = beginning(name);
	const char *const *at;

	if (!(names->beginnings[bit / 8] & 1U << bit % 8))
		return -ENOENT;
	at = bsearch(&name, names->names, names->count, sizeof(names->names[0]), compare);
	return at ? (int)(at - names->names) : -ENOENT;
}
