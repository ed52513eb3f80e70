// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "bpf/lib/units.h"
#include "bpf/lib/utf8.h"
#include "reader/http/exposition.h"

/* What the name of a sample has after that of its family. */
static const char *const suffixes[] =
	{[EXPOSITION_GAUGE] = "", [EXPOSITION_COUNTER] = "_total", [EXPOSITION_INFO] = "_info"};

/* The formats differ in the name of a family: in OpenMetrics it has no suffix. */
void exposition_begin(struct exposition *exposition, enum exposition_type type, const char *family,
		      const char *help)
{
	static const char *const openmetrics_types[] = {"gauge", "counter", "info"};
	static const char *const text_types[] = {"gauge", "counter", "gauge"};
	const char *suffix = exposition->openmetrics ? "" : suffixes[type];

	exposition->family = family;
	exposition->type = type;
	fprintf(exposition->stream, "# HELP %s%s %s\n# TYPE %s%s %s\n", family, suffix, help,
		family, suffix, (exposition->openmetrics ? openmetrics_types : text_types)[type]);
}

void exposition_sample(struct exposition *exposition)
{
	fprintf(exposition->stream, "%s%s", exposition->family, suffixes[exposition->type]);
	exposition->labelled = false;
}

/* The value of a label must be UTF-8. Other bytes, and control characters, become \xHH. */
void exposition_label(struct exposition *exposition, const char *name, const char *text,
		      size_t length)
{
	FILE *stream = exposition->stream;
	size_t written = 0;
	size_t at = 0;

	length = strnlen(text, length);
	fprintf(stream, "%c%s=\"", exposition->labelled ? ',' : '{', name);
	exposition->labelled = true;
	/* Runs of characters go out together: a full map makes megabytes. */
	while (at < length) {
		size_t taken = utf8_shown(text + at, length - at);
		unsigned char c = (unsigned char)text[at];
		bool bad = taken == 0;

		if (!bad && c != '"' && c != '\\') {
			at += taken;
			continue;
		}
		fwrite(text + written, 1, at - written, stream);
		fprintf(stream, bad ? "\\\\x%02x" : "\\%c", c);
		written = ++at;
	}
	fwrite(text + written, 1, length - written, stream);
	fputc('"', stream);
}

void exposition_value(const struct exposition *exposition, const char *format, ...)
{
	va_list args;

	fputs(exposition->labelled ? "} " : " ", exposition->stream);
	va_start(args, format);
	vfprintf(exposition->stream, format, args);
	va_end(args);
	fputc('\n', exposition->stream);
}

void exposition_count(const struct exposition *exposition, uint64_t number)
{
	exposition_value(exposition, "%" PRIu64, number);
}

void exposition_seconds(const struct exposition *exposition, uint64_t ns)
{
	exposition_value(exposition, "%" PRIu64 ".%09" PRIu64, ns / NS_PER_S, ns % NS_PER_S);
}

void exposition_single(struct exposition *exposition, enum exposition_type type, const char *family,
		       const char *help, uint64_t number)
{
	exposition_begin(exposition, type, family, help);
	exposition_sample(exposition);
	exposition_count(exposition, number);
}
