// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Control groups that claim to be containers: reader/maps/claims.c */
#include <errno.h>
#include <string.h>

#include <check.h>

#include "reader/activity/activity.h"
#include "reader/maps/claims.h"
#include "tests/unit/fixture.h"
#include "tests/unit/suites.h"

#define OTHER "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
/* It begins like CONTAINER. */
#define ALIKE "fedcba98765400000000000000000000000000000000000000000000000000ff"
#define TASK  "0123456789abcdef0123456789abcdef"
#define POD   "abcdef01-2345-6789-abcd-ef0123456789"

enum { USER = 1000, MADE_AT = 2000 };

static struct snapshot *const snapshot = &fixture_report.snapshot;

/* Add a control group that user @uid made. @birth is 0 if that was before the load: then @uid owns it. */
static uint64_t made_by(uint32_t uid, uint64_t parent, const char *name, uint64_t birth)
{
	uint64_t id = add_cgroup(parent, name);
	struct hb_cgroup *record = &snapshot->cgroups[snapshot->cgroup_count - 1].record;

	record->uid = uid;
	record->birth = birth * S;
	return id;
}

static bool is_believed(uint64_t id)
{
	char container[CGROUP_CONTAINER_LEN];

	return claims_container(snapshot, id, container) == 0;
}

/* What `hb-read idle --container` finds. Each group has a key, at the time that is its id. */
static int find(const char *container, struct activity_answer *answer)
{
	struct activity_query query = {.by = ACTIVITY_NODE};

	for (size_t i = 0; i < snapshot->cgroup_count; i++)
		snapshot->cgroups[i].record.last_key = (MADE_AT + snapshot->cgroups[i].id) * S;
	ck_assert_int_eq(claims_judge(snapshot), 0);
	ck_assert_int_eq(activity_query_add(&query, "container", container), 0);
	return activity_find(snapshot, &query, answer);
}

static void finds(const char *container, uint64_t id)
{
	struct activity_answer answer;

	ck_assert_int_eq(find(container, &answer), 0);
	ck_assert_uint_eq(answer.activity.cgroup_id, id);
	ck_assert(is_believed(id));
}

static void finds_none(const char *container)
{
	struct activity_answer answer;

	ck_assert_int_eq(find(container, &answer), -ENOENT);
	ck_has(answer.doubt, "several control groups have the name of container");
	ck_has(answer.doubt, container);
	ck_assert_uint_eq(answer.doubt_until, UINT64_MAX);
}

/* In the tree that belongs to a user. */
static uint64_t home_of_user(void)
{
	return made_by(0, 1, "user-1000.slice", MADE_AT);
}

START_TEST(test_user_cannot_be_the_container_of_another)
{
	uint64_t victim = fixture_id(SCOPE "/init");
	uint64_t forged = made_by(USER, home_of_user(), "docker-" CONTAINER ".scope", MADE_AT);

	finds(CONTAINER, victim);
	finds("fedcba987654", victim);
	ck_assert(!is_believed(forged));
}
END_TEST

START_TEST(test_user_cannot_have_an_id_that_begins_alike)
{
	uint64_t forged = made_by(USER, home_of_user(), ALIKE, MADE_AT);

	finds("fedcba987654", fixture_id(SCOPE "/init"));
	ck_assert(!is_believed(forged));
}
END_TEST

/* Engines that run without privileges. */
START_TEST(test_container_of_a_user)
{
	uint64_t id = made_by(USER, home_of_user(), "libpod-" OTHER ".scope", MADE_AT);
	char container[CGROUP_CONTAINER_LEN];

	finds(OTHER, id);
	ck_assert_int_eq(claims_container(snapshot, id, container), 0);
	ck_assert_str_eq(container, OTHER);
	ck_assert(is_believed(fixture_id(SCOPE)));
}
END_TEST

START_TEST(test_two_users_have_the_same_container)
{
	made_by(USER, home_of_user(), "libpod-" OTHER ".scope", MADE_AT);
	made_by(USER + 1, 1, "libpod-" OTHER ".scope", MADE_AT);
	finds_none(OTHER);
	finds_none("0123456789ab");
	finds(CONTAINER, fixture_id(SCOPE "/init"));
}
END_TEST

START_TEST(test_container_cannot_be_another_from_inside)
{
	uint64_t box = made_by(0, 1, "docker-" OTHER ".scope", MADE_AT);
	uint64_t forged = made_by(0, box, "docker-" CONTAINER ".scope", MADE_AT);
	char container[CGROUP_CONTAINER_LEN];

	finds(CONTAINER, fixture_id(SCOPE "/init"));
	ck_assert_int_eq(claims_container(snapshot, forged, container), 0);
	ck_assert_str_eq(container, OTHER);
}
END_TEST

START_TEST(test_container_within_a_container)
{
	uint64_t inner = made_by(0, fixture_id(SCOPE), OTHER, MADE_AT);
	uint64_t below = made_by(0, inner, "init.scope", MADE_AT);
	char container[CGROUP_CONTAINER_LEN];

	finds(OTHER, below);
	ck_assert_int_eq(claims_container(snapshot, below, container), 0);
	ck_assert_str_eq(container, OTHER);
	/* It belongs to the outer one as well. */
	finds(CONTAINER, below);
}
END_TEST

