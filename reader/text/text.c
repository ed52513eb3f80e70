// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/lib/cleanup.h"
#include "bpf/lib/clock.h"
#include "bpf/lib/log.h"
#include "bpf/lib/units.h"
#include "bpf/lib/utf8.h"
#include "reader/text/text.h"

void text_printable(char *buffer, size_t size, const char *text, size_t length)
{
	size_t used = 0;

	for (size_t i = 0; i < length && text[i] != '\0' && used + 1 < size; i++)
		buffer[used++] = (char)(text[i] >= ' ' && text[i] <= '~' ? text[i] : '?');
	if (size > 0)
		buffer[used] = '\0';
}

size_t text_escape(char *escaped, const char *text, size_t length)
{
	static const char hex[] = "0123456789ABCDEF";
	char *to = escaped;

	length = strnlen(text, length);
	for (size_t i = 0; i < length;) {
		unsigned char c = (unsigned char)text[i];
		size_t taken = utf8_shown(text + i, length - i);

		if (taken == 0 || c == '%') {
			*to++ = '%';
			*to++ = hex[c >> 4];
			*to++ = hex[c & 15];
			i++;
		} else {
			memcpy(to, text + i, taken);
			to += taken;
			i += taken;
		}
	}
	*to = '\0';
	return (size_t)(to - escaped);
}

unsigned char text_unescape(const char *text)
{
	unsigned int value = 0;

	for (size_t i = 1; i <= 2; i++) {
		if (text[0] != '%' || !isxdigit((unsigned char)text[i]))
			return 0;
		value = value * 16 + (isdigit((unsigned char)text[i])
					      ? (unsigned int)(text[i] - '0')
					      : (unsigned int)((text[i] | 0x20) - 'a') + 10);
	}
	return utf8_is_control(value) || value == '%' || value >= 0x80 ? (unsigned char)value : 0;
}

void text_age(char age[TEXT_AGE_LEN], uint64_t ns)
{
	uint64_t seconds = ns / NS_PER_S;

	if (seconds < 60)
		snprintf(age, TEXT_AGE_LEN, "%" PRIu64 "s", seconds);
	else if (seconds < 60 * 60)
		snprintf(age, TEXT_AGE_LEN, "%" PRIu64 "m", seconds / 60);
	else if (seconds < 24 * 60 * 60)
		snprintf(age, TEXT_AGE_LEN, "%" PRIu64 "h", seconds / (60 * 60));
	else
		snprintf(age, TEXT_AGE_LEN, "%" PRIu64 "d", seconds / (24 * 60 * 60));
}

void text_number(char text[TEXT_NUMBER_LEN], uint64_t number)
{
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%" PRIu64, number);

	for (int i = 0; i < length; i++) {
		*text++ = digits[i];
		if (i + 1 < length && (length - i - 1) % 3 == 0)
			*text++ = ',';
	}
	*text = '\0';
}

void text_time(char time[TEXT_TIME_LEN], uint64_t unix_ns)
{
	char full[CLOCK_RFC3339_LEN];

	clock_rfc3339(full, unix_ns);
	memcpy(time, full, TEXT_TIME_LEN - 2);
	memcpy(time + TEXT_TIME_LEN - 2, "Z", 2);
}

int text_write(const char *text, size_t length)
{
	struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};

	while (length > 0) {
		ssize_t n = write(STDOUT_FILENO, text, length);

		if (n >= 0) {
			text += n;
			length -= (size_t)n;
		} else if (errno == EAGAIN) {
			/* Another process that shares this open file made it non-blocking. */
			if (poll(&out, 1, -1) < 0 && errno != EINTR)
				return log_errno(-errno, "standard output");
		} else if (errno == EPIPE) {
			return -EPIPE;
		} else if (errno != EINTR) {
			return log_errno(-errno, "standard output");
		}
	}
	return 0;
}

int text_print(const char *what, text_writer writer, const void *data)
{
	_cleanup_free_ char *text = NULL;
	size_t length = 0;
	FILE *stream;
	int r;

	stream = open_memstream(&text, &length);
	if (!stream)
		return log_errno(-errno, "%s", what);
	r = writer(stream, data);
	if (fclose(stream) != 0 && r == 0)
		r = -ENOMEM;
	if (r < 0)
		return log_errno(r, "%s", what);
	r = text_write(text, length);
	return r == -EPIPE ? 0 : r;
}
