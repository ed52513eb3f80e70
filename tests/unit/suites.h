/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The suites of the unit tests, one a file. */
#ifndef HB_TESTS_SUITES_H
#define HB_TESTS_SUITES_H

#include <check.h>

Suite *negotiate_suite(void);
Suite *activity_suite(void);
Suite *activity_json_suite(void);
Suite *answer_suite(void);
Suite *load_options_suite(void);
Suite *beat_format_suite(void);
Suite *cgroup_names_suite(void);
Suite *clients_suite(void);
Suite *clock_suite(void);
Suite *coarsen_suite(void);
Suite *explain_suite(void);
Suite *history_suite(void);
Suite *holders_suite(void);
Suite *idle_suite(void);
Suite *json_suite(void);
Suite *listen_suite(void);
Suite *loop_suite(void);
Suite *metrics_suite(void);
Suite *read_options_suite(void);
Suite *output_suite(void);
Suite *page_suite(void);
Suite *parse_suite(void);
Suite *cgroup_tree_suite(void);
Suite *programs_suite(void);
Suite *ring_suite(void);
Suite *snapshot_suite(void);
Suite *table_suite(void);
Suite *types_suite(void);

#endif
