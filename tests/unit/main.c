// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Run the unit tests. CK_RUN_SUITE=NAME in the environment runs one suite alone. */
#include <stdlib.h>

#include "tests/unit/suites.h"

#define FUNCTION(name) name##_suite,
static Suite *(*const suites[])(void) = {SUITES(FUNCTION)};

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
