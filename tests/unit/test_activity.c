// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Who was active when: reader/activity and reader/http/health.c */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <check.h>

#include "bpf/lib/clock.h"
#include "reader/activity/activity.h"
#include "reader/maps/coarse.h"
#include "reader/http/health.h"
#include "reader/maps/snapshot_sum.h"
#include "tests/unit/capture.h"
#include "tests/unit/suites.h"

#define S	  1000000000ULL
#define CONTAINER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define SCOPE	  "/pod/cri-containerd-" CONTAINER ".scope"

enum { NOW = 10000, LOADED = 1000, HIDDEN = 4242 };

static char root[] = "/tmp/hb-activity-XXXXXX";
static const char *const directories[] = {"/a",		 "/a/sub",	    "/ab", "/pod", SCOPE,
					  SCOPE "/init", "/user-1000.slice"};

enum { DIRECTORIES = sizeof(directories) / sizeof(directories[0]) };

static struct snapshot snapshot;
static struct cgroup_tree *tree;
static struct activity_answer answer;

static void make_tree(void)
{
	char path[512];

	ck_assert_ptr_nonnull(mkdtemp(root));
	for (int i = 0; i < DIRECTORIES; i++) {
		snprintf(path, sizeof(path), "%s%s", root, directories[i]);
		ck_assert_int_eq(mkdir(path, 0755), 0);
	}
}

static void remove_tree(void)
{
	char path[512];

	for (int i = DIRECTORIES - 1; i >= 0; i--) {
		snprintf(path, sizeof(path), "%s%s", root, directories[i]);
		rmdir(path);
	}
	rmdir(root);
}

/* Loaded long ago, with nothing seen yet. */
static void start(void)
{
	memset(&snapshot, 0, sizeof(snapshot));
	snapshot.exact = true;
	snapshot.taken_at = NOW * S;
	snapshot.offset_ns = 1700000000 * S + 123;
	snapshot.meta.rule = HB_RULE_ANY;
	snapshot.meta.loaded_at = snapshot.meta.updated_at = LOADED * S;
	ck_assert_int_eq(cgroup_tree_read(root, &tree), 0);
}

static void end(void)
{
	snapshot_release(&snapshot);
	cgroup_tree_free(tree);
}

static uint64_t id_of(const char *path)
{
	uint64_t id = cgroup_tree_id(tree, path);

	ck_assert_uint_ne(id, 0);
	return id;
}

/* Times in seconds. */
static void add_process(uint32_t pid, const char *command, uint64_t started, uint64_t beat,
			uint64_t key, uint64_t cgroup)
{
	struct hb_process record = {
		.start = started * S,
		.last_beat = beat * S,
		.last_key = key * S,
		.cgroup_id = cgroup,
	};

	memcpy(record.command, command, strnlen(command, sizeof(record.command)));
	ck_assert_int_eq(snapshot_add_process(&snapshot, &pid, &record), 0);
}

static void add_cgroup(uint64_t id, const char *name, uint64_t beat, uint64_t key)
{
	struct hb_cgroup record = {.last_beat = beat * S, .last_key = key * S};

	memcpy(record.name, name, strnlen(name, sizeof(record.name)));
	ck_assert_int_eq(snapshot_add_cgroup(&snapshot, &id, &record), 0);
}

static void add_program(const char *name, uint64_t beat)
{
	struct hb_program record = {.last_beat = beat * S};
	char key[HB_COMM_LEN] = {0};

	memcpy(key, name, strnlen(name, sizeof(key)));
	ck_assert_int_eq(snapshot_add_program(&snapshot, key, &record), 0);
}

static int find(const char *selector, const char *value)
{
	struct activity_query query = {.by = ACTIVITY_NODE};

	if (selector)
		ck_assert_int_eq(activity_query_add(&query, selector, value), 0);
	return activity_find(&snapshot, &query, tree, &answer);
}

/* @seconds, because of @because, and without doubt. */
static void ck_since(const char *selector, const char *value, uint64_t seconds,
		     enum activity_since because)
{
	ck_assert_int_eq(find(selector, value), 0);
	ck_assert_str_eq(answer.doubt, "");
	ck_assert_uint_eq(answer.activity.since / S, seconds);
	ck_assert_int_eq(answer.activity.because, because);
}

