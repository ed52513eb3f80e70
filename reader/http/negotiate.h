/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds out which format of the metrics a client prefers. */
#ifndef HB_READER_NEGOTIATE_H
#define HB_READER_NEGOTIATE_H

#include <stdbool.h>

/**
 * negotiate_openmetrics - whether the Accept header @value asks for OpenMetrics 1.0
 * @value: NULL if there is none
 *
 * The header must name it, in a version we have, and want it no less than plain text. A mere wildcard
 * gets the older format, which every client can read. A malformed range is ignored.
 */
bool negotiate_openmetrics(const char *value);

#endif
