// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "reader/http/request_check.h"

/* `uri-host [ ":" port ]` of RFC 9110, 7.2, or empty. Two that were joined have a blank between. */
static bool is_host(const char *value)
{
	static const char others[] = "-._~%!$&'()*+,;=:[]";

	while (isalnum((unsigned char)*value) || (*value != '\0' && strchr(others, *value)))
		value++;
	return *value == '\0';
}

void request_add_field(struct request_fields *fields, const char *name, const char *value)
{
	if (!value)
		value = "";
	if (strcasecmp(name, "Host") == 0) {
		fields->hosts++;
		fields->bad_host |= !is_host(value);
	} else if (strcasecmp(name, "Accept") == 0) {
		negotiate_add(&fields->accept, value);
	} else if (strcasecmp(name, "Transfer-Encoding") == 0 ||
		   (strcasecmp(name, "Content-Length") == 0 && strcmp(value, "0") != 0)) {
		fields->body = true;
	}
}

const char *request_find_fault(const struct request_fields *fields, const char *version)
{
	if (fields->hosts > 1)
		return "a request has only one Host header\n";
	if (fields->bad_host)
		return "the Host header is malformed\n";
	/* The library has refused all versions but 1.x. */
	if (fields->hosts == 0 && strcmp(version, "HTTP/1.0") != 0)
		return "an HTTP/1.1 request needs a Host header\n";
	return NULL;
}

bool request_target_is_clean(const char *target)
{
	while ((unsigned char)*target > ' ' && *target != 0x7f)
		target++;
	return *target == '\0';
}

static int digit_value(char digit)
{
	if (!isxdigit((unsigned char)digit))
		return -1;
	return isdigit((unsigned char)digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;
}

size_t request_decode(char *text)
{
	char *to = text;

	for (const char *from = text; *from != '\0'; from++) {
		int high = *from == '%' ? digit_value(from[1]) : -1;
		int low = high >= 0 ? digit_value(from[2]) : -1;

		if (low >= 0 && (high | low) != 0) {
			*to++ = (char)(high << 4 | low);
			from += 2;
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
	return (size_t)(to - text);
}

const char *request_path(const char *target)
{
	static const char scheme[] = "http://";
	const char *path;

	if (strncasecmp(target, scheme, strlen(scheme)) != 0)
		return target;
	target += strlen(scheme);
	path = strchr(target, '/');
	if (path == target || *target == '\0')
		return NULL;
	return path ? path : "/";
}
