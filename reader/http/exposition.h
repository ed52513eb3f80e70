/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Writes families of metrics with their samples and labels, in either format. */
#ifndef HB_READER_EXPOSITION_H
#define HB_READER_EXPOSITION_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* The samples of a counter end in _total, those of an info in _info. */
enum exposition_type { EXPOSITION_GAUGE, EXPOSITION_COUNTER, EXPOSITION_INFO };

struct exposition {
	FILE *stream;
	bool openmetrics;
	/* What is being written: */
	const char *family;
	enum exposition_type type;
	bool labelled; /* the sample has a label already */
};

/** exposition_begin - begin a family; its name without _total or _info */
void exposition_begin(struct exposition *exposition, enum exposition_type type, const char *family,
		      const char *help);

/** exposition_sample - begin a sample: its labels follow, then its value */
void exposition_sample(struct exposition *exposition);

/** exposition_label - write a label; its value is @text, of @length bytes at most up to a NUL */
void exposition_label(struct exposition *exposition, const char *name, const char *text,
		      size_t length);

/** exposition_value - write the value of a sample, which ends it */
void exposition_value(const struct exposition *exposition, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** exposition_count - write a whole number as the value */
void exposition_count(const struct exposition *exposition, uint64_t number);

/** exposition_seconds - write nanoseconds as the value, in seconds with all decimals */
void exposition_seconds(const struct exposition *exposition, uint64_t ns);

/** exposition_single - write a family of one sample without labels, whose value is @number */
void exposition_single(struct exposition *exposition, enum exposition_type type, const char *family,
		       const char *help, uint64_t number);

#endif
