/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lists the suites of the unit tests: each is in the file that is named like it. */
#ifndef HB_TESTS_SUITES_H
#define HB_TESTS_SUITES_H

#include <check.h>

/* clang-format off */
#define SUITES(SUITE) \
	SUITE(account) \
	SUITE(activity) \
	SUITE(activity_cgroups) \
	SUITE(activity_json) \
	SUITE(activity_query) \
	SUITE(answer) \
	SUITE(beat_format) \
	SUITE(busy) \
	SUITE(cgroup_names) \
	SUITE(cgroup_tree) \
	SUITE(claims) \
	SUITE(clients) \
	SUITE(clock) \
	SUITE(coarsen) \
	SUITE(confine) \
	SUITE(config) \
	SUITE(explain) \
	SUITE(gate) \
	SUITE(history) \
	SUITE(holders) \
	SUITE(home) \
	SUITE(idle) \
	SUITE(json) \
	SUITE(json_find) \
	SUITE(layout) \
	SUITE(listen) \
	SUITE(load_options) \
	SUITE(log) \
	SUITE(loop) \
	SUITE(metrics) \
	SUITE(names) \
	SUITE(negotiate) \
	SUITE(node) \
	SUITE(output) \
	SUITE(page) \
	SUITE(parse) \
	SUITE(programs) \
	SUITE(read_options) \
	SUITE(request_check) \
	SUITE(ring) \
	SUITE(similar) \
	SUITE(snapshot) \
	SUITE(table) \
	SUITE(text) \
	SUITE(trusted) \
	SUITE(utf8) \
	SUITE(workspaces)
/* clang-format on */

#define DECLARE_SUITE(name) Suite *name##_suite(void);
SUITES(DECLARE_SUITE)

#endif
