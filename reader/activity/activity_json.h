/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Writes the JSON document of /activity and `hb-read idle --format json`. */
#ifndef HB_READER_ACTIVITY_JSON_H
#define HB_READER_ACTIVITY_JSON_H

#include <stdio.h>

#include "reader/activity/activity.h"
#include "reader/activity/judge.h"
#include "reader/maps/report.h"

/**
 * activity_json_write - write the answer for @query, and for each control group in it
 * @limit: add the judgement by so many nanoseconds; 0: add none
 *
 * Returns 0; or, having written the reason as an error, -ENOENT or -EOPNOTSUPP as activity_find()
 * does; or -ENOMEM, having written nothing.
 */
int activity_json_write(FILE *stream, const struct report *report, struct activity_query *query,
			uint64_t limit);

/**
 * activity_json_answer - write @answer, which activity_find() gave for @query, and @judgement
 * @judgement: NULL: there is none
 *
 * Returns 0; or -ENOMEM, having written nothing.
 */
int activity_json_answer(FILE *stream, const struct report *report, struct activity_query *query,
			 const struct activity_answer *answer,
			 const struct idle_judgement *judgement);

/** activity_because - the value of the member `because`: `load`, `birth`, `start` or `key` */
const char *activity_because(enum activity_since since);

#endif
