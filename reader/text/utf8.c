// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdint.h>

#include "reader/text/utf8.h"

size_t utf8_valid(const char *text, size_t length)
{
	/* The lowest code point that needs this many bytes. */
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *byte = (const unsigned char *)text;
	uint32_t character;
	size_t need;

	if (byte[0] < 0x80)
		return 1;
	if (byte[0] >= 0xc0 && byte[0] < 0xe0)
		need = 2;
	else if (byte[0] >= 0xe0 && byte[0] < 0xf0)
		need = 3;
	else if (byte[0] >= 0xf0 && byte[0] < 0xf8)
		need = 4;
	else
		return 0;
	if (need > length)
		return 0;
	character = byte[0] & (0x7fU >> need);
	for (size_t i = 1; i < need; i++) {
		if ((byte[i] & 0xc0) != 0x80)
			return 0;
		character = character << 6 | (byte[i] & 0x3fU);
	}
	if (character < least[need] || character > 0x10ffff ||
	    (character >= 0xd800 && character <= 0xdfff))
		return 0;
	return need;
}
