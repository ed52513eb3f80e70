// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The workspace of a client, and what it may know: reader/maps/home.c */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "reader/activity/activity_json.h"
#include "reader/array.h"
#include "reader/maps/busy.h"
#include "reader/maps/home.h"
#include "tests/unit/fixture.h"
#include "tests/unit/suites.h"

#define ID(digit) "00000000000000000000000000000000000000000000000000000000000000" #digit #digit
#define POD	  "11112222-3333-4444-5555-666677778888"
#define POD_	  "kubepods-burstable-pod11112222_3333_4444_5555_666677778888.slice"

static struct snapshot *const snapshot = &fixture_report.snapshot;
static struct report own;

static void start(void)
{
	memset(&own, 0, sizeof(own));
	fixture_start();
}

static void end(void)
{
	fixture_end();
	report_release(&own);
}

/* Add control groups, each below the one before. Returns the id of the last, and of all in @ids. */
static uint64_t add_path(const char *path, uint64_t ids[16])
{
	char words[1024];
	char *state = NULL;
	size_t count = 0;

	snprintf(words, sizeof(words), "%s", path);
	ids[0] = fixture_id("/");
	for (char *name = strtok_r(words, "/", &state); name; name = strtok_r(NULL, "/", &state))
		ids[count + 1] = add_cgroup(ids[count], name), count++;
	return ids[count];
}

/* Which part of the path, counted from 1, is the home, and which the outermost; 0: none. */
static const struct {
	const char *path;
	enum home_kind kind;
	unsigned int home;
	unsigned int outermost;
} cases[] = {
	/* docker, containerd, podman, with groups of their own inside */
	{"system.slice/docker-" ID(1) ".scope", HOME_CONTAINER, 2, 2},
	{"docker/" ID(1), HOME_CONTAINER, 2, 2},
	{"docker/" ID(1) "/own/deep", HOME_CONTAINER, 2, 2},
	{"machine.slice/libpod-" ID(1) ".scope/container", HOME_CONTAINER, 2, 2},
	/* The monitor is on the host's side. */
	{"machine.slice/libpod-conmon-" ID(1) ".scope", HOME_NONE, 0, 0},
	{"system.slice/containerd.service", HOME_NONE, 0, 0},
	/* Kubernetes: the containers of a pod are one workspace. */
	{"kubepods.slice/" POD_ "/cri-containerd-" ID(1) ".scope", HOME_POD, 2, 2},
	{"kubepods/burstable/pod" POD "/" ID(1) "/own", HOME_POD, 3, 3},
	{"kubepods/burstable/pod" POD, HOME_POD, 3, 3},
	{"kubepods/besteffort", HOME_NONE, 0, 0},
	{"system.slice:docker:" ID(1), HOME_CONTAINER, 1, 1},
	/* A container in a container is a workspace of its own; so is a pod in one, as kind has them. */
	{"docker/" ID(1) "/docker/" ID(2) "/x", HOME_CONTAINER, 4, 2},
	{"docker/" ID(1) "/kubelet/pod" POD "/" ID(2), HOME_POD, 4, 2},
	{"pod" POD "/" ID(1) "/docker/" ID(2), HOME_CONTAINER, 4, 1},
	{"pod" POD "/" ID(1) "/docker", HOME_POD, 1, 1},
	/* Users: those in a container are a part of it. */
	{"user.slice/user-1000.slice", HOME_USER, 2, 2},
	{"user.slice/user-1000.slice/session-3.scope", HOME_USER, 2, 2},
	{"user.slice/user-1000.slice/user@1000.service/app.slice/x.service", HOME_USER, 2, 2},
	{"user.slice/user-1000.slice/user@1000.service/libpod-" ID(1) ".scope", HOME_CONTAINER, 4,
	 2},
	{"docker/" ID(1) "/user.slice/user-1000.slice/session-1.scope", HOME_CONTAINER, 2, 2},
	{"lxc.payload.a/user.slice/user-5.slice/session-1.scope", HOME_USER, 3, 3},
	/* Names that somebody makes up below his own group. */
	{"user.slice/user-1000.slice/user-0.slice/x", HOME_USER, 3, 2},
	{"user.slice/user-1000.slice/" ID(9) "/x", HOME_CONTAINER, 3, 2},
	{"docker/" ID(1) "/pod" POD "/x", HOME_POD, 3, 2},
	/* Not quite such a name. */
	{"user.slice", HOME_NONE, 0, 0},
	{"user.slice/user-.slice", HOME_NONE, 0, 0},
	{"user.slice/user-1000.slicex", HOME_NONE, 0, 0},
	{"user.slice/user-10x.slice", HOME_NONE, 0, 0},
	{"system.slice/user-1000.service", HOME_NONE, 0, 0},
	{"system.slice/sshd.service", HOME_NONE, 0, 0},
	{"", HOME_NONE, 0, 0},
};