static const struct {
	const char *selector;
	const char *value;
	int result;
} queries[] = {
	{"cgroup", "/", 0},
	{"cgroup", "/user.slice/user-1000.slice", 0},
	{"cgroup", "/a..b/...", 0},
	{"cgroup", "", -EINVAL},
	{"cgroup", "user.slice", -EINVAL},
	{"cgroup", "/user.slice/", -EINVAL},
	{"cgroup", "//", -EINVAL},
	{"cgroup", "/a//b", -EINVAL},
	{"cgroup", "/a/./b", -EINVAL},
	{"cgroup", "/a/../../etc", -EINVAL},
	{"cgroup", "/a/..", -EINVAL},
	{"cgroup", "/.", -EINVAL},
	{"container", CONTAINER, 0},
	{"container", "fedcba987654", 0},
	{"container", "fedcba98765", -EINVAL},
	{"container", CONTAINER "0", -EINVAL},
	{"container", "FEDCBA987654", -EINVAL},
	{"container", "", -EINVAL},
	{"pid", "1", 0},
	{"pid", "2147483647", 0},
	{"pid", "2147483648", -EINVAL},
	{"pid", "0", -EINVAL},
	{"pid", "-1", -EINVAL},
	{"pid", "1 ", -EINVAL},
	{"pid", "", -EINVAL},
	{"uid", "0", -ENOENT},
};

START_TEST(test_query)
{
	struct activity_query query = {.by = ACTIVITY_NODE};

	ck_assert_int_eq(activity_query_add(&query, queries[_i].selector, queries[_i].value),
			 queries[_i].result);
	if (queries[_i].result < 0)
		ck_assert_int_eq(query.by, ACTIVITY_NODE);
	else
		ck_assert_int_eq(activity_query_add(&query, "pid", "1"), -EINVAL);
}
END_TEST

START_TEST(test_nothing_seen)
{
	ck_since(NULL, NULL, LOADED, ACTIVITY_SINCE_LOAD);
	ck_assert_uint_eq(answer.activity.last, 0);
	/* A cgroup in which nobody ever typed. */
	ck_since("cgroup", "/a", LOADED, ACTIVITY_SINCE_LOAD);
	ck_since("container", "fedcba987654", LOADED, ACTIVITY_SINCE_LOAD);
	/* A later load may have changed the rule. */
	snapshot.meta.updated_at = 2000 * S;
	ck_since(NULL, NULL, 2000, ACTIVITY_SINCE_LOAD);
}
END_TEST

/* An editor that is typed into, and a pager whose pipe never rests. */
static void add_typing_and_reading(void)
{
	add_process(10, "vim", 1500, 5000, 4000, id_of("/a/sub"));
	add_process(11, "less", 1600, 9999, 0, id_of("/ab"));
	add_cgroup(id_of("/a/sub"), "sub", 3000, 3000);
	add_cgroup(id_of("/ab"), "ab", 0, 0);
	ck_assert_int_eq(snapshot_sum(&snapshot), 0);
}

START_TEST(test_reads_where_keys_are_not_known)
{
	add_typing_and_reading();
	ck_since(NULL, NULL, 9999, ACTIVITY_SINCE_READ);
	ck_assert_uint_eq(answer.activity.pid, 11);
	ck_assert_str_eq(answer.activity.program, "less");
	ck_assert_uint_eq(answer.activity.last, 9999 * S);
	ck_since("cgroup", "/a", 5000, ACTIVITY_SINCE_READ);
	ck_assert_uint_eq(answer.activity.pid, 10);
	ck_assert_uint_eq(answer.activity.cgroup_id, id_of("/a/sub"));
}
END_TEST

START_TEST(test_keys_where_they_are_known)
{
	snapshot.meta.flags = HB_META_KEYS;
	add_typing_and_reading();
	ck_since(NULL, NULL, 4000, ACTIVITY_SINCE_KEY);
	ck_assert_uint_eq(answer.activity.pid, 10);
	ck_since("cgroup", "/ab", 1600, ACTIVITY_SINCE_START);
	ck_assert_uint_eq(answer.activity.last, 0);
	ck_assert_uint_eq(answer.activity.pid, 11);
}
END_TEST

