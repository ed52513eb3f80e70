// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "bpf/lib/clock.h"
#include "bpf/lib/units.h"
#include "reader/lines/beat_format.h"
#include "reader/text/json.h"
#include "reader/text/text.h"
#include "reader/text/tty.h"

static char *put_u64(char *to, uint64_t value)
{
	char digits[20];
	size_t first = sizeof(digits);

	do {
		digits[--first] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	memcpy(to, digits + first, sizeof(digits) - first);
	return to + (sizeof(digits) - first);
}

static char *put_text(char *to, const char *text, size_t length)
{
	memcpy(to, text, length);
	return to + length;
}

/* For string literals. */
#define PUT(to, literal) put_text(to, literal, sizeof(literal) - 1)

static char *put_string(char *to, const char *text)
{
	return put_text(to, text, strlen(text));
}

/* Keep the text of the last second: only the nanoseconds change within it. */
static char *put_time(char *to, uint64_t unix_ns)
{
	static char text[CLOCK_RFC3339_LEN];
	static uint64_t second = UINT64_MAX;
	uint64_t ns = unix_ns % NS_PER_S;
	/* A Z and a NUL follow the nanoseconds. */
	char *last = text + sizeof(text) - 3;

	if (unix_ns / NS_PER_S != second) {
		second = unix_ns / NS_PER_S;
		clock_rfc3339(text, unix_ns);
	}
	for (int i = 0; i < 9; i++) {
		*last-- = (char)('0' + ns % 10);
		ns /= 10;
	}
	return put_string(to, text);
}

static char *put_quoted(char *to, const char *text)
{
	*to++ = '"';
	to = put_string(to, text);
	*to++ = '"';
	return to;
}

static char *put_source(char *to, const struct beat_source *source)
{
	char program[TEXT_ESCAPED_MAX * HB_COMM_LEN + 1];
	char tty[TTY_NAME_LEN];

	text_escape(program, source->program, HB_COMM_LEN);
	to = PUT(to, "\"program\":");
	to += json_escape(to, JSON_ESCAPED_MAX * HB_COMM_LEN + 3, program, sizeof(program));
	to = PUT(to, ",\"uid\":");
	to = put_u64(to, source->uid);
	to = PUT(to, ",\"tty\":");
	to = tty_name(tty, source->tty) < 0 ? PUT(to, "null") : put_quoted(to, tty);
	to = PUT(to, ",\"cgroup_id\":");
	to = put_u64(to, source->cgroup_id);
	to = PUT(to, ",\"cgroup\":");
	to = source->cgroup ? put_string(to, source->cgroup) : PUT(to, "null");
	to = PUT(to, ",\"container\":");
	return source->container ? put_quoted(to, source->container) : PUT(to, "null");
}

size_t beat_format_text(char line[BEAT_FORMAT_LINE_MAX], uint64_t unix_ns, uint32_t pid)
{
	char *to = put_u64(line, unix_ns);

	to = PUT(to, " - ");
	to = put_u64(to, pid);
	*to++ = '\n';
	return (size_t)(to - line);
}

size_t beat_format_json(char line[BEAT_FORMAT_LINE_MAX], const struct hb_beat *beat,
			uint64_t unix_ns, const struct beat_source *source)
{
	char *to = PUT(line, "{\"v\":1,\"type\":\"beat\",\"seq\":");

	to = put_u64(to, beat->seq);
	to = PUT(to, ",\"time_ns\":");
	to = put_u64(to, unix_ns);
	to = PUT(to, ",\"time\":\"");
	to = put_time(to, unix_ns);
	to = PUT(to, "\",\"pid\":");
	to = put_u64(to, beat->pid);
	*to++ = ',';
	if (source)
		to = put_source(to, source);
	else
		to = PUT(
			to,
			"\"program\":null,\"uid\":null,\"tty\":null,\"cgroup_id\":null,\"cgroup\":null,\"container\":null");
	to = PUT(to, "}\n");
	return (size_t)(to - line);
}

size_t beat_format_json_lost(char line[BEAT_FORMAT_LINE_MAX], uint64_t count)
{
	char *to = PUT(line, "{\"v\":1,\"type\":\"lost\",\"count\":");

	to = put_u64(to, count);
	to = PUT(to, "}\n");
	return (size_t)(to - line);
}