START_TEST(test_find)
{
	uint64_t ids[16] = {0};
	uint64_t id = add_path(cases[_i].path, ids);
	struct home home;

	ck_assert_int_eq(home_find(snapshot, id, &home), 0);
	ck_assert_msg(home.kind == cases[_i].kind, "%s: kind %d", cases[_i].path, home.kind);
	ck_assert_msg(home.cgroup_id == (cases[_i].home ? ids[cases[_i].home] : 0), "%s",
		      cases[_i].path);
	ck_assert_msg(home.outermost == (cases[_i].outermost ? ids[cases[_i].outermost] : 0), "%s",
		      cases[_i].path);
}
END_TEST

START_TEST(test_find_nothing)
{
	uint64_t ids[16];
	uint64_t id = add_path("a1/b1/" ID(1), ids);
	struct home home;

	ck_assert_int_eq(home_find(snapshot, 0, &home), -ENOENT);
	ck_assert_int_eq(home_find(snapshot, UNRECORDED, &home), -ENOENT);
	/* Who is above may be another workspace, of which nobody may be told. */
	snapshot_find_cgroup(snapshot, ids[1])->record.parent_id = UNRECORDED;
	ck_assert_int_eq(home_find(snapshot, id, &home), -ENOENT);
	/* Records that no kernel makes. */
	snapshot_find_cgroup(snapshot, ids[1])->record.parent_id = ids[2];
	ck_assert_int_eq(home_find(snapshot, id, &home), -ENOENT);
}
END_TEST

static char *ask(uint64_t limit)
{
	struct activity_query query = {.by = ACTIVITY_CGROUP, .name = "/"};
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	ck_assert_int_eq(activity_json_write(stream, &own, &query, limit), 0);
	fclose(stream);
	return text;
}

static void fill(uint64_t ids[16])
{
	uint64_t other[16];
	struct hb_process *process;

	snapshot->taken_at = NOW * S;
	add_path("kubepods/pod" POD "/" ID(1) "/own", ids);
	add_path("secret/" ID(2) "/secretother", other);
	snapshot_find_cgroup(snapshot, ids[2])->record.birth = 2001 * S;
	snapshot_find_cgroup(snapshot, ids[4])->record.last_key = 5003 * S;
	snapshot_find_cgroup(snapshot, other[2])->record.last_key = 9001 * S;
	snapshot_find_cgroup(snapshot, fixture_id("/"))->record.last_key = 9002 * S;
	add_process(4711, "secretown", 3001, 5001, ids[3]);
	add_process(4712, "secretother", 8001, 9003, other[2]);
	/* Its group has no record: the nearest above counts. */
	process = add_process(4713, "secretlate", 3001, 5002, UNRECORDED);
	process->account_id = ids[4];
	add_program("secretprogram", 9004, 9005);
	ck_assert_int_eq(snapshot_sum(snapshot), 0);
}

/* It has what is its own, coarse, and not a word of anything else. */
START_TEST(test_report)
{
	static const char *const secrets[] = {
		"secret", "4711", "4712", "4713", "kubepods", "000022", "9001",
		"9002",	  "9003", "8001", "9000", "8996",     "9004",
	};
	uint64_t ids[16];
	struct home home;
	char *text;

	fill(ids);
	ck_assert_int_eq(home_find(snapshot, ids[4], &home), 0);
	ck_assert_int_eq(home_report(&fixture_report, &home, &own), 0);
	ck_assert_uint_eq(own.snapshot.cgroup_count, 3);
	ck_assert_uint_eq(own.snapshot.process_count, 2);
	ck_assert_uint_eq(own.snapshot.program_count, 0);
	ck_assert_str_eq(own.home, "pod");
	ck_assert_str_eq(own.home_id, POD);
	text = ask(3600 * S);
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		ck_has_not(text, secrets[i]);
	ck_has(text, "\"node\":null");
	ck_has(text, "\"select\":{\"self\":\"pod\",\"id\":\"" POD "\"}");
	/* 5003 is 5000 then, and its true value may be 5008: so idle time is 4992. */
	ck_has(text, "\"last_activity_ns\":1700005000000000000,");
	ck_has(text, "\"as_of_ns\":1700010000000000000,");
	ck_has(text, "\"because\":\"key\",\"idle_seconds\":4992,\"doubt\":null");
	ck_has(text, "\"verdict\":\"idle\",\"limit_seconds\":3600.000,\"cgroups\":[]}");
	free(text);
}
END_TEST

/* The verdict never makes the idle time longer than it may have been. */
START_TEST(test_verdict)
{
	uint64_t ids[16];
	struct home home;
	char *text;

	fill(ids);
	ck_assert_int_eq(home_find(snapshot, ids[4], &home), 0);
	ck_assert_int_eq(home_report(&fixture_report, &home, &own), 0);
	text = ask(4992 * S);
	ck_has(text, "\"verdict\":\"idle\"");
	free(text);
	text = ask(4992 * S + 1);
	ck_has(text, "\"verdict\":\"active\"");
	free(text);
	/* A moment after the boot. */
	own.snapshot.taken_at = 3 * S;
	for (size_t i = 0; i < own.snapshot.cgroup_count; i++)
		own.snapshot.cgroups[i].record = (struct hb_cgroup){.parent_id = 0};
	own.snapshot.process_count = 0;
	own.snapshot.meta.changed_at = 0;
	text = ask(S);
	ck_has(text, "\"verdict\":\"active\"");
	free(text);
}
END_TEST

