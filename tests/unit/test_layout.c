// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Compares the tables of bpf/README.md with the BPF object. Run it at the top of the tree. */
#include <stdio.h>
#include <string.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <check.h>

#include "heartbeat.skel.h"

#include "tests/unit/suites.h"

static void check_map(const struct bpf_object *object, const char *pin, size_t key, size_t value)
{
	const char *slash = strrchr(pin, '/');
	const struct bpf_map *map;

	map = bpf_object__find_map_by_name(object, slash ? slash + 1 : pin);
	ck_assert_msg(map && bpf_map__key_size(map) == key && bpf_map__value_size(map) == value,
		      "row of map %s", pin);
}

static void check_field(const struct btf *btf, const struct btf_member *member, const char *name,
			size_t offset, size_t size)
{
	ck_assert_str_eq(name, btf__name_by_offset(btf, member->name_off));
	ck_assert_msg(member->offset == offset * 8, "offset of %s", name);
	ck_assert_msg(btf__resolve_size(btf, member->type) == (__s64)size, "size of %s", name);
}

START_TEST(readme_describes_the_layout)
{
	struct heartbeat_bpf *skeleton = heartbeat_bpf__open();
	const struct btf *btf = bpf_object__btf(skeleton->obj);
	FILE *file = fopen("bpf/README.md", "re");
	const struct btf_type *record = NULL; /* described below the last heading */
	unsigned int fields = 0;	      /* of it, described so far */
	unsigned int records = 0;
	char line[1024];
	char name[64];
	size_t first;
	size_t second;

	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file)) {
		if (line[0] == '#') {
			ck_assert_msg(!record || fields == btf_vlen(record),
				      "fields missing before %s", line);
			fields = 0;
			record = NULL;
		}
		if (sscanf(line, "### `struct %63[a-z_]`%*[^(](%zu", name, &first) == 2) {
			record = btf__type_by_id(btf, (__u32)btf__find_by_name(btf, name));
			ck_assert_msg(record && record->size == first, "size of %s", name);
			records++;
		}
		if (sscanf(line, "| `%63[^`]` | %zu | %zu |", name, &first, &second) != 3)
			continue;
		if (record && fields < btf_vlen(record))
			check_field(btf, &btf_members(record)[fields++], name, first, second);
		else
			check_map(skeleton->obj, name, first, second);
	}
	ck_assert_uint_eq(records, 6);
	fclose(file);
	heartbeat_bpf__destroy(skeleton);
}
END_TEST

Suite *layout_suite(void)
{
	Suite *suite = suite_create("layout");
	TCase *test_case = tcase_create("README");

	tcase_add_test(test_case, readme_describes_the_layout);
	suite_add_tcase(suite, test_case);
	return suite;
}
