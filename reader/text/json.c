// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "bpf/lib/utf8.h"
#include "reader/text/json.h"

/*
 * Escape the first character of @text to @escaped. Returns the length of the input used; @made is
 * that of the output.
 */
static size_t escape_one(char escaped[JSON_ESCAPED_MAX], size_t *made, const char *text,
			 size_t length)
{
	static const char hex[] = "0123456789abcdef";
	static const char named[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
				     ['\r'] = 'r', ['"'] = '"',	 ['\\'] = '\\'};
	unsigned char c = (unsigned char)text[0];
	uint32_t character;
	size_t taken = utf8_decode(text, length, &character);

	if (taken == 0) {
		memcpy(escaped, "\\ufffd", 6);
		*made = 6;
		return 1;
	}
	if (c < sizeof(named) && named[c]) {
		escaped[0] = '\\';
		escaped[1] = named[c];
		*made = 2;
	} else if (utf8_is_control(character)) {
		/* All of these have 16 bits at most. */
		memcpy(escaped, "\\u", 2);
		for (unsigned int i = 0; i < 4; i++)
			escaped[2 + i] = hex[character >> (12 - 4 * i) & 15];
		*made = 6;
	} else {
		memcpy(escaped, text, taken);
		*made = taken;
	}
	return taken;
}

size_t json_escape(char *buffer, size_t size, const char *text, size_t length)
{
	char escaped[JSON_ESCAPED_MAX];
	size_t used = 0;
	size_t made;

	if (size < 3) {
		if (size > 0)
			buffer[0] = '\0';
		return 0;
	}
	length = strnlen(text, length);
	buffer[used++] = '"';
	for (size_t i = 0; i < length;) {
		i += escape_one(escaped, &made, text + i, length - i);
		if (used + made + 2 > size)
			break;
		memcpy(buffer + used, escaped, made);
		used += made;
	}
	buffer[used++] = '"';
	buffer[used] = '\0';
	return used;
}

void json_print(FILE *stream, const char *text, size_t length)
{
	char escaped[JSON_ESCAPED_MAX];
	size_t made;

	length = strnlen(text, length);
	fputc('"', stream);
	for (size_t i = 0; i < length;) {
		i += escape_one(escaped, &made, text + i, length - i);
		fwrite(escaped, 1, made, stream);
	}
	fputc('"', stream);
}