START_TEST(test_below_and_beside)
{
	add_typing_and_reading();
	ck_since("cgroup", "/a/sub", 5000, ACTIVITY_SINCE_READ);
	ck_since("cgroup", "/", 9999, ACTIVITY_SINCE_READ);
	ck_since("cgroup", "/pod", LOADED, ACTIVITY_SINCE_LOAD);
	ck_assert_int_eq(find("cgroup", "/a/su"), -ENOENT);
	ck_assert_msg(strstr(answer.doubt, "no control group /a/su"), "%s", answer.doubt);
}
END_TEST

START_TEST(test_cgroup_outlives_its_processes)
{
	add_cgroup(id_of("/a"), "a", 7000, 6000);
	ck_since("cgroup", "/a", 7000, ACTIVITY_SINCE_READ);
	ck_assert_uint_eq(answer.activity.pid, 0);
	ck_assert_str_eq(answer.activity.program, "");
	snapshot.meta.flags = HB_META_KEYS;
	ck_since("cgroup", "/a", 6000, ACTIVITY_SINCE_KEY);
}
END_TEST

START_TEST(test_container)
{
	add_cgroup(id_of(SCOPE "/init"), "init", 7000, 0);
	add_cgroup(id_of("/ab"), "ab", 8000, 0);
	ck_since("container", CONTAINER, 7000, ACTIVITY_SINCE_READ);
	ck_since("container", "fedcba9876543", 7000, ACTIVITY_SINCE_READ);
	ck_assert_int_eq(find("container", "0999916789ab"), -ENOENT);
	ck_assert_msg(strstr(answer.doubt, "no container 0999916789ab"), "%s", answer.doubt);
}
END_TEST

START_TEST(test_process)
{
	char me[16];

	snprintf(me, sizeof(me), "%d", getpid());
	add_process((uint32_t)getpid(), "vim", 1500, 5000, 0, HIDDEN);
	add_process(INT32_MAX, "vim", 1500, 9000, 0, HIDDEN);
	/* Records that did not fit are not those that are there. */
	snapshot.stats[HB_STAT_REFUSED_PROCESSES] = 1;
	ck_since("pid", me, 5000, ACTIVITY_SINCE_READ);
	snapshot.processes[0].record.last_beat = 0;
	ck_since("pid", me, 1500, ACTIVITY_SINCE_START);
	snapshot.processes[0].record.start = 0;
	ck_since("pid", me, LOADED, ACTIVITY_SINCE_LOAD);
	ck_assert_int_eq(find("pid", "1"), -ENOENT);
	ck_assert_msg(strstr(answer.doubt, "hb-read explain 1"), "%s", answer.doubt);
	/* No process has this number: its record waits for the collection. */
	ck_assert_int_eq(find("pid", "2147483647"), -ENOENT);
}
END_TEST

START_TEST(test_programs_remember_removed_cgroups)
{
	add_program("vim", 8000);
	add_process(10, "less", 1500, 9000, 2000, id_of("/a"));
	snapshot.meta.flags = HB_META_KEYS;
	ck_assert_int_eq(snapshot_sum(&snapshot), 0);
	/* What lives has its own record: that of its program must not count its reads as keys. */
	ck_since(NULL, NULL, 8000, ACTIVITY_SINCE_READ);
	ck_assert_str_eq(answer.activity.program, "vim");
	ck_assert_uint_eq(answer.activity.pid, 0);
	ck_since("cgroup", "/", 2000, ACTIVITY_SINCE_KEY);
	snapshot.meta.rule = HB_RULE_KEYS;
	ck_since(NULL, NULL, 8000, ACTIVITY_SINCE_KEY);
	ck_assert_uint_eq(activity_last(&snapshot), 8000 * S);
}
END_TEST

