// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "bpf/lib/utf8.h"

size_t utf8_decode(const char *text, size_t length, uint32_t *character)
{
	/* The lowest code point that needs this many bytes. */
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *byte = (const unsigned char *)text;
	size_t need;

	if (byte[0] < 0x80) {
		*character = byte[0];
		return 1;
	}
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
	*character = byte[0] & (0x7fU >> need);
	for (size_t i = 1; i < need; i++) {
		if ((byte[i] & 0xc0) != 0x80)
			return 0;
		*character = *character << 6 | (byte[i] & 0x3fU);
	}
	if (*character < least[need] || *character > 0x10ffff ||
	    (*character >= 0xd800 && *character <= 0xdfff))
		return 0;
	return need;
}

bool utf8_is_control(uint32_t character)
{
	static const struct {
		uint32_t first;
		uint32_t last;
	} ranges[] = {
		{0x00, 0x1f},	  {0x7f, 0x9f},	    {0x61c, 0x61c},
		{0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069},
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (character >= ranges[i].first && character <= ranges[i].last)
			return true;
	}
	return false;
}

size_t utf8_shown(const char *text, size_t length)
{
	uint32_t character;
	size_t taken = utf8_decode(text, length, &character);

	return taken > 0 && !utf8_is_control(character) ? taken : 0;
}
