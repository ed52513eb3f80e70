/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Grows arrays that are filled one element at a time. */
#ifndef HB_READER_ARRAY_H
#define HB_READER_ARRAY_H

#include <stdlib.h>

/**
 * array_with_room - @array, which holds @count elements of @size bytes, with room for one more
 *
 * The room doubles at powers of two, so @count alone tells when. Returns the array, which may have
 * moved, or NULL if there is no memory; then @array is as before.
 */
static inline void *array_with_room(void *array, size_t count, size_t size)
{
	if (count & (count - 1))
		return array;
	return reallocarray(array, count ? count * 2 : 1, size);
}

#endif