/* Whoever lists hb-read: asking must not keep alive. */
START_TEST(test_own_name)
{
	char name[HB_COMM_LEN] = {0};

	prctl(PR_GET_NAME, name);
	add_process(10, name, 9999, 9999, 9999, id_of("/a"));
	add_program(name, 9999);
	ck_assert_int_eq(snapshot_sum(&snapshot), 0);
	ck_since(NULL, NULL, LOADED, ACTIVITY_SINCE_LOAD);
	ck_since("cgroup", "/a", LOADED, ACTIVITY_SINCE_LOAD);
}
END_TEST

START_TEST(test_doubts)
{
	struct activity_query query = {.by = ACTIVITY_NODE, .blind = "the hooks are gone"};

	ck_assert_int_eq(activity_find(&snapshot, &query, tree, &answer), 0);
	ck_assert_str_eq(answer.doubt, "the hooks are gone");
	ck_assert_uint_eq(answer.doubt_until, UINT64_MAX);
	snapshot.stats[HB_STAT_REFUSED_CGROUPS] = 2;
	snapshot.stats[HB_STAT_REFUSED_PROCESSES] = 3;
	ck_assert_int_eq(find("cgroup", "/a"), 0);
	ck_assert_msg(strncmp(answer.doubt, "5 processes", 11) == 0, "%s", answer.doubt);
	snapshot.stats[HB_STAT_REFUSED_CGROUPS] = 0;
	snapshot.stats[HB_STAT_REFUSED_PROCESSES] = 0;
	snapshot.exact = false;
	ck_assert_int_eq(find(NULL, NULL), 0);
	ck_assert_msg(strstr(answer.doubt, "faster"), "%s", answer.doubt);
	/* That there is no such cgroup is the better reason. */
	ck_assert_int_eq(find("cgroup", "/b"), -ENOENT);
	ck_assert_msg(strstr(answer.doubt, "no control group"), "%s", answer.doubt);
}
END_TEST

/* A cgroup that a namespace hides may belong to any. */
START_TEST(test_hidden_cgroup)
{
	add_cgroup(HIDDEN, "cri-containerd-" CONTAINER ".scope", 6000, 0);
	add_cgroup(id_of("/a"), "a", 5000, 0);
	ck_assert_int_eq(snapshot_sum(&snapshot), 0);
	ck_assert_int_eq(find("cgroup", "/a"), 0);
	ck_assert_uint_eq(answer.activity.since, 5000 * S);
	ck_assert_msg(strstr(answer.doubt, "control group 4242"), "%s", answer.doubt);
	ck_assert_uint_eq(answer.doubt_until, 6000 * S);
	/* By the name of its leaf it is this container's. */
	ck_since("container", CONTAINER, 6000, ACTIVITY_SINCE_READ);
	/* All are below the root; and what was earlier changes no answer. */
	ck_since("cgroup", "/", 6000, ACTIVITY_SINCE_READ);
	snapshot_trim(&snapshot);
	add_cgroup(HIDDEN, "x", 4000, 0);
	add_cgroup(id_of("/a"), "a", 5000, 0);
	ck_assert_int_eq(snapshot_sum(&snapshot), 0);
	ck_since("cgroup", "/a", 5000, ACTIVITY_SINCE_READ);
}
END_TEST

START_TEST(test_no_hierarchy)
{
	cgroup_tree_free(tree);
	ck_assert_int_eq(cgroup_tree_read(NULL, &tree), 0);
	add_cgroup(1, "", 5000, 0);
	ck_assert_int_eq(find("cgroup", "/a"), -EOPNOTSUPP);
	ck_assert_msg(strstr(answer.doubt, "cannot be told apart"), "%s", answer.doubt);
	ck_assert_int_eq(find("container", CONTAINER), -EOPNOTSUPP);
	ck_since(NULL, NULL, 5000, ACTIVITY_SINCE_READ);
}
END_TEST

static char *print(const char *selector, const char *value, bool detailed, int expected)
{
	struct activity_query query = {.by = ACTIVITY_NODE};
	char *text = NULL;
	size_t length;
	FILE *stream;

	if (selector)
		ck_assert_int_eq(activity_query_add(&query, selector, value), 0);
	stream = open_memstream(&text, &length);
	ck_assert_ptr_nonnull(stream);
	ck_assert_int_eq(activity_print(&snapshot, &query, tree, detailed, stream), expected);
	fclose(stream);
	ck_assert_ptr_nonnull(text);
	ck_assert_uint_gt(length, 0);
	ck_assert(text[length - 1] == '\n' && !memchr(text, '\n', length - 1));
	return text;
}

