// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The kernel's types, in small: loader/vmlinux.c, loader/subset.c, loader/names.c */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>
#include <check.h>

#include "loader/names.h"
#include "loader/subset.h"
#include "loader/vmlinux.h"
#include "tests/unit/suites.h"

/* More types than lie between two whose place is noted. */
enum { FILLERS = 200 };

static struct btf *kernel_btf;
static char *data;
static uint32_t size;
static struct vmlinux kernel;
static int fd_type;
static int task_type;

/* Types of a kernel, of each kind that structures can consist of. */
static void add_task(struct btf *btf, int number)
{
	int value = btf__add_struct(btf, "", 4);
	int kuid;
	int either;
	int comm;
	int character;
	int state;
	int pointer;

	ck_assert_int_eq(btf__add_field(btf, "val", number, 0, 0), 0);
	kuid = btf__add_typedef(btf, "kuid_t", value);
	kuid = btf__add_const(btf, kuid);
	either = btf__add_union(btf, "", 8);
	ck_assert_int_eq(btf__add_field(btf, "uid", kuid, 0, 0), 0);
	ck_assert_int_eq(btf__add_field(btf, "unwanted", number, 0, 0), 0);
	character = btf__add_int(btf, "char", 1, BTF_INT_CHAR);
	comm = btf__add_array(btf, number, character, 16);
	state = btf__add_enum(btf, "state", 4);
	ck_assert_int_eq(btf__add_enum_value(btf, "RUNNING", 0), 0);
	pointer = btf__add_ptr(btf, fd_type);
	task_type = btf__add_struct(btf, "task", 64);
	ck_assert_int_eq(btf__add_field(btf, "unwanted_too", either, 0, 0), 0);
	ck_assert_int_eq(btf__add_field(btf, "", either, 64, 0), 0);
	ck_assert_int_eq(btf__add_field(btf, "comm", comm, 128, 0), 0);
	ck_assert_int_eq(btf__add_field(btf, "state", state, 256, 0), 0);
	ck_assert_int_eq(btf__add_field(btf, "bits", number, 288, 3), 0);
	ck_assert_int_eq(btf__add_field(btf, "file", pointer, 320, 0), 0);
}

static void setup(void)
{
	char name[32];
	const void *raw;
	int number;

	kernel_btf = btf__new_empty();
	ck_assert_ptr_nonnull(kernel_btf);
	number = btf__add_int(kernel_btf, "unsigned int", 4, 0);
	for (int i = 0; i < FILLERS; i++) {
		snprintf(name, sizeof(name), "filler%d", i);
		ck_assert_int_ge(btf__add_struct(kernel_btf, name, 8), 0);
		ck_assert_int_eq(btf__add_field(kernel_btf, "comm", number, 0, 0), 0);
		ck_assert_int_eq(btf__add_field(kernel_btf, "uid", number, 32, 0), 0);
	}
	fd_type = btf__add_struct(kernel_btf, "file", 16);
	add_task(kernel_btf, number);
	/* The other kinds are to be passed over. */
	ck_assert_int_ge(btf__add_fwd(kernel_btf, "later", BTF_FWD_STRUCT), 0);
	ck_assert_int_ge(btf__add_func_proto(kernel_btf, number), 0);
	ck_assert_int_eq(btf__add_func_param(kernel_btf, "task", task_type), 0);
	ck_assert_int_ge(btf__add_func(kernel_btf, "tty_read", BTF_FUNC_GLOBAL, task_type + 2), 0);
	ck_assert_int_ge(btf__add_var(kernel_btf, "jiffies", BTF_VAR_GLOBAL_ALLOCATED, number), 0);
	ck_assert_int_ge(btf__add_datasec(kernel_btf, ".data", 4), 0);
	ck_assert_int_ge(btf__add_enum64(kernel_btf, "wide", 8, false), 0);
	ck_assert_int_eq(btf__add_enum64_value(kernel_btf, "WIDE", 1ULL << 40), 0);
	ck_assert_int_ge(btf__add_decl_tag(kernel_btf, "tag", task_type, -1), 0);
	ck_assert_int_ge(btf__add_type_tag(kernel_btf, "rcu", task_type), 0);
	ck_assert_int_ge(btf__add_float(kernel_btf, "double", 8), 0);
	raw = btf__raw_data(kernel_btf, &size);
	data = malloc(size);
	ck_assert_ptr_nonnull(data);
	memcpy(data, raw, size);
	ck_assert_int_eq(vmlinux_use(&kernel, data, size), 0);
}

static void teardown(void)
{
	vmlinux_close(&kernel);
	btf__free(kernel_btf);
	free(data);
}

