/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds single members in a JSON document that another hb-read has written. */
#ifndef HB_READER_JSON_FIND_H
#define HB_READER_JSON_FIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * json_find - find the value of member @name of the object that @text begins with
 * Returns where the value begins, or NULL: there is none, or @text is no such object.
 */
const char *json_find(const char *text, const char *name);

/**
 * json_find_string - copy member @name, which is a string, to @buffer of @size bytes
 *
 * A longer one is cut. An escape but \" and \\ becomes `?`. Returns false, with an empty @buffer, if
 * there is none.
 */
bool json_find_string(const char *text, const char *name, char *buffer, size_t size);

/** json_find_number - read member @name, of which decimals are dropped. Returns false if there is none */
bool json_find_number(const char *text, const char *name, uint64_t *number);

#endif
