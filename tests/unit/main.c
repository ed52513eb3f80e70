// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Run the unit tests. CK_RUN_SUITE=NAME in the environment runs one suite alone. */
#include <stdlib.h>

#include "tests/unit/suites.h"

static Suite *(*const suites[])(void) = {
	negotiate_suite,   activity_suite,     activity_json_suite, coarsen_suite,
	holders_suite,	   idle_suite,	       answer_suite,	    load_options_suite,
	beat_format_suite, cgroup_names_suite, clients_suite,	    clock_suite,
	explain_suite,	   history_suite,      json_suite,	    listen_suite,
	loop_suite,	   metrics_suite,      read_options_suite,  output_suite,
	page_suite,	   parse_suite,	       cgroup_tree_suite,   programs_suite,
	ring_suite,	   snapshot_suite,     table_suite,	    types_suite,
};

int main(void)
{
	SRunner *runner = srunner_create(NULL);
	int failed;

	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		srunner_add_suite(runner, suites[i]());
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
