/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Checks what libmicrohttpd leaves unchecked in a request: the target and the header fields.
 *
 * The library hands out C strings, and of fields that come several times the first. Here everything
 * counts: each line, and each byte of the target.
 */
#ifndef HB_READER_REQUEST_CHECK_H
#define HB_READER_REQUEST_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "reader/http/negotiate.h"

/* What the header fields of a request say, zeroed at first. */
struct request_fields {
	unsigned int hosts;
	bool bad_host;	    /* one of them has no valid value */
	const char *host;   /* the last of them, or NULL */
	const char *origin; /* or NULL */
	bool browser;	    /* it has a field that browsers send and pages cannot leave out */
	bool body;
	struct negotiation accept;
};

/** request_add_field - take in one line; @value may be NULL */
void request_add_field(struct request_fields *fields, const char *name, const char *value);

/**
 * request_find_fault - what is wrong with a request, in words for the client, or NULL
 * @version: `HTTP/1.1`
 */
const char *request_find_fault(const struct request_fields *fields, const char *version);

/** request_is_for - whether the host is an address, `localhost`, or @node: the name of this machine */
bool request_is_for(const struct request_fields *fields, const char *node);

/** request_is_from_other_site - whether a page of another host, port or scheme has sent it */
bool request_is_from_other_site(const struct request_fields *fields);

/** request_target_is_clean - whether @target has no white space or control character (RFC 9112, 3.2) */
bool request_target_is_clean(const char *target);

/**
 * request_decode - decode the percent-encoding of @text in place, except that of NUL
 *
 * What follows a NUL would be lost; so that the text stays whole, `%00` stays as it is. Nothing that
 * is served has that in its name. Returns the new length.
 */
size_t request_decode(char *text);

/**
 * request_path - the path of a decoded target without a query
 *
 * A target may be absolute, `http://HOST/PATH` (RFC 9112, 3.2.2). Returns a part of @target, or a
 * constant, or NULL if it has no host.
 */
const char *request_path(const char *target);

#endif
