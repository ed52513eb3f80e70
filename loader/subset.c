// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include <bpf/btf.h>

#include "loader/names.h"
#include "loader/subset.h"
#include "loader/vmlinux.h"

/* Types consist of others of a lower depth; what is deeper is damaged. */
enum { COPIES_MAX = 1024, DEPTH_MAX = 64 };

struct subset {
	const struct vmlinux *kernel;
	struct btf *btf;
	struct names structures;
	struct names members;
	struct {
		uint32_t from;
		int to;
	} copies[COPIES_MAX];
	size_t count;
	unsigned int depth;
};

static int copy(struct subset *subset, uint32_t id);

static bool is_wanted(const struct subset *subset, const char *member)
{
	/* What has no name may have members that are wanted. */
	return !*member || names_index(&subset->members, member) >= 0;
}

static int copy_composite(struct subset *subset, const struct btf_type *type)
{
	const struct btf_member *members = btf_members(type);
	const char *name = vmlinux_name(subset->kernel, type->name_off);
	int id;
	int r;

	/* First what it consists of: members are added to the last type. */
	for (uint32_t i = 0; i < btf_vlen(type); i++) {
		if (!is_wanted(subset, vmlinux_name(subset->kernel, members[i].name_off)))
			continue;
		r = copy(subset, members[i].type);
		if (r < 0)
			return r;
	}
	id = btf_is_struct(type) ? btf__add_struct(subset->btf, name, type->size)
				 : btf__add_union(subset->btf, name, type->size);
	for (uint32_t i = 0; i < btf_vlen(type) && id >= 0; i++) {
		const char *member = vmlinux_name(subset->kernel, members[i].name_off);

		if (!is_wanted(subset, member))
			continue;
		r = btf__add_field(subset->btf, member, copy(subset, members[i].type),
				   btf_member_bit_offset(type, i),
				   btf_member_bitfield_size(type, i));
		if (r < 0)
			return r;
	}
	return id;
}

static int copy_array(struct subset *subset, const struct btf_array *array)
{
	int index = copy(subset, array->index_type);
	int element = copy(subset, array->type);

	if (index < 0 || element < 0)
		return index < 0 ? index : element;
	return btf__add_array(subset->btf, index, element, array->nelems);
}

/* Returns the id of the copy, or -errno. */
static int copy_type(struct subset *subset, const struct btf_type *type)
{
	const char *name = vmlinux_name(subset->kernel, type->name_off);

	switch (btf_kind(type)) {
	case BTF_KIND_INT:
		return btf__add_int(subset->btf, name, type->size, btf_int_encoding(type));
	case BTF_KIND_FLOAT:
		return btf__add_float(subset->btf, name, type->size);
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return btf__add_enum(subset->btf, name, type->size);
	case BTF_KIND_PTR:
		return btf__add_ptr(subset->btf, 0);
	case BTF_KIND_ARRAY:
		return copy_array(subset, btf_array(type));
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return copy_composite(subset, type);
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		/* libbpf looks through these, on either side. */
		return copy(subset, type->type);
	default:
		return -EINVAL;
	}
}

/* Returns the id of the one copy of type @id, or -errno. */
static int copy(struct subset *subset, uint32_t id)
{
	const struct btf_type *type = vmlinux_type(subset->kernel, id);
	int to;

	for (size_t i = 0; i < subset->count; i++) {
		if (subset->copies[i].from == id)
			return subset->copies[i].to;
	}
	if (!type)
		return id == 0 ? 0 : -EINVAL;
	if (subset->depth == DEPTH_MAX)
		return -ELOOP;
	subset->depth++;
	to = copy_type(subset, type);
	subset->depth--;
	if (to < 0)
		return to;
	if (subset->count == COPIES_MAX)
		return -E2BIG;
	subset->copies[subset->count].from = id;
	subset->copies[subset->count++].to = to;
	return to;
}

static int collect_names(struct subset *subset, const struct btf *wanted)
{
	uint32_t count = btf__type_cnt(wanted);
	int r = 0;

	for (uint32_t id = 1; id < count && r == 0; id++) {
		const struct btf_type *type = btf__type_by_id(wanted, id);

		if (!btf_is_composite(type))
			continue;
		r = names_add(&subset->structures, btf__name_by_offset(wanted, type->name_off));
		for (uint32_t i = 0; i < btf_vlen(type) && r == 0; i++)
			r = names_add(&subset->members,
				      btf__name_by_offset(wanted, btf_members(type)[i].name_off));
	}
	names_sort(&subset->structures);
	names_sort(&subset->members);
	return r;
}

static int copy_all(struct subset *subset)
{
	const struct btf_type *type = NULL;
	uint32_t id = 0;
	int r = 0;

	while (r >= 0 && (type = vmlinux_next(subset->kernel, type)) != NULL) {
		id++;
		if (btf_is_struct(type) &&
		    names_index(&subset->structures,
				vmlinux_name(subset->kernel, type->name_off)) >= 0)
			r = copy(subset, id);
	}
	return r < 0 ? r : 0;
}

int subset_copy(const struct vmlinux *kernel, const struct btf *wanted, struct btf **btf)
{
	struct subset *subset = calloc(1, sizeof(*subset));
	int r;

	if (!subset)
		return -ENOMEM;
	subset->kernel = kernel;
	subset->btf = btf__new_empty();
	if (!subset->btf) {
		free(subset);
		return -ENOMEM;
	}
	r = collect_names(subset, wanted);
	if (r == 0)
		r = copy_all(subset);
	if (r == 0)
		*btf = subset->btf;
	else
		btf__free(subset->btf);
	free(subset);
	return r;
}
