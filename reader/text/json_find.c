// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "bpf/lib/parse.h"
#include "reader/text/json_find.h"

static const char *skip_space(const char *text)
{
	return text + strspn(text, " \t\r\n");
}

/* @text begins with a quote. Returns what follows the string, or NULL: it does not end. */
static const char *skip_string(const char *text)
{
	for (text++; *text != '"'; text++) {
		if (*text == '\\')
			text++;
		if (*text == '\0')
			return NULL;
	}
	return text + 1;
}

/* Returns what follows the value at @text, or NULL: it does not end. */
static const char *skip_value(const char *text)
{
	size_t depth = 0;

	do {
		if (*text == '"') {
			text = skip_string(text);
			if (!text)
				return NULL;
			continue;
		}
		if (*text == '{' || *text == '[')
			depth++;
		else if (*text == '}' || *text == ']')
			depth--;
		else if (*text == '\0')
			return NULL;
		text++;
	} while (depth > 0 || !strchr(",}]", *text));
	return *text ? text : NULL;
}

static bool is_named(const char *quoted, const char *end, const char *name)
{
	size_t length = strlen(name);

	return (size_t)(end - quoted) == length + 2 && memcmp(quoted + 1, name, length) == 0;
}

const char *json_find(const char *text, const char *name)
{
	const char *member = skip_space(text);

	if (*member != '{')
		return NULL;
	do {
		const char *value;
		const char *end;

		member = skip_space(member + 1);
		end = *member == '"' ? skip_string(member) : NULL;
		value = end ? skip_space(end) : "";
		if (*value != ':')
			return NULL;
		value = skip_space(value + 1);
		if (is_named(member, end, name))
			return value;
		member = skip_value(value);
	} while (member && *member == ',');
	return NULL;
}

bool json_find_string(const char *text, const char *name, char *buffer, size_t size)
{
	const char *from = json_find(text, name);
	size_t length = 0;

	buffer[0] = '\0';
	if (!from || *from != '"' || !skip_string(from))
		return false;
	for (from++; *from != '"' && length + 1 < size; from++) {
		char c = *from;

		if (c == '\\') {
			c = *++from;
			if (c == 'u')
				from += strspn(from + 1, "0123456789abcdefABCDEF") < 4 ? 0 : 4;
			if (c != '"' && c != '\\')
				c = '?';
		}
		buffer[length++] = c;
	}
	buffer[length] = '\0';
	return true;
}

bool json_find_number(const char *text, const char *name, uint64_t *number)
{
	const char *value = json_find(text, name);
	char digits[sizeof("18446744073709551615")] = "";
	size_t length = value ? strspn(value, "0123456789") : 0;

	if (length == 0 || length >= sizeof(digits))
		return false;
	memcpy(digits, value, length);
	return parse_u64(digits, 0, UINT64_MAX, number) == 0;
}
