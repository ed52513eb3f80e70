// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The metrics page, and what the HTTP server answers: reader/metrics.c, reader/pages.c */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "../../reader/metrics.h"
#include "../../reader/pages.h"
#include "suites.h"

static struct snapshot_program programs[] = {
	{.name = "ed", .beats = 12},
	{.name = "a\"\\\n\xff\xc3\xbc", .beats = 13},
};

static struct snapshot now = {
	.meta = {.readers = 2, .hook = HB_HOOK_FENTRY, .rule = HB_RULE_ANY, .build = "1.2\"3"},
	.considered = 3,
	.lost = {0, 5},
	.stats = {[HB_STAT_COLLECTED] = 8},
	.programs = programs,
	.program_count = 2,
};

static const struct snapshot aged = {
	.meta = {.readers = 2},
	.considered = 999,
	.lost = {0, 4},
	.stats = {[HB_STAT_COLLECTED] = 7},
};

static char *write_page(const struct snapshot *older)
{
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	ck_assert_ptr_nonnull(stream);
	metrics_write(stream, &now, older);
	fclose(stream);
	return text;
}

static bool has_line(const char *page, const char *line)
{
	size_t length = strlen(line);
	const char *at = page;

	while ((at = strstr(at, line))) {
		if ((at == page || at[-1] == '\n') && at[length] == '\n')
			return true;
		at++;
	}
	return false;
}

START_TEST(test_trusted)
{
	static const char *const lines[] = {
		"# TYPE gitpod_acitivity_heartbeat_currently_considered_pids gauge",
		"gitpod_acitivity_heartbeat_currently_considered_pids 3",
		"# TYPE activity_heartbeat_beats_total counter",
		"activity_heartbeat_beats_total{program=\"ed\"} 12",
		"activity_heartbeat_beats_total{program=\"a\\\"\\\\\\\\x0a\\\\xff\xc3\xbc\"} 13",
		"activity_heartbeat_lost_total{reader=\"0\"} 0",
		"activity_heartbeat_lost_total{reader=\"1\"} 5",
		"activity_heartbeat_collected_total 8",
		"activity_heartbeat_hook_info{hook=\"fentry\",rule=\"any\"} 1",
	};
	char *page = write_page(NULL);

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		ck_assert_msg(has_line(page, lines[i]), "%s\nis not in\n%s", lines[i], page);
	ck_assert_ptr_nonnull(strstr(page, ",loaded=\"1.2\\\"3\"} 1\n"));
	ck_assert_ptr_null(strstr(page, "reader=\"2\""));
	free(page);
}
END_TEST

START_TEST(test_anybody)
{
	char *page = write_page(&aged);

	ck_assert(has_line(page, "gitpod_acitivity_heartbeat_currently_considered_pids 3"));
	ck_assert(has_line(page, "activity_heartbeat_lost_total{reader=\"1\"} 4"));
	ck_assert(has_line(page, "activity_heartbeat_collected_total 7"));
	ck_assert(has_line(page, "activity_heartbeat_hook_info{hook=\"fentry\",rule=\"any\"} 1"));
	ck_assert_ptr_null(strstr(page, "beats_total"));
	ck_assert_ptr_null(strstr(page, "program="));
	free(page);
}
END_TEST

/* Each sample belongs to the HELP and TYPE lines right before, as the format demands. */
START_TEST(test_form)
{
	char *page = write_page(NULL);
	char family[128] = "";
	int samples = 0;
	char *state;

	ck_assert_int_eq(page[strlen(page) - 1], '\n');
	for (char *line = strtok_r(page, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
		if (strncmp(line, "# HELP ", 7) == 0) {
			ck_assert_int_eq(sscanf(line, "# HELP %127s", family), 1);
			samples = 0;
		} else if (strncmp(line, "# TYPE ", 7) == 0) {
			ck_assert_int_eq(strncmp(line + 7, family, strlen(family)), 0);
			ck_assert_int_eq(samples, 0);
		} else {
			ck_assert_int_eq(strncmp(line, family, strlen(family)), 0);
			ck_assert_ptr_nonnull(strchr("{ ", line[strlen(family)]));
			samples++;
		}
	}
	ck_assert_int_eq(samples, 1);
	free(page);
}
END_TEST

static const struct {
	const char *method;
	const char *path;
	unsigned int status;
} refused[] = {
	{"GET", "/", 404},	  {"GET", "/metrics/", 404},	{"GET", "", 404},
	{"GET", "/metric", 404},  {"POST", "/nowhere", 404},	{"POST", "/metrics", 405},
	{"PUT", "/metrics", 405}, {"DELETE", "/metrics", 405},	{"TRACE", "/metrics", 405},
	{"get", "/metrics", 405}, {"OPTIONS", "/metrics", 405},
};

START_TEST(test_refused)
{
	/* Nothing is read from the maps for these. */
	struct pages pages = {.source = NULL};
	struct answer answer;

	ck_assert_int_eq(pages_answer(&pages, false, refused[_i].method, refused[_i].path, &answer),
			 0);
	ck_assert_uint_eq(answer.status, refused[_i].status);
	ck_assert_str_eq(answer.type, "text/plain; charset=utf-8");
	if (answer.status == 405)
		ck_assert_str_eq(answer.allow, "GET, HEAD");
	else
		ck_assert_ptr_null(answer.allow);
	ck_assert_uint_eq(answer.length, strlen(answer.body));
	ck_assert_uint_gt(answer.length, 0);
	free(answer.body);
}
END_TEST

START_TEST(test_refuse_body)
{
	struct answer answer;

	ck_assert_int_eq(pages_refuse_body(&answer), 0);
	ck_assert_uint_eq(answer.status, 413);
	ck_assert_ptr_null(answer.allow);
	free(answer.body);
}
END_TEST

Suite *metrics_suite(void)
{
	Suite *suite = suite_create("metrics");
	TCase *tcase = tcase_create("metrics");

	tcase_add_test(tcase, test_trusted);
	tcase_add_test(tcase, test_anybody);
	tcase_add_test(tcase, test_form);
	tcase_add_loop_test(tcase, test_refused, 0, (int)(sizeof(refused) / sizeof(refused[0])));
	tcase_add_test(tcase, test_refuse_body);
	suite_add_tcase(suite, tcase);
	return suite;
}