static void ck_has(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part), "no '%s' in %s", part, text);
}

static void ck_has_not(const char *text, const char *part)
{
	ck_assert_msg(!strstr(text, part), "'%s' in %s", part, text);
}

static void add_secrets(void)
{
	add_process(99991, "<script>", 1503, 5005, 0, id_of("/user-1000.slice"));
	add_process(99992, "vim", 1503, 5002, 0, id_of(SCOPE));
	add_cgroup(id_of(SCOPE), "cri-containerd-" CONTAINER ".scope", 0, 0);
	snapshot.processes[0].record.uid = 99993;
	snapshot.processes[0].record.tty = 136 << 20 | 77;
	ck_assert_int_eq(snapshot_sum(&snapshot), 0);
}

START_TEST(test_json_in_detail)
{
	char *text;

	add_secrets();
	text = print(NULL, NULL, true, 0);
	ck_has(text, "{\"v\":1,\"type\":\"activity\",\"node\":\"");
	ck_has(text,
	       "\"rule\":\"any\",\"source\":\"read\",\"watching_since_ns\":1700001000000000123");
	ck_has(text, "\"select\":null,\"last_activity_ns\":1700005005000000123,");
	ck_has(text,
	       "\"because\":\"read\",\"idle_seconds\":4995.000,\"program\":\"<script>\",\"pid\":99991,\"doubt\":null");
	ck_has(text, "\"container\":\"" CONTAINER "\"");
	ck_has(text, "\"path\":\"/user-1000.slice\"");
	ck_has(text, "\"processes\":[{\"pid\":99992,\"program\":\"vim\"");
	free(text);
	text = print("pid", "99992", true, -ENOENT);
	ck_has(text, "{\"v\":1,\"type\":\"error\",\"error\":\"process 99992 is none");
	free(text);
}
END_TEST

/* What anybody may know. */
START_TEST(test_json_coarse)
{
	char *text;
	char *again;

	add_secrets();
	text = print(NULL, NULL, false, 0);
	ck_has_not(text, "99991");
	ck_has_not(text, "99992");
	ck_has_not(text, "99993");
	ck_has_not(text, "script");
	ck_has_not(text, "vim");
	ck_has_not(text, "pts");
	ck_has_not(text, "user-1000");
	ck_has_not(text, "\"pid\"");
	/* 5005 is told as 5000; and idle for no longer than it is. */
	ck_has(text, "\"last_activity_ns\":1700005000000000000,");
	ck_has(text, "\"idle_seconds\":4992,\"doubt\":null");
	/* Keys a second apart, and more, cannot be told apart. */
	for (uint64_t second = 5000; second < 5008; second++) {
		snapshot.processes[0].record.last_beat = second * S + 999;
		again = print(NULL, NULL, false, 0);
		ck_assert_str_eq(again, text);
		free(again);
	}
	snapshot.processes[0].record.last_beat = 5008 * S;
	again = print(NULL, NULL, false, 0);
	ck_assert_str_ne(again, text);
	free(again);
	free(text);
}
END_TEST

START_TEST(test_json_selected)
{
	char *text;

	add_secrets();
	text = print("container", CONTAINER, false, 0);
	ck_has(text,
	       "\"select\":{\"container\":\"" CONTAINER "\"},\"last_activity_ns\":1700005000");
	ck_has_not(text, "\"path\":null");
	free(text);
	text = print("cgroup", "/ab", true, 0);
	ck_has(text,
	       "\"select\":{\"cgroup\":\"/ab\"},\"last_activity_ns\":null,\"last_activity\":null");
	ck_has(text, "\"because\":\"load\",\"idle_seconds\":9000.000");
	ck_has(text, "\"cgroups\":[]}");
	free(text);
	snapshot.stats[HB_STAT_REFUSED_CGROUPS] = 1;
	text = print("cgroup", "/ab", true, 0);
	ck_has(text, "\"idle_seconds\":null");
	ck_has(text, "\"doubt\":\"1 processes or control groups");
	free(text);
}
END_TEST

