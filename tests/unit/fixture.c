// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include <check.h>

#include "reader/maps/cgroup_tree.h"
#include "tests/unit/fixture.h"

struct report fixture_report;

static struct snapshot *const snapshot = &fixture_report.snapshot;

/* Loaded long ago, with nothing seen yet. */
void fixture_start(void)
{
	uint64_t root;
	uint64_t a;
	uint64_t pod;

	memset(&fixture_report, 0, sizeof(fixture_report));
	fixture_report.node = "node";
	snapshot->exact = true;
	snapshot->complete = true;
	snapshot->taken_at = NOW * S;
	snapshot->offset_ns = 1700000000 * S + 123;
	snapshot->meta.rule = HB_RULE_ANY;
	snapshot->meta.loaded_at = snapshot->meta.updated_at = LOADED * S;
	snapshot->meta.changed_at = LOADED * S;
	root = add_cgroup(0, "");
	a = add_cgroup(root, "a");
	add_cgroup(a, "sub");
	add_cgroup(root, "ab");
	pod = add_cgroup(root, "pod");
	add_cgroup(add_cgroup(pod, strrchr(SCOPE, '/') + 1), "init");
	add_cgroup(root, "user-1000.slice");
}

void fixture_end(void)
{
	report_release(&fixture_report);
}

uint64_t fixture_id(const char *path)
{
	uint64_t id = cgroup_tree_id(snapshot, path);

	ck_assert_uint_ne(id, 0);
	return id;
}

struct hb_cgroup *fixture_cgroup(const char *path)
{
	return &snapshot_find_cgroup(snapshot, fixture_id(path))->record;
}

uint64_t add_cgroup(uint64_t parent, const char *name)
{
	struct hb_cgroup record = {.parent_id = parent};
	uint64_t id = 1;

	if (snapshot->cgroup_count > 0)
		id = snapshot->cgroups[snapshot->cgroup_count - 1].id + 1;
	memcpy(record.name, name, strlen(name));
	ck_assert_int_eq(snapshot_add_cgroup(snapshot, &id, &record), 0);
	return id;
}

struct hb_process *add_process(uint32_t pid, const char *command, uint64_t opened, uint64_t key,
			       uint64_t cgroup)
{
	struct hb_process record = {
		.start = opened * S,
		.opened_at = opened * S,
		.last_beat = key * S,
		.last_key = key * S,
		.cgroup_id = cgroup,
		.account_id = cgroup,
	};

	memcpy(record.command, command, strnlen(command, sizeof(record.command)));
	ck_assert_int_eq(snapshot_add_process(snapshot, &pid, &record), 0);
	return &snapshot->processes[snapshot->process_count - 1].record;
}

void add_program(const char *name, uint64_t opened, uint64_t key)
{
	struct hb_program record = {
		.opened_at = opened * S,
		.last_beat = key * S,
		.last_key = key * S,
	};
	char padded[HB_COMM_LEN] = {0};

	memcpy(padded, name, strnlen(name, sizeof(padded)));
	ck_assert_int_eq(snapshot_add_program(snapshot, padded, &record), 0);
}

void ck_has(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part), "no '%s' in %s", part, text);
}

void ck_has_not(const char *text, const char *part)
{
	ck_assert_msg(!strstr(text, part), "'%s' in %s", part, text);
}
