/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Writes JSON documents to a stream, and takes care of commas, quotes and escapes.
 *
 * Begin an object or array, write its fields, end it. Each call takes the name of the field, or
 * NULL for an element of an array and for the outermost value. Heartbeats use another formatter,
 * which allocates nothing: reader/lines/beat_format.h.
 */
#ifndef HB_READER_JSON_WRITER_H
#define HB_READER_JSON_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <linux/types.h>

#include "bpf/heartbeat.h"

struct json {
	FILE *stream;
	bool comma; /* one is needed before the next field */
};

void json_begin_object(struct json *json, const char *name);
void json_end_object(struct json *json);
void json_begin_array(struct json *json, const char *name);
void json_end_array(struct json *json);

/** json_begin_document - begin `{"v":1,"type":@type`, as all documents of hb-read begin */
void json_begin_document(struct json *json, const char *type);

/** json_end_document - end it, with a newline */
void json_end_document(struct json *json);

/** json_string - write @text, of at most @length bytes up to a NUL, whatever bytes it holds */
void json_string(struct json *json, const char *name, const char *text, size_t length);

/** json_name - the same with the escapes of text_escape(): @text, the name of a program, stays distinct */
void json_name(struct json *json, const char *name, const char text[HB_COMM_LEN]);

/** json_text - the same, but null for an empty @text or NULL */
void json_text(struct json *json, const char *name, const char *text, size_t length);

void json_null(struct json *json, const char *name);
void json_bool(struct json *json, const char *name, bool value);
void json_number(struct json *json, const char *name, uint64_t value);

/** json_seconds - write @ns nanoseconds as seconds with @digits decimals: 0 or 3 */
void json_seconds(struct json *json, const char *name, uint64_t ns, int digits);

/**
 * json_time - write a time in both forms: @name_ns in nanoseconds, and @name by RFC 3339
 * @unix_ns: 0: both are null
 */
void json_time(struct json *json, const char *name, uint64_t unix_ns);

/** json_error - write a whole document of type `error` */
void json_error(FILE *stream, const char *reason);

#endif