START_TEST(test_all_types_are_walked)
{
	const struct btf_type *type = NULL;
	uint32_t id = 0;

	ck_assert_uint_eq(kernel.count, btf__type_cnt(kernel_btf) - 1);
	while ((type = vmlinux_next(&kernel, type)) != NULL) {
		const struct btf_type *expected = btf__type_by_id(kernel_btf, ++id);

		ck_assert_ptr_eq(vmlinux_type(&kernel, id), type);
		ck_assert_uint_eq(type->info, expected->info);
		ck_assert_str_eq(vmlinux_name(&kernel, type->name_off),
				 btf__name_by_offset(kernel_btf, expected->name_off));
	}
	ck_assert_uint_eq(id, kernel.count);
	ck_assert_ptr_null(vmlinux_type(&kernel, 0));
	ck_assert_ptr_null(vmlinux_type(&kernel, id + 1));
	ck_assert_str_eq(vmlinux_name(&kernel, UINT32_MAX), "");
}
END_TEST

/* Any one field of the header, or a type, that is not as it should be. */
static const struct {
	const char *what;
	uint32_t offset;
	uint32_t value;
	int expected;
} damages[] = {
	{"magic", 0, 0x12345678, -EINVAL},
	{"version", 0, BTF_MAGIC | 2U << 16, -EOPNOTSUPP},
	{"short header", offsetof(struct btf_header, hdr_len), 8, -EINVAL},
	{"header beyond the end", offsetof(struct btf_header, hdr_len), 1U << 30, -EINVAL},
	{"types beyond the end", offsetof(struct btf_header, type_off), 1U << 30, -EINVAL},
	{"too many types", offsetof(struct btf_header, type_len), UINT32_MAX, -EINVAL},
	{"types that do not end", offsetof(struct btf_header, type_len), 20, -EINVAL},
	{"cut types", offsetof(struct btf_header, type_len), 24, -EINVAL},
	{"types out of line", offsetof(struct btf_header, type_off), 2, -EINVAL},
	{"strings beyond the end", offsetof(struct btf_header, str_off), UINT32_MAX, -EINVAL},
	{"too many strings", offsetof(struct btf_header, str_len), UINT32_MAX, -EINVAL},
	{"no strings", offsetof(struct btf_header, str_len), 0, -EINVAL},
	{"strings that do not end", offsetof(struct btf_header, str_len), 3, -EINVAL},
};

START_TEST(test_damage_is_noticed)
{
	struct vmlinux damaged;

	memcpy(data + damages[_i].offset, &damages[_i].value, sizeof(damages[_i].value));
	ck_assert_msg(vmlinux_use(&damaged, data, size) == damages[_i].expected, "%s",
		      damages[_i].what);
	vmlinux_close(&damaged);
}
END_TEST

/* How long that of this libbpf is. */
static size_t header_length(void)
{
	return ((const struct btf_header *)(const void *)data)->hdr_len;
}

START_TEST(test_unknown_kind)
{
	uint32_t info = 31U << 24;
	struct vmlinux unknown;

	memcpy(data + header_length() + offsetof(struct btf_type, info), &info, sizeof(info));
	ck_assert_int_eq(vmlinux_use(&unknown, data, size), -EOPNOTSUPP);
	vmlinux_close(&unknown);
}
END_TEST

START_TEST(test_less_than_a_header)
{
	struct vmlinux damaged;

	ck_assert_int_eq(vmlinux_use(&damaged, data, offsetof(struct btf_header, str_len)),
			 -EINVAL);
	vmlinux_close(&damaged);
}
END_TEST

/* Newer kernels may say more in the header. */
START_TEST(test_longer_header)
{
	enum { MORE = 8 };
	struct btf_header *header;
	struct vmlinux longer;
	char *copy = calloc(1, size + MORE);

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, data, header_length());
	memcpy(copy + header_length() + MORE, data + header_length(), size - header_length());
	header = (struct btf_header *)(void *)copy;
	header->hdr_len += MORE;
	ck_assert_int_eq(vmlinux_use(&longer, copy, size + MORE), 0);
	ck_assert_uint_eq(longer.count, kernel.count);
	vmlinux_close(&longer);
	free(copy);
}
END_TEST

/* A program's view of task: fields in another order, and one that the kernel does not have. */
static struct btf *make_wanted(void)
{
	struct btf *wanted = btf__new_empty();
	int number = btf__add_int(wanted, "int", 4, BTF_INT_SIGNED);
	int value = btf__add_struct(wanted, "", 4);

	ck_assert_int_eq(btf__add_field(wanted, "val", number, 0, 0), 0);
	ck_assert_int_ge(btf__add_struct(wanted, "task", 16), 0);
	ck_assert_int_eq(btf__add_field(wanted, "state", number, 0, 0), 0);
	ck_assert_int_eq(btf__add_field(wanted, "uid", value, 32, 0), 0);
	ck_assert_int_eq(btf__add_field(wanted, "comm", number, 64, 0), 0);
	ck_assert_int_eq(btf__add_field(wanted, "file", number, 96, 0), 0);
	ck_assert_int_eq(btf__add_field(wanted, "bits", number, 96, 0), 0);
	ck_assert_int_eq(btf__add_field(wanted, "gone", number, 96, 0), 0);
	ck_assert_int_ge(btf__add_struct(wanted, "of_our_own", 0), 0);
	return wanted;
}

static const struct btf_type *type_of(const struct btf *btf, const struct btf_member *member)
{
	return btf__type_by_id(btf, member->type);
}