/* A doubt about all records is one about this workspace; one about another workspace is not. */
START_TEST(test_doubt)
{
	uint64_t ids[16];
	struct home home;
	char *text;

	fill(ids);
	snapshot->meta.hook = HB_METHOD_TRACEPOINT;
	for (size_t i = 0; i < snapshot->process_count; i++) {
		if (snapshot->processes[i].pid == 4712)
			snapshot->processes[i].record.flags = HB_PROCESS_32BIT;
	}
	ck_assert_int_eq(home_find(snapshot, ids[4], &home), 0);
	ck_assert_int_eq(home_report(&fixture_report, &home, &own), 0);
	text = ask(60 * S);
	ck_has(text, "\"doubt\":null,\"verdict\":\"idle\"");
	free(text);
	report_release(&own);
	for (size_t i = 0; i < snapshot->process_count; i++)
		snapshot->processes[i].record.flags = HB_PROCESS_32BIT;
	ck_assert_int_eq(home_report(&fixture_report, &home, &own), 0);
	text = ask(60 * S);
	ck_has(text,
	       "\"doubt\":\"a 32-bit program runs, and hook tracepoint cannot see its reads\"");
	ck_has(text, "\"verdict\":\"unknown\"");
	ck_has(text, "\"idle_seconds\":null");
	free(text);
	report_release(&own);
	for (size_t i = 0; i < snapshot->process_count; i++)
		snapshot->processes[i].record.flags = 0;
	snapshot->complete = false;
	ck_assert_int_eq(home_report(&fixture_report, &home, &own), 0);
	text = ask(60 * S);
	ck_has(text, "\"verdict\":\"unknown\"");
	free(text);
}
END_TEST

/* Its own work, and that of no other workspace, in whatever group; but not whose. */
START_TEST(test_busy)
{
	uint64_t ids[16];
	struct home home;
	char *text;

	fill(ids);
	snapshot->meta.busy_for = 6 * 60 * 60;
	for (int i = 0; i < 2; i++) {
		struct snapshot_busy *busy = array_append(snapshot->busy, snapshot->busy_count);

		ck_assert_ptr_nonnull(busy);
		*busy = (struct snapshot_busy){
			.record = {.cgroup_id = fixture_id("/a"),
				   .account_id = fixture_id("/a"),
				   .pid = 4714,
				   .command = "secretwork"},
		};
		ck_assert_int_eq(busy_place(snapshot), 0);
		ck_assert_int_eq(home_find(snapshot, ids[4], &home), 0);
		ck_assert_int_eq(home_report(&fixture_report, &home, &own), 0);
		text = ask(60 * S);
		ck_has(text,
		       i ? "\"because\":\"busy\",\"idle_seconds\":0,\"busy_until_ns\":1700026608000000000,"
			 : "\"because\":\"key\"");
		ck_has(text, i ? "\"verdict\":\"active\"" : "\"verdict\":\"idle\"");
		ck_has_not(text, "secret");
		ck_has_not(text, "4714");
		free(text);
		report_release(&own);
		snapshot->busy[0].record.account_id = ids[4];
		snapshot->busy[0].record.cgroup_id = UNRECORDED;
	}
}
END_TEST

START_TEST(test_ids)
{
	static const struct {
		const char *path;
		const char *kind;
		const char *id;
	} homes[] = {
		{"docker/" ID(3), "container", ID(3)},
		{"x/" POD_, "pod", POD},
		{"y/user-54321.slice", "user", "54321"},
	};
	uint64_t ids[16];
	struct home home;
	uint64_t id;

	for (size_t i = 0; i < sizeof(homes) / sizeof(homes[0]); i++) {
		id = add_path(homes[i].path, ids);
		ck_assert_int_eq(home_find(snapshot, id, &home), 0);
		ck_assert_int_eq(home_report(&fixture_report, &home, &own), 0);
		ck_assert_str_eq(own.home, homes[i].kind);
		ck_assert_str_eq(own.home_id, homes[i].id);
		report_release(&own);
	}
}
END_TEST

Suite *home_suite(void)
{
	Suite *suite = suite_create("home");
	TCase *tcase = tcase_create("home");

	tcase_add_checked_fixture(tcase, start, end);
	tcase_add_loop_test(tcase, test_find, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tcase, test_find_nothing);
	tcase_add_test(tcase, test_report);
	tcase_add_test(tcase, test_verdict);
	tcase_add_test(tcase, test_doubt);
	tcase_add_test(tcase, test_busy);
	tcase_add_test(tcase, test_ids);
	suite_add_tcase(suite, tcase);
	return suite;
}