/* The group of a container belongs to its own root, if that is another user outside. */
START_TEST(test_owner_before_the_load)
{
	uint64_t engine = made_by(0, 1, "machine.slice", 0);
	uint64_t box = made_by(100000, engine, "libpod-" OTHER ".scope", 0);
	uint64_t users = made_by(USER, 1, "user@1000.service", 0);
	uint64_t forged = made_by(USER, users, "docker-" OTHER ".scope", 0);

	finds(OTHER, box);
	ck_assert(!is_believed(forged));
}
END_TEST

/* systemd makes it as root, and gives it away. What is in it is the user's all the same. */
START_TEST(test_owner_after_the_load)
{
	uint64_t users = made_by(0, 1, "user@1000.service", MADE_AT);
	uint64_t forged = made_by(USER, users, "docker-" CONTAINER ".scope", MADE_AT);

	finds(CONTAINER, fixture_id(SCOPE "/init"));
	ck_assert(!is_believed(forged));
}
END_TEST

START_TEST(test_containers_of_a_task)
{
	uint64_t first = made_by(0, 1, TASK "-1234567890", MADE_AT);
	uint64_t second = made_by(0, 1, TASK "-1234567891", MADE_AT);

	finds(TASK "-1234567890", first);
	/* All containers of the task. */
	finds(TASK, second);
	ck_assert(is_believed(first));
}
END_TEST

START_TEST(test_pod)
{
	uint64_t pods = made_by(0, 1, "kubepods", MADE_AT);
	uint64_t real = made_by(0, pods, "pod" POD, MADE_AT);
	uint64_t box = made_by(0, real, OTHER, MADE_AT);
	uint64_t forged = made_by(USER, home_of_user(), "pod" POD, MADE_AT);
	struct activity_query query = {.by = ACTIVITY_NODE};
	struct activity_answer answer;
	char pod[CGROUP_POD_LEN];

	ck_assert_int_eq(claims_judge(snapshot), 0);
	snapshot_find_cgroup(snapshot, box)->record.last_key = MADE_AT * S + 1;
	snapshot_find_cgroup(snapshot, forged)->record.last_key = MADE_AT * S + 2;
	ck_assert_int_eq(activity_query_add(&query, "pod", POD), 0);
	ck_assert_int_eq(activity_find(snapshot, &query, &answer), 0);
	ck_assert_uint_eq(answer.activity.cgroup_id, box);
	ck_assert_int_eq(claims_pod(snapshot, box, pod), 0);
	ck_assert_str_eq(pod, POD);
	ck_assert_int_eq(claims_pod(snapshot, forged, pod), -ENOENT);
	ck_assert_str_eq(pod, "");
	ck_assert_int_eq(claims_pod(snapshot, UNRECORDED, pod), -ENOENT);
}
END_TEST

static const struct hb_cgroup *find_record(const void *data, uint64_t id)
{
	static struct hb_cgroup record;
	const struct snapshot_cgroup *cgroup = snapshot_find_cgroup(data, id);

	/* Each call replaces the record of the last one, as in reader/lines/beat_source.c. */
	if (cgroup)
		record = cgroup->record;
	return cgroup ? &record : NULL;
}

START_TEST(test_container_of_root)
{
	uint64_t users = home_of_user();
	uint64_t forged = made_by(USER, users, OTHER, MADE_AT);
	uint64_t old = made_by(USER, made_by(0, 1, "old", 0), OTHER, 0);
	uint64_t within = made_by(USER, fixture_id(SCOPE), OTHER, MADE_AT);
	char container[CGROUP_CONTAINER_LEN];

	ck_assert_int_eq(claims_container_of_root(find_record, snapshot, forged, container),
			 -ENOENT);
	ck_assert_str_eq(container, "");
	ck_assert_int_eq(claims_container_of_root(find_record, snapshot, old, container), 0);
	ck_assert_str_eq(container, OTHER);
	ck_assert_int_eq(claims_container_of_root(find_record, snapshot, within, container), 0);
	ck_assert_str_eq(container, CONTAINER);
	ck_assert_int_eq(claims_container_of_root(find_record, snapshot, UNRECORDED, container),
			 -ENOENT);
}
END_TEST

Suite *claims_suite(void)
{
	Suite *suite = suite_create("claims");
	TCase *tcase = tcase_create("claims");

	tcase_add_checked_fixture(tcase, fixture_start, fixture_end);
	tcase_add_test(tcase, test_user_cannot_be_the_container_of_another);
	tcase_add_test(tcase, test_user_cannot_have_an_id_that_begins_alike);
	tcase_add_test(tcase, test_container_of_a_user);
	tcase_add_test(tcase, test_two_users_have_the_same_container);
	tcase_add_test(tcase, test_container_cannot_be_another_from_inside);
	tcase_add_test(tcase, test_container_within_a_container);
	tcase_add_test(tcase, test_owner_before_the_load);
	tcase_add_test(tcase, test_owner_after_the_load);
	tcase_add_test(tcase, test_containers_of_a_task);
	tcase_add_test(tcase, test_pod);
	tcase_add_test(tcase, test_container_of_root);
	suite_add_tcase(suite, tcase);
	return suite;
}
