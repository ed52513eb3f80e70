// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "heartbeat.skel.h"

#include "bpf/heartbeat.h"
#include "bpf/lib/cleanup.h"
#include "bpf/lib/log.h"
#include "bpf/lib/parse.h"
#include "bpf/lib/pins.h"
#include "bpf/stubs.h"
#include "loader/hooks.h"
#include "loader/object.h"
#include "loader/tracepoint.h"

enum {
	READ_RULES = 1 << HB_RULE_STDIN | 1 << HB_RULE_ANY,
	ALL = ~0,
	PIN_LEN = 64,
};

/* The stubs. Programs are named stub_ and the pin. Keep the pins in step with reader/missed.c. */
static const struct stub {
	const char *pin;     /* of the link */
	const char *program; /* where it leads */
	const char *array;   /* through which */
	uint32_t key;	     /* at which place */
	const char
		*tracepoint; /* of category syscalls; NULL: the program tells where it attaches */
	int hooks;	     /* who needs it: bit masks of enum hb_method */
	int rules;	     /* and enum hb_rule */
} stubs[] = {
	{"fentry_read", "fentry_read", "reads", 0, NULL, 1 << HB_METHOD_FENTRY, READ_RULES},
	{"fentry_read_compat", "fentry_read_compat", "compat_reads", 0, NULL, 1 << HB_METHOD_FENTRY,
	 READ_RULES},
	{"fexit_tty_read", "fexit_tty_read", "tty_reads", 0, NULL, 1 << HB_METHOD_FENTRY, ALL},
	{"read_enter", "read_enter", "tracepoints", STUB_READ_ENTER, "sys_enter_read",
	 1 << HB_METHOD_TRACEPOINT, READ_RULES},
	{"read_exit", "read_exit", "tracepoints", STUB_READ_EXIT, "sys_exit_read",
	 1 << HB_METHOD_TRACEPOINT, 1 << HB_RULE_KEYS},
	{"exec", "process_exec", "raw_tracepoints", STUB_EXEC, NULL, ALL, ALL},
	{"exit", "process_exit", "raw_tracepoints", STUB_EXIT, NULL, ALL, ALL},
	{"cgroup_rmdir", "cgroup_removed", "raw_tracepoints", STUB_CGROUP_RMDIR, NULL, ALL, ALL},
};

/* Pins of the arrays that the stubs go through, by the arrays' names. */
static const char *const arrays[] = {"reads", "compat_reads", "tty_reads", "tracepoints",
				     "raw_tracepoints"};

enum {
	STUBS = sizeof(stubs) / sizeof(stubs[0]),
	ARRAYS = sizeof(arrays) / sizeof(arrays[0]),
};

const char *hooks_pin_name(unsigned int index)
{
	if (index < STUBS)
		return stubs[index].pin;
	index -= STUBS;
	if (index < ARRAYS)
		return arrays[index];
	return index == ARRAYS ? HOOKS_RINGS_PIN : NULL;
}

/*
 * Kernels without support for 32-bit programs, and other architectures than x86, have no twin of
 * the system call: then there is no such stub, or no such function. Set when loading it failed.
 */
static bool without_compat;

bool hooks_do_without(uint32_t hook)
{
	if (hook != HB_METHOD_FENTRY || without_compat)
		return false;
	without_compat = true;
	return true;
}

static bool is_left_out(const struct stub *stub, uint32_t hook)
{
	return !(stub->hooks & 1 << hook) ||
	       (without_compat && strcmp(stub->pin, "fentry_read_compat") == 0);
}

static struct bpf_program *stub_program(const struct heartbeat_bpf *skeleton,
					const struct stub *stub)
{
	char name[32];

	snprintf(name, sizeof(name), "stub_%s", stub->pin);
	return bpf_object__find_program_by_name(skeleton->obj, name);
}

static bool is_needed(const struct stub *stub, uint32_t hook, uint32_t rule)
{
	return stub->rules & 1 << rule && !is_left_out(stub, hook);
}

/* Does this machine, with @hook and @rule, use @stub? Of optional functions there may be none. */
static bool is_used(const struct heartbeat_bpf *skeleton, const struct stub *stub, uint32_t hook,
		    uint32_t rule)
{
	const struct bpf_program *program = stub_program(skeleton, stub);

	return is_needed(stub, hook, rule) && program && bpf_program__autoload(program);
}

/* Returns 0 or -errno, logged. */
static int attach(const struct heartbeat_bpf *skeleton, const struct stub *stub,
		  struct bpf_link **link)
{
	struct bpf_program *program = stub_program(skeleton, stub);
	int event = -EBADF;
	int r;

