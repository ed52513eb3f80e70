/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds out which format of the metrics a client prefers. */
#ifndef HB_READER_NEGOTIATE_H
#define HB_READER_NEGOTIATE_H

#include <stdbool.h>

/* What the Accept headers have named, zeroed at first. Qualities are in thousandths. */
struct negotiation {
	int openmetrics;
	int text;
	int precision; /* of the range that named the text: 3 text/plain, 2 text/ *, 1 * / * */
};

/**
 * negotiate_add - take in one Accept header; several are one list (RFC 9110, 5.3)
 * A malformed range is ignored.
 */
void negotiate_add(struct negotiation *wanted, const char *value);

/**
 * negotiate_openmetrics - whether the client asks for OpenMetrics 1.0
 *
 * A header must name it, in a version we have, and want it no less than plain text. A mere wildcard
 * gets the older format, which every client can read.
 */
bool negotiate_openmetrics(const struct negotiation *wanted);

#endif