START_TEST(test_subset)
{
	struct btf *wanted = make_wanted();
	const struct btf_member *members;
	const struct btf_type *type;
	struct btf *subset = NULL;

	ck_assert_int_eq(subset_copy(&kernel, wanted, &subset), 0);
	ck_assert_int_lt(btf__find_by_name_kind(subset, "filler0", BTF_KIND_STRUCT), 0);
	ck_assert_int_lt(btf__find_by_name_kind(subset, "file", BTF_KIND_STRUCT), 0);
	type = btf__type_by_id(subset,
			       (uint32_t)btf__find_by_name_kind(subset, "task", BTF_KIND_STRUCT));
	ck_assert_ptr_nonnull(type);
	ck_assert_uint_eq(type->size, 64);
	ck_assert_uint_eq(btf_vlen(type), 5);
	members = btf_members(type);
	/* What has no name, for the field in it. */
	ck_assert_str_eq(btf__name_by_offset(subset, members[0].name_off), "");
	ck_assert_uint_eq(btf_member_bit_offset(type, 0), 64);
	ck_assert(btf_is_union(type_of(subset, &members[0])));
	ck_assert_uint_eq(btf_vlen(type_of(subset, &members[0])), 1);
	/* The typedef and const before it are left out. */
	ck_assert(btf_is_struct(type_of(subset, btf_members(type_of(subset, &members[0])))));
	ck_assert_str_eq(btf__name_by_offset(subset, members[1].name_off), "comm");
	ck_assert_uint_eq(btf_member_bit_offset(type, 1), 128);
	ck_assert_uint_eq(btf_array(type_of(subset, &members[1]))->nelems, 16);
	ck_assert_str_eq(btf__name_by_offset(subset, members[2].name_off), "state");
	ck_assert(btf_is_enum(type_of(subset, &members[2])));
	ck_assert_str_eq(btf__name_by_offset(subset, members[3].name_off), "bits");
	ck_assert_uint_eq(btf_member_bit_offset(type, 3), 288);
	ck_assert_uint_eq(btf_member_bitfield_size(type, 3), 3);
	ck_assert_str_eq(btf__name_by_offset(subset, members[4].name_off), "file");
	ck_assert_uint_eq(btf_member_bit_offset(type, 4), 320);
	ck_assert(btf_is_ptr(type_of(subset, &members[4])));
	ck_assert_uint_eq(type_of(subset, &members[4])->type, 0);
	btf__free(subset);
	btf__free(wanted);
}
END_TEST

START_TEST(test_subset_of_what_is_in_itself)
{
	struct btf *wanted = make_wanted();
	struct btf *subset = NULL;
	const struct btf_type *type = vmlinux_type(&kernel, (uint32_t)task_type);
	struct btf_type *task = (void *)(data + ((const char *)type - data));

	btf_members(task)[1].type = (uint32_t)task_type;
	ck_assert_int_eq(subset_copy(&kernel, wanted, &subset), -ELOOP);
	btf_members(task)[1].type = kernel.count + 1;
	ck_assert_int_eq(subset_copy(&kernel, wanted, &subset), -EINVAL);
	ck_assert_ptr_null(subset);
	btf__free(wanted);
}
END_TEST

START_TEST(test_names)
{
	static const char *const in[] = {"tty_read", "task", "a", "task", "ab"};
	static const char *const out[] = {"", "t", "tas", "tasks", "tty_write", "b", "abc"};
	struct names *names = calloc(1, sizeof(*names));

	ck_assert_ptr_nonnull(names);
	for (size_t i = 0; i < sizeof(in) / sizeof(in[0]); i++)
		ck_assert_int_eq(names_add(names, in[i]), 0);
	ck_assert_int_eq(names_add(names, ""), 0);
	names_sort(names);
	ck_assert_uint_eq(names->count, 4);
	for (size_t i = 0; i < sizeof(in) / sizeof(in[0]); i++)
		ck_assert_str_eq(names->names[names_index(names, in[i])], in[i]);
	for (size_t i = 0; i < sizeof(out) / sizeof(out[0]); i++)
		ck_assert_int_eq(names_index(names, out[i]), -ENOENT);
	while (names->count < NAMES_MAX)
		ck_assert_int_eq(names_add(names, "more"), 0);
	ck_assert_int_eq(names_add(names, "more"), -E2BIG);
	free(names);
}
END_TEST

Suite *types_suite(void)
{
	Suite *suite = suite_create("types");
	TCase *tcase = tcase_create("kernel");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_all_types_are_walked);
	tcase_add_loop_test(tcase, test_damage_is_noticed, 0,
			    (int)(sizeof(damages) / sizeof(damages[0])));
	tcase_add_test(tcase, test_unknown_kind);
	tcase_add_test(tcase, test_less_than_a_header);
	tcase_add_test(tcase, test_longer_header);
	tcase_add_test(tcase, test_subset);
	tcase_add_test(tcase, test_subset_of_what_is_in_itself);
	tcase_add_test(tcase, test_names);
	suite_add_tcase(suite, tcase);
	return suite;
}
