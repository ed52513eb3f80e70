// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <check.h>

#include "tests/unit/asked.h"
#include "tests/unit/fixture.h"

struct snapshot *const snapshot = &fixture_report.snapshot;
struct activity_answer answer;

int asked(const char *selector, const char *value)
{
	struct activity_query query = {.by = ACTIVITY_NODE};

	if (selector)
		ck_assert_int_eq(activity_query_add(&query, selector, value), 0);
	return activity_find(snapshot, &query, &answer);
}

void ck_since(const char *selector, const char *value, uint64_t seconds,
	      enum activity_since because)
{
	ck_assert_int_eq(asked(selector, value), 0);
	ck_assert_str_eq(answer.doubt, "");
	ck_assert_uint_eq(answer.activity.since / S, seconds);
	ck_assert_int_eq(answer.activity.because, because);
}

void add_typing_and_reading(void)
{
	add_process(10, "vim", 1500, 4000, fixture_id("/a/sub"))->last_beat = 5000 * S;
	add_process(11, "less", 1600, 0, fixture_id("/ab"))->last_beat = 9999 * S;
	fixture_cgroup("/a/sub")->last_key = 3000 * S;
	ck_assert_int_eq(snapshot_sum(snapshot), 0);
}