	if (stub->tracepoint) {
		event = tracepoint_open(stub->tracepoint);
		if (event < 0)
			return event;
		*link = bpf_program__attach_perf_event(program, event);
	} else if (bpf_program__type(program) == BPF_PROG_TYPE_TRACING) {
		*link = bpf_program__attach_trace(program);
	} else {
		*link = bpf_program__attach(program);
	}
	if (*link)
		return 0;
	r = log_errno(-errno, "attaching to %s", bpf_program__section_name(program));
	close_fd(event);
	return r;
}

static int attach_pinned(const struct heartbeat_bpf *skeleton, const struct stub *stub,
			 const char *path)
{
	struct bpf_link *link;
	int r;

	r = attach(skeleton, stub, &link);
	if (r < 0)
		return r;
	r = bpf_link__pin(link, path);
	if (r < 0)
		log_errno(r, "pinning %s", path);
	else
		bpf_link__disconnect(link); /* destroying would disable the event */
	bpf_link__destroy(link);
	return r;
}

/* Write to @pin where @name of a hook's is, from the directory of all pins. */
static void hook_pin(char pin[PIN_LEN], const char *name)
{
	snprintf(pin, PIN_LEN, HB_PIN_HOOKS "/%s", name);
}

/* @path of the hook's pin @name, in the directory @dir of all pins. */
static const char *hook_path(struct pin_path *path, const char *dir, const char *name)
{
	char pin[PIN_LEN];

	hook_pin(pin, name);
	return pins_path(path, dir, pin);
}

static bool is_attached(const struct stub *stub, const char *dir)
{
	struct pin_path path;

	return access(hook_path(&path, dir, stub->pin), F_OK) == 0;
}

int hooks_attach(const struct heartbeat_bpf *skeleton, const char *dir, uint32_t hook,
		 uint32_t rule)
{
	struct pin_path path;
	int r;

	for (unsigned int i = 0; i < STUBS; i++) {
		if (!is_used(skeleton, &stubs[i], hook, rule) || is_attached(&stubs[i], dir))
			continue;
		r = attach_pinned(skeleton, &stubs[i], hook_path(&path, dir, stubs[i].pin));
		if (r < 0)
			return r;
		log_debug("attached %s", path.text);
	}
	return 0;
}

void hooks_detach_unused(const struct heartbeat_bpf *skeleton, const char *dir, uint32_t hook,
			 uint32_t rule)
{
	struct pin_path path;

	for (unsigned int i = 0; i < STUBS; i++) {
		if (is_used(skeleton, &stubs[i], hook, rule))
			continue;
		if (unlink(hook_path(&path, dir, stubs[i].pin)) == 0)
			log_debug("detached %s", path.text);
	}
}

static int stub_array(const struct heartbeat_bpf *skeleton, const struct stub *stub)
{
	return bpf_object__find_map_fd_by_name(skeleton->obj, stub->array);
}

int hooks_switch(const struct heartbeat_bpf *skeleton, uint32_t hook)
{
	const struct bpf_program *program;
	int fd;

	for (unsigned int i = 0; i < STUBS; i++) {
		if (stubs[i].hooks & 1 << hook)
			continue;
		if (bpf_map_delete_elem(stub_array(skeleton, &stubs[i]), &stubs[i].key) < 0 &&
		    errno != ENOENT)
			return log_errno(-errno, "switching off %s", stubs[i].pin);
	}
	for (unsigned int i = 0; i < STUBS; i++) {
		program = bpf_object__find_program_by_name(skeleton->obj, stubs[i].program);
		if (!program || !bpf_program__autoload(program))
			continue;
		fd = bpf_program__fd(program);
		if (bpf_map_update_elem(stub_array(skeleton, &stubs[i]), &stubs[i].key, &fd,
					BPF_ANY) < 0)
			return log_errno(-errno, "switching to program %s", stubs[i].program);
	}
	return 0;
}

void hooks_select(struct heartbeat_bpf *skeleton, uint32_t hook)
{
	for (unsigned int i = 0; i < STUBS; i++) {
		struct bpf_program *stub = stub_program(skeleton, &stubs[i]);
		struct bpf_program *program =
			bpf_object__find_program_by_name(skeleton->obj, stubs[i].program);

		if (stub && is_left_out(&stubs[i], hook))
			bpf_program__set_autoload(stub, false);
		if (program && is_left_out(&stubs[i], hook))
			bpf_program__set_autoload(program, false);
	}
}

int hooks_pin_arrays(const struct heartbeat_bpf *skeleton, const char *dir)
{
	char pin[PIN_LEN];
	int r = 0;

	for (unsigned int i = 0; i < ARRAYS && r == 0; i++) {
		hook_pin(pin, arrays[i]);
		r = object_pin(bpf_object__find_map_fd_by_name(skeleton->obj, arrays[i]), dir, pin);
	}
	return r;
}

