// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "reader/http/negotiate.h"

/* Quality values in thousandths: they have three decimals at most. */
enum { QUALITY_FULL = 1000 };

/* A part of the header, which is not NUL terminated. */
struct span {
	const char *start;
	size_t length;
};

static struct span trim(const char *start, size_t length)
{
	while (length > 0 && (*start == ' ' || *start == '\t')) {
		start++;
		length--;
	}
	while (length > 0 && (start[length - 1] == ' ' || start[length - 1] == '\t'))
		length--;
	return (struct span){start, length};
}

/* Cut off what comes before @separator; separators within quotes are text. */
static struct span cut(struct span *rest, char separator)
{
	bool quoted = false;
	size_t length;

	for (length = 0; length < rest->length; length++) {
		char c = rest->start[length];

		if (quoted && c == '\\' && length + 1 < rest->length)
			length++;
		else if (c == '"')
			quoted = !quoted;
		else if (c == separator && !quoted)
			break;
	}
	struct span part = trim(rest->start, length);
	size_t taken = length < rest->length ? length + 1 : length;

	rest->start += taken;
	rest->length -= taken;
	return part;
}

static bool is(struct span span, const char *text)
{
	return span.length == strlen(text) && strncasecmp(span.start, text, span.length) == 0;
}

/* `1`, `0`, `0.75`, `1.000`; or -1 */
static int parse_quality(struct span text)
{
	int unit = QUALITY_FULL;
	int quality;

	if (text.length < 1 || text.length > 5 || text.start[0] < '0' || text.start[0] > '1')
		return -1;
	quality = (text.start[0] - '0') * unit;
	if (text.length > 1 && text.start[1] != '.')
		return -1;
	for (size_t i = 2; i < text.length; i++) {
		if (!isdigit((unsigned char)text.start[i]))
			return -1;
		unit /= 10;
		quality += (text.start[i] - '0') * unit;
	}
	return quality <= QUALITY_FULL ? quality : -1;
}

static struct span unquote(struct span text)
{
	if (text.length >= 2 && text.start[0] == '"' && text.start[text.length - 1] == '"')
		return (struct span){text.start + 1, text.length - 2};
	return text;
}

static void weigh(struct negotiation *wanted, struct span range)
{
	struct span type = cut(&range, ';');
	int quality = QUALITY_FULL;
	bool known_version = true;
	int precision = 0;

	while (range.length > 0) {
		struct span value = cut(&range, ';');
		struct span name = cut(&value, '=');

		value = unquote(trim(value.start, value.length));
		if (is(name, "q"))
			quality = parse_quality(value);
		else if (is(name, "version"))
			known_version = is(value, "1.0.0") || is(value, "0.0.1");
	}
	if (quality < 0)
		return;
	if (is(type, "application/openmetrics-text")) {
		if (known_version && quality > wanted->openmetrics)
			wanted->openmetrics = quality;
		return;
	}
	if (is(type, "text/plain"))
		precision = 3;
	else if (is(type, "text/*"))
		precision = 2;
	else if (is(type, "*/*"))
		precision = 1;
	if (precision > wanted->precision ||
	    (precision > 0 && precision == wanted->precision && quality > wanted->text)) {
		wanted->text = quality;
		wanted->precision = precision;
	}
}

void negotiate_add(struct negotiation *wanted, const char *value)
{
	struct span rest = {value, strlen(value)};

	while (rest.length > 0)
		weigh(wanted, cut(&rest, ','));
}

bool negotiate_openmetrics(const struct negotiation *wanted)
{
	return wanted->openmetrics > 0 && wanted->openmetrics >= wanted->text;
}
