// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <check.h>

#include "tests/unit/fixture.h"

static const char *const directories[] = {"/a",		 "/a/sub",	    "/ab", "/pod", SCOPE,
					  SCOPE "/init", "/user-1000.slice"};

enum { DIRECTORIES = sizeof(directories) / sizeof(directories[0]) };

#define ROOT "/tmp/hb-unit-XXXXXX"

char fixture_root[] = ROOT;
struct report fixture_report;
struct cgroup_tree *fixture_tree;

void fixture_make_tree(void)
{
	char path[512];

	strcpy(fixture_root, ROOT);
	ck_assert_ptr_nonnull(mkdtemp(fixture_root));
	for (int i = 0; i < DIRECTORIES; i++) {
		snprintf(path, sizeof(path), "%s%s", fixture_root, directories[i]);
		ck_assert_int_eq(mkdir(path, 0755), 0);
	}
}

void fixture_remove_tree(void)
{
	char path[512];

	for (int i = DIRECTORIES - 1; i >= 0; i--) {
		snprintf(path, sizeof(path), "%s%s", fixture_root, directories[i]);
		rmdir(path);
	}
	rmdir(fixture_root);
}

/* Loaded long ago, with nothing seen yet. */
void fixture_start(void)
{
	struct snapshot *snapshot = &fixture_report.snapshot;

	memset(&fixture_report, 0, sizeof(fixture_report));
	snapshot->exact = true;
	snapshot->taken_at = NOW * S;
	snapshot->offset_ns = 1700000000 * S + 123;
	snapshot->meta.rule = HB_RULE_ANY;
	snapshot->meta.loaded_at = snapshot->meta.updated_at = LOADED * S;
	ck_assert_int_eq(cgroup_tree_read(fixture_root, &fixture_tree), 0);
	ck_assert_int_eq(cgroup_tree_read(fixture_root, &fixture_report.tree), 0);
}

void fixture_end(void)
{
	report_release(&fixture_report);
	cgroup_tree_free(fixture_tree);
}

uint64_t fixture_id(const char *path)
{
	uint64_t id = cgroup_tree_id(fixture_tree, path);

	ck_assert_uint_ne(id, 0);
	return id;
}

void add_process(uint32_t pid, const char *command, uint64_t started, uint64_t beat, uint64_t key,
		 uint64_t cgroup)
{
	struct hb_process record = {
		.start = started * S,
		.last_beat = beat * S,
		.last_key = key * S,
		.cgroup_id = cgroup,
	};

	memcpy(record.command, command, strnlen(command, sizeof(record.command)));
	ck_assert_int_eq(snapshot_add_process(&fixture_report.snapshot, &pid, &record), 0);
}

void add_cgroup(uint64_t id, const char *name, uint64_t beat, uint64_t key)
{
	struct hb_cgroup record = {.last_beat = beat * S, .last_key = key * S};

	memcpy(record.name, name, strnlen(name, sizeof(record.name)));
	ck_assert_int_eq(snapshot_add_cgroup(&fixture_report.snapshot, &id, &record), 0);
}

void add_program(const char *name, uint64_t beat)
{
	struct hb_program record = {.last_beat = beat * S};
	char key[HB_COMM_LEN] = {0};

	memcpy(key, name, strnlen(name, sizeof(key)));
	ck_assert_int_eq(snapshot_add_program(&fixture_report.snapshot, key, &record), 0);
}

void ck_has(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part), "no '%s' in %s", part, text);
}

void ck_has_not(const char *text, const char *part)
{
	ck_assert_msg(!strstr(text, part), "'%s' in %s", part, text);
}
