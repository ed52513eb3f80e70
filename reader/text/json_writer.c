// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>

#include "bpf/lib/clock.h"
#include "bpf/lib/units.h"
#include "reader/text/json.h"
#include "reader/text/json_writer.h"
#include "reader/text/text.h"

static void begin_value(struct json *json, const char *name)
{
	if (json->comma)
		fputc(',', json->stream);
	json->comma = true;
	if (name)
		fprintf(json->stream, "\"%s\":", name);
}

static void begin(struct json *json, const char *name, char bracket)
{
	begin_value(json, name);
	fputc(bracket, json->stream);
	json->comma = false;
}

static void end(struct json *json, char bracket)
{
	fputc(bracket, json->stream);
	json->comma = true;
}

void json_begin_object(struct json *json, const char *name)
{
	begin(json, name, '{');
}

void json_end_object(struct json *json)
{
	end(json, '}');
}

void json_begin_array(struct json *json, const char *name)
{
	begin(json, name, '[');
}

void json_end_array(struct json *json)
{
	end(json, ']');
}

void json_begin_document(struct json *json, const char *type)
{
	json->comma = false;
	json_begin_object(json, NULL);
	json_number(json, "v", 1);
	json_string(json, "type", type, SIZE_MAX);
}

void json_end_document(struct json *json)
{
	json_end_object(json);
	fputc('\n', json->stream);
	json->comma = false;
}

void json_string(struct json *json, const char *name, const char *text, size_t length)
{
	begin_value(json, name);
	json_print(json->stream, text, length);
}

void json_name(struct json *json, const char *name, const char text[HB_COMM_LEN])
{
	char escaped[TEXT_ESCAPED_MAX * HB_COMM_LEN + 1];

	text_escape(escaped, text, HB_COMM_LEN);
	json_string(json, name, escaped, sizeof(escaped));
}

void json_text(struct json *json, const char *name, const char *text, size_t length)
{
	if (text && text[0] != '\0')
		json_string(json, name, text, length);
	else
		json_null(json, name);
}

void json_null(struct json *json, const char *name)
{
	begin_value(json, name);
	fputs("null", json->stream);
}

void json_bool(struct json *json, const char *name, bool value)
{
	begin_value(json, name);
	fputs(value ? "true" : "false", json->stream);
}

void json_number(struct json *json, const char *name, uint64_t value)
{
	begin_value(json, name);
	fprintf(json->stream, "%" PRIu64, value);
}

void json_seconds(struct json *json, const char *name, uint64_t ns, int digits)
{
	begin_value(json, name);
	fprintf(json->stream, "%" PRIu64, ns / NS_PER_S);
	if (digits == 3)
		fprintf(json->stream, ".%03" PRIu64, ns % NS_PER_S / NS_PER_MS);
}

void json_time(struct json *json, const char *name, uint64_t unix_ns)
{
	char text[CLOCK_RFC3339_LEN] = "";

	begin_value(json, NULL);
	fprintf(json->stream, "\"%s_ns\":", name);
	json->comma = false;
	if (unix_ns == 0) {
		json_null(json, NULL);
		json_null(json, name);
		return;
	}
	clock_rfc3339(text, unix_ns);
	json_number(json, NULL, unix_ns);
	json_string(json, name, text, sizeof(text));
}

void json_error(FILE *stream, const char *reason)
{
	struct json json = {.stream = stream};

	json_begin_document(&json, "error");
	json_string(&json, "error", reason, SIZE_MAX);
	json_end_document(&json);
}
