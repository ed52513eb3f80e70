// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE /* memfd_create */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "bpf/lib/cleanup.h"
#include "bpf/lib/log.h"
#include "loader/names.h"
#include "loader/subset.h"
#include "loader/types.h"
#include "loader/vmlinux.h"

enum { FUNCTIONS_MAX = 32, FUNCTION_LEN = 64 };

/* Sections of programs that attach to a function of the kernel, and what is before its name. */
static const struct section {
	const char *name; /* libbpf: with or without /SOMETHING */
	const char *prefix;
	enum bpf_attach_type attach_type;
} sections[] = {
	{"fentry+", "", BPF_TRACE_FENTRY},
	{"fexit+", "", BPF_TRACE_FEXIT},
	{"iter+", "bpf_iter_", BPF_TRACE_ITER},
};

enum { SECTIONS = sizeof(sections) / sizeof(sections[0]) };

/* What was found, for the life of the process. */
static char path[32];
static struct names functions;
static char function_names[FUNCTIONS_MAX][FUNCTION_LEN];
static uint32_t function_ids[NAMES_MAX]; /* 0: the kernel has none */

/* The function that a program of @section_name attaches to; @name is "" if that is none. */
static void function_of(const char *section_name, char name[FUNCTION_LEN])
{
	const char *slash = strchr(section_name, '/');

	name[0] = '\0';
	for (int i = 0; i < SECTIONS && slash; i++) {
		size_t length = (size_t)(slash - section_name);

		if (strlen(sections[i].name) == length + 1 &&
		    strncmp(sections[i].name, section_name, length) == 0)
			snprintf(name, FUNCTION_LEN, "%s%s", sections[i].prefix, slash + 1);
	}
}

static int collect_functions(const struct bpf_object *object)
{
	struct bpf_program *program = NULL;
	size_t count = 0;
	int r = 0;

	while (r == 0 && (program = bpf_object__next_program(object, program)) != NULL) {
		if (count == FUNCTIONS_MAX)
			return -E2BIG;
		function_of(bpf_program__section_name(program), function_names[count]);
		r = names_add(&functions, function_names[count++]);
	}
	names_sort(&functions);
	return r;
}

static void find_functions(const struct vmlinux *kernel)
{
	const struct btf_type *type = NULL;
	uint32_t id = 0;
	int index;

	while ((type = vmlinux_next(kernel, type)) != NULL) {
		id++;
		if (!btf_is_func(type))
			continue;
		index = names_index(&functions, vmlinux_name(kernel, type->name_off));
		if (index >= 0 && function_ids[index] == 0)
			function_ids[index] = id;
	}
}

/*
 * Called before @program is loaded. libbpf thinks that it is of another type until then, since for
 * those that attach to functions it would read all of the kernel's types.
 */
static int prepare_load(struct bpf_program *program, struct bpf_prog_load_opts *opts, long cookie)
{
	char name[FUNCTION_LEN];
	int index;

	(void)cookie;
	function_of(bpf_program__section_name(program), name);
	index = names_index(&functions, name);
	if (index < 0 || function_ids[index] == 0)
		return -ESRCH;
	opts->attach_btf_id = function_ids[index];
	return bpf_program__set_type(program, BPF_PROG_TYPE_TRACING);
}

static int register_sections(void)
{
	LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .prog_prepare_load_fn = prepare_load);
	int r = 0;

	for (int i = 0; i < SECTIONS && r >= 0; i++)
		r = libbpf_register_prog_handler(sections[i].name, BPF_PROG_TYPE_RAW_TRACEPOINT,
						 sections[i].attach_type, &opts);
	return r < 0 ? r : 0;
}

/* Stays open until the process ends. libbpf opens it by its path, for which there must be a /proc.
 */
static int write_file(const struct btf *btf)
{
	_cleanup_close_ int again = -EBADF;
	uint32_t size;
	const void *data = btf__raw_data(btf, &size);
	int fd = data ? memfd_create("kernel-types", MFD_CLOEXEC) : -1;
	int r = 0;

	if (fd < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (write(fd, data, size) != (ssize_t)size)
		r = -EIO;
	else if ((again = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		r = -errno;
	if (r < 0) {
		path[0] = '\0';
		close(fd);
	}
	return r;
}

static int find(const struct bpf_object *object, struct vmlinux *kernel)
{
	struct btf *subset = NULL;
	int r;

	r = vmlinux_open(kernel);
	if (r == 0)
		r = collect_functions(object);
	if (r == 0)
		r = subset_copy(kernel, bpf_object__btf(object), &subset);
	if (r < 0)
		return r;
	find_functions(kernel);
	r = write_file(subset);
	btf__free(subset);
	return r;
}

int types_find(const struct bpf_object *object)
{
	struct vmlinux kernel;
	int r;

	r = find(object, &kernel);
	vmlinux_close(&kernel);
	if (r < 0) {
		log_debug("the kernel's types are left to libbpf: %s", strerror(-r));
		return 0;
	}
	r = register_sections();
	return r < 0 ? log_errno(r, "libbpf's sections") : 0;
}

const char *types_path(void)
{
	return path[0] ? path : NULL;
}
