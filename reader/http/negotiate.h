/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which form of the metrics a client would rather have. */
#ifndef HB_READER_NEGOTIATE_H
#define HB_READER_NEGOTIATE_H

#include <stdbool.h>

/**
 * negotiate_openmetrics - whether the Accept header @value asks for OpenMetrics 1.0
 * @value: NULL if there is none
 *
 * It must be named, in a version we have, and be wanted no less than plain text: a wildcard alone
 * gets the older form, which everybody reads. A range that is malformed counts for nothing.
 */
bool negotiate_openmetrics(const char *value);

#endif
