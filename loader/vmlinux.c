// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/btf.h>

#include "bpf/lib/cleanup.h"
#include "loader/vmlinux.h"

/* A type of known id is found in less than so many steps. */
enum { STRIDE = 64 };

/* The header up to the last field that is read here: newer ones are longer. */
static const size_t header_size = offsetof(struct btf_header, str_len) + sizeof(uint32_t);

/* What follows a struct btf_type: include/uapi/linux/btf.h. Returns -1 for kinds not known here. */
static ssize_t size_after(const struct btf_type *type)
{
	switch (btf_kind(type)) {
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG:
		return 0;
	case BTF_KIND_INT:
		return sizeof(uint32_t);
	case BTF_KIND_VAR:
		return sizeof(struct btf_var);
	case BTF_KIND_DECL_TAG:
		return sizeof(struct btf_decl_tag);
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return btf_vlen(type) * (ssize_t)sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return btf_vlen(type) * (ssize_t)sizeof(struct btf_enum);
	case BTF_KIND_ENUM64:
		return btf_vlen(type) * (ssize_t)sizeof(struct btf_enum64);
	case BTF_KIND_FUNC_PROTO:
		return btf_vlen(type) * (ssize_t)sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return btf_vlen(type) * (ssize_t)sizeof(struct btf_var_secinfo);
	default:
		return -1;
	}
}

static const struct btf_type *type_at(const struct vmlinux *vmlinux, size_t offset)
{
	return (const struct btf_type *)(const void *)(vmlinux->types + offset);
}

/* See that the types can be walked through, and note where some of them are. */
static int walk(struct vmlinux *vmlinux)
{
	size_t offset = 0;

	vmlinux->starts = malloc((vmlinux->types_size / sizeof(struct btf_type) / STRIDE + 1) *
				 sizeof(vmlinux->starts[0]));
	if (!vmlinux->starts)
		return -ENOMEM;
	while (offset < vmlinux->types_size) {
		const struct btf_type *type = type_at(vmlinux, offset);
		ssize_t after;

		if (vmlinux->types_size - offset < sizeof(*type))
			return -EINVAL;
		after = size_after(type);
		if (after < 0)
			return -EOPNOTSUPP;
		if (vmlinux->count % STRIDE == 0)
			vmlinux->starts[vmlinux->count / STRIDE] = (uint32_t)offset;
		vmlinux->count++;
		offset += sizeof(*type) + (size_t)after;
	}
	return offset == vmlinux->types_size ? 0 : -EINVAL;
}

int vmlinux_use(struct vmlinux *vmlinux, const void *data, size_t size)
{
	const struct btf_header *header = data;
	size_t rest;

	*vmlinux = (struct vmlinux){0};
	if (size < header_size || header->magic != BTF_MAGIC)
		return -EINVAL;
	if (header->version != BTF_VERSION || header->hdr_len % sizeof(uint32_t))
		return -EOPNOTSUPP;
	if (header->hdr_len < header_size || header->hdr_len > size)
		return -EINVAL;
	rest = size - header->hdr_len;
	if (header->type_off > rest || header->type_len > rest - header->type_off ||
	    header->type_off % sizeof(uint32_t) || header->str_off > rest ||
	    header->str_len > rest - header->str_off || header->str_len == 0)
		return -EINVAL;
	vmlinux->types = (const char *)data + header->hdr_len + header->type_off;
	vmlinux->types_size = header->type_len;
	vmlinux->strings = (const char *)data + header->hdr_len + header->str_off;
	vmlinux->strings_size = header->str_len;
	if (vmlinux->strings[vmlinux->strings_size - 1] != '\0')
		return -EINVAL;
	return walk(vmlinux);
}

static int read_all(int fd, char *data, size_t size)
{
	while (size > 0) {
		ssize_t length = read(fd, data, size);

		if (length < 0 && errno == EINTR)
			continue;
		if (length <= 0)
			return length < 0 ? -errno : -EIO;
		data += length;
		size -= (size_t)length;
	}
	return 0;
}

/* Before Linux 6.16 it can only be read. */
static int map_file(int fd, size_t size, void **map)
{
	int r;

	*map = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (*map != MAP_FAILED)
		return 0;
	*map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE,
		    -1, 0);
	if (*map == MAP_FAILED)
		return -errno;
	r = read_all(fd, *map, size);
	if (r < 0)
		munmap(*map, size);
	return r;
}

int vmlinux_open(struct vmlinux *vmlinux)
{
	_cleanup_close_ int fd = -EBADF;
	struct stat st;
	void *map;
	int r;

	*vmlinux = (struct vmlinux){0};
	fd = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	r = map_file(fd, (size_t)st.st_size, &map);
	if (r < 0)
		return r;
	r = vmlinux_use(vmlinux, map, (size_t)st.st_size);
	vmlinux->map = map;
	vmlinux->map_size = (size_t)st.st_size;
	return r;
}

const struct btf_type *vmlinux_next(const struct vmlinux *vmlinux, const struct btf_type *type)
{
	size_t offset = 0;

	if (type)
		offset = (size_t)((const char *)type - vmlinux->types) + sizeof(*type) +
			 (size_t)size_after(type);
	return offset < vmlinux->types_size ? type_at(vmlinux, offset) : NULL;
}

const struct btf_type *vmlinux_type(const struct vmlinux *vmlinux, uint32_t id)
{
	const struct btf_type *type;

	if (id == 0 || id > vmlinux->count)
		return NULL;
	type = type_at(vmlinux, vmlinux->starts[(id - 1) / STRIDE]);
	for (uint32_t left = (id - 1) % STRIDE; left > 0; left--)
		type = vmlinux_next(vmlinux, type);
	return type;
}

const char *vmlinux_name(const struct vmlinux *vmlinux, uint32_t offset)
{
	return offset < vmlinux->strings_size ? vmlinux->strings + offset : "";
}

void vmlinux_close(struct vmlinux *vmlinux)
{
	free(vmlinux->starts);
	if (vmlinux->map)
		munmap(vmlinux->map, vmlinux->map_size);
	*vmlinux = (struct vmlinux){0};
}
