// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
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
		fields->host = value;
	} else if (strcasecmp(name, "Origin") == 0) {
		fields->origin = value;
	} else if (strcasecmp(name, "Accept-Language") == 0) {
		fields->browser = true;
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

/* `127.0.0.1` or `[::1]` */
static bool is_address(char *host, size_t length)
{
	struct in6_addr address;

	if (host[0] != '[' || host[length - 1] != ']')
		return inet_pton(AF_INET, host, &address) == 1;
	host[length - 1] = '\0';
	return inet_pton(AF_INET6, host + 1, &address) == 1;
}

/* The whole of @host, or what is behind a dot. RFC 6761: `localhost` and all names below it. */
static bool is_local(const char *host, size_t length)
{
	static const char local[] = "localhost";
	const size_t end = sizeof(local) - 1;

	return length >= end && strcasecmp(host + length - end, local) == 0 &&
	       (length == end || host[length - end - 1] == '.');
}

static const char *host_of(const struct request_fields *fields)
{
	return fields->host ? fields->host : "";
}

bool request_is_for(const struct request_fields *fields, const char *node)
{
	const char *given = host_of(fields);
	char host[256];
	size_t length;

	if (given[0] == '\0')
		return true;
	/* Leave out the port. An address in brackets has colons, too. */
	length = given[0] == '[' ? strcspn(given, "]") : 0;
	length += strcspn(given + length, ":");
	if (length == 0 || length >= sizeof(host))
		return false;
	memcpy(host, given, length);
	host[length] = '\0';
	return strcasecmp(host, node) == 0 || is_local(host, length) || is_address(host, length);
}

bool request_is_from_other_site(const struct request_fields *fields)
{
	static const char scheme[] = "http://";
	const size_t length = sizeof(scheme) - 1;

	return fields->origin && (strncasecmp(fields->origin, scheme, length) != 0 ||
				  strcasecmp(fields->origin + length, host_of(fields)) != 0);
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