static int use_array(struct heartbeat_bpf *skeleton, const char *dir, const char *name)
{
	struct pin_path path;
	int fd = bpf_obj_get(hook_path(&path, dir, name));

	return object_reuse(bpf_object__find_map_by_name(skeleton->obj, name), fd < 0 ? -errno : fd,
			    path.text);
}

int hooks_use_arrays(struct heartbeat_bpf *skeleton, const char *dir)
{
	int r = 0;

	for (unsigned int i = 0; i < ARRAYS && r == 0; i++)
		r = use_array(skeleton, dir, arrays[i]);
	return r;
}

/*
 * What a trial attaches: the stubs that loading would. Not those that are attached already, for
 * whatever attaches to a function, or detaches, makes older kernels (6.12; not 7.2) skip the fexit
 * programs of all who are in the function at that time: the key that a program waits for would not
 * be seen.
 */
struct trial {
	uint32_t hook;
	uint32_t rule;
	const char *dir;
};

static bool is_tried(const struct trial *trial, const struct stub *stub)
{
	return is_needed(stub, trial->hook, trial->rule) && !is_attached(stub, trial->dir);
}

static bool is_anything_tried(const struct trial *trial)
{
	for (unsigned int i = 0; i < STUBS; i++) {
		if (is_tried(trial, &stubs[i]))
			return true;
	}
	return false;
}

/* Leave of @skeleton, before it is loaded, the stubs of @hook, and the arrays that these need. */
static void select_stubs(const struct heartbeat_bpf *skeleton, uint32_t hook)
{
	struct bpf_program *program = NULL;
	struct bpf_map *map = NULL;

	while ((program = bpf_object__next_program(skeleton->obj, program)) != NULL)
		bpf_program__set_autoload(program, false);
	while ((map = bpf_object__next_map(skeleton->obj, map)) != NULL)
		bpf_map__set_autocreate(map, false);
	for (unsigned int i = 0; i < STUBS; i++) {
		program = stub_program(skeleton, &stubs[i]);
		if (!program || is_left_out(&stubs[i], hook))
			continue;
		bpf_program__set_autoload(program, true);
		map = bpf_object__find_map_by_name(skeleton->obj, stubs[i].array);
		bpf_map__set_autocreate(map, true);
	}
}

static int load_stubs(uint32_t hook, struct heartbeat_bpf **result)
{
	struct heartbeat_bpf *skeleton;
	int r;

	do {
		r = object_open(&skeleton);
		if (r < 0)
			return r;
		select_stubs(skeleton, hook);
		/* That of the skeleton would map what is not made. */
		r = bpf_object__load(skeleton->obj);
		if (r == 0) {
			*result = skeleton;
			return 0;
		}
		heartbeat_bpf__destroy(skeleton);
	} while (r == -ESRCH && hooks_do_without(hook));
	return log_errno(r, "loading the stubs of hook %s", method_name(hook));
}

/* Can the stubs be loaded and attached? Returns 0, or -errno after one logged line. */
static int try_hook(const struct trial *trial)
{
	struct heartbeat_bpf *skeleton = NULL;
	struct bpf_link *link;
	int r;

	if (!is_anything_tried(trial))
		return 0;
	r = load_stubs(trial->hook, &skeleton);
	if (r < 0)
		return r;
	for (unsigned int i = 0; i < STUBS && r == 0; i++) {
		const struct bpf_program *program = stub_program(skeleton, &stubs[i]);

		if (!program || !bpf_program__autoload(program) || !is_tried(trial, &stubs[i]))
			continue;
		r = attach(skeleton, &stubs[i], &link);
		if (r == 0)
			bpf_link__destroy(link);
	}
	heartbeat_bpf__destroy(skeleton);
	return r;
}

void hooks_why_not_asked(char *why_not)
{
	snprintf(why_not, HB_WHY_LEN, "--hook tracepoint was asked for");
}

int hooks_choose(int wanted, uint32_t rule, const char *dir, char *why_not)
{
	const struct trial trial = {
		.hook = wanted < 0 ? HB_METHOD_FENTRY : (uint32_t)wanted,
		.rule = rule,
		.dir = dir,
	};
	int r;

	why_not[0] = '\0';
	/* Not tried: it works everywhere, and to detach from it again takes 100 ms. */
	if (wanted == HB_METHOD_TRACEPOINT) {
		hooks_why_not_asked(why_not);
		return wanted;
	}
	if (wanted >= 0) {
		r = try_hook(&trial);
		return r < 0 ? r : wanted;
	}
	log_divert(why_not, HB_WHY_LEN);
	r = try_hook(&trial);
	log_divert(NULL, 0);
	if (r == 0) {
		why_not[0] = '\0';
		return HB_METHOD_FENTRY;
	}
	log_debug("not hook fentry: %s", why_not);
	return HB_METHOD_TRACEPOINT;
}
