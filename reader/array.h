/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Grows arrays that are filled one element at a time. */
#ifndef HB_READER_ARRAY_H
#define HB_READER_ARRAY_H

#include <stdlib.h>

/* The room doubles at powers of two, so the number of elements tells when. */
static inline void *array_with_room(void *array, size_t count, size_t size)
{
	return count & (count - 1) ? array : reallocarray(array, count ? count * 2 : 1, size);
}

/**
 * array_append - add an element to @array of @count elements, both lvalues
 * Returns a pointer to the element, which is not initialised, or NULL if there is no memory.
 */
#define array_append(array, count)                                                         \
	({                                                                                 \
		__typeof__(array) grown_ = array_with_room(array, count, sizeof(*grown_)); \
		if (grown_)                                                                \
			(array) = grown_;                                                  \
		grown_ ? &grown_[(count)++] : NULL;                                        \
	})

#endif