/* What is refused before anything is looked up. */
START_TEST(test_not_for_anybody)
{
	static const struct activity_query refused[] = {
		{.by = ACTIVITY_PID, .pid = 1},
		{.by = ACTIVITY_CGROUP, .name = "/user.slice/user-1000.slice"},
	};
	char text[512];

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		FILE *stream = fmemopen(text, sizeof(text), "w");

		ck_assert_int_eq(activity_write(&snapshot, &refused[i], false, stream), -EACCES);
		fclose(stream);
		ck_has(text, "\"error\":");
		ck_has(text, "over the unix socket alone");
	}
}
END_TEST

static const struct {
	uint64_t beat; /* seconds; 0: no snapshot */
	const char *blind;
	bool detailed;
	const char *text;
} healths[] = {
	{5005, NULL, true, "{\"status\":\"alive\",\"lastHeartbeat\":1700005005000}\n"},
	{5005, NULL, false, "{\"status\":\"alive\",\"lastHeartbeat\":1700005000000}\n"},
	{0, NULL, true, "{\"status\":\"alive\",\"lastHeartbeat\":0}\n"},
	{5005, "a \"hook\"", true,
	 "{\"status\":\"expired\",\"lastHeartbeat\":1700005005000,\"reason\":\"a \\\"hook\\\"\"}\n"},
	{0, "nothing is loaded", false,
	 "{\"status\":\"expired\",\"lastHeartbeat\":0,\"reason\":\"nothing is loaded\"}\n"},
};

START_TEST(test_health)
{
	char text[512];
	FILE *stream = fmemopen(text, sizeof(text), "w");
	bool alive;

	if (healths[_i].beat)
		add_process(1, "vim", 1500, healths[_i].beat, 0, HIDDEN);
	alive = health_write(healths[_i].beat || !healths[_i].blind ? &snapshot : NULL,
			     healths[_i].blind, healths[_i].detailed, stream);
	fclose(stream);
	ck_assert(alive == !healths[_i].blind);
	ck_assert_str_eq(text, healths[_i].text);
}
END_TEST

START_TEST(test_coarse)
{
	ck_assert_uint_eq(coarse_boot_ns(0), 0);
	ck_assert_uint_eq(coarse_boot_ns(8 * S - 1), 0);
	ck_assert_uint_eq(coarse_boot_ns(8 * S), 8 * S);
	ck_assert_uint_eq(coarse_boot_ns(23 * S + 5), 16 * S);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

Suite *activity_suite(void)
{
	Suite *suite = suite_create("activity");
	TCase *tcase = tcase_create("activity");

	tcase_add_unchecked_fixture(tcase, make_tree, remove_tree);
	tcase_add_checked_fixture(tcase, start, end);
	tcase_add_loop_test(tcase, test_query, 0, COUNT(queries));
	tcase_add_test(tcase, test_nothing_seen);
	tcase_add_test(tcase, test_reads_where_keys_are_not_known);
	tcase_add_test(tcase, test_keys_where_they_are_known);
	tcase_add_test(tcase, test_below_and_beside);
	tcase_add_test(tcase, test_cgroup_outlives_its_processes);
	tcase_add_test(tcase, test_container);
	tcase_add_test(tcase, test_process);
	tcase_add_test(tcase, test_programs_remember_removed_cgroups);
	tcase_add_test(tcase, test_own_name);
	tcase_add_test(tcase, test_doubts);
	tcase_add_test(tcase, test_hidden_cgroup);
	tcase_add_test(tcase, test_no_hierarchy);
	tcase_add_test(tcase, test_json_in_detail);
	tcase_add_test(tcase, test_json_coarse);
	tcase_add_test(tcase, test_json_selected);
	tcase_add_test(tcase, test_not_for_anybody);
	tcase_add_loop_test(tcase, test_health, 0, COUNT(healths));
	tcase_add_test(tcase, test_coarse);
	suite_add_tcase(suite, tcase);
	return suite;
}
