// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
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
#include "loader/pin.h"
#include "loader/tracepoint.h"

enum {
	FENTRY = 1 << HB_METHOD_FENTRY,
	TRACEPOINT = 1 << HB_METHOD_TRACEPOINT,
	READ_RULES = 1 << HB_RULE_STDIN | 1 << HB_RULE_ANY,
	ALL = ~0,
	PIN_LEN = 64,
};

/* Keep the pins in step with reader/maps/missed.c. */
static const struct stub {
	const char *name;	/* and pin; without stub_ it is the pin of the link */
	const char *program;	/* that it leads to */
	const char *array;	/* through this array */
	uint32_t key;		/* and this element of it */
	const char *tracepoint; /* of category syscalls; NULL: the program knows where to attach */
	int methods;		/* that need it: bit mask of enum hb_method */
	int rules;		/* that need it: bit mask of enum hb_rule */
} stubs[] = {
	{"stub_fentry_read", "fentry_read", "reads", 0, NULL, FENTRY, READ_RULES},
	{"stub_fentry_read_compat", "fentry_read_compat", "compat_reads", 0, NULL, FENTRY,
	 READ_RULES},
	{"stub_fexit_tty_read", "fexit_tty_read", "tty_reads", 0, NULL, FENTRY, ALL},
	{"stub_read_exit", "read_exit", "tracepoints", STUB_READ_EXIT, "sys_exit_read", TRACEPOINT,
	 ALL},
	{"stub_fork", "process_fork", "raw_tracepoints", STUB_FORK, NULL, ALL, ALL},
	{"stub_rename", "process_rename", "raw_tracepoints", STUB_RENAME, NULL, ALL, ALL},
	{"stub_exec", "process_exec", "raw_tracepoints", STUB_EXEC, NULL, ALL, ALL},
	{"stub_exit", "process_exit", "raw_tracepoints", STUB_EXIT, NULL, ALL, ALL},
	{"stub_cgroup_mkdir", "cgroup_made", "raw_tracepoints", STUB_CGROUP_MKDIR, NULL, ALL, ALL},
	{"stub_cgroup_attach", "cgroup_entered", "raw_tracepoints", STUB_CGROUP_ATTACH, NULL, ALL,
	 ALL},
	{"stub_cgroup_rmdir", "cgroup_removed", "raw_tracepoints", STUB_CGROUP_RMDIR, NULL, ALL,
	 ALL},
};

/*
 * Arrays, pinned beside the links by their own names: those that the stubs jump through, and the
 * array of rings, which readers do not need.
 */
static const char *const arrays[] = {"reads",	    "compat_reads",    "tty_reads",
				     "tracepoints", "raw_tracepoints", "rings"};

enum {
	STUBS = sizeof(stubs) / sizeof(stubs[0]),
	ARRAYS = sizeof(arrays) / sizeof(arrays[0]),
};

_Static_assert((int)STUBS <= (int)HOOKS_MAX, "each stub has a link");

static const char *pin_of_link(const struct stub *stub)
{
	return stub->name + strlen("stub_");
}

const char *hooks_pin_name(unsigned int index)
{
	if (index < STUBS)
		return pin_of_link(&stubs[index]);
	index -= STUBS;
	if (index < ARRAYS)
		return arrays[index];
	index -= ARRAYS;
	return index < STUBS ? stubs[index].name : NULL;
}

/* The pin, from the directory of all pins, of the link or array @name. */
static void hook_pin(char pin[PIN_LEN], const char *name)
{
	snprintf(pin, PIN_LEN, HB_PIN_HOOKS "/%s", name);
}

static const char *hook_path(struct pin_path *path, const struct hooks *hooks, const char *name)
{
	char pin[PIN_LEN];

	hook_pin(pin, name);
	return pins_path(path, hooks->dir, pin);
}

static struct bpf_program *stub_program(const struct hooks *hooks, const struct stub *stub)
{
	return bpf_object__find_program_by_name(hooks->skeleton->obj, stub->name);
}

static struct bpf_program *target_program(const struct hooks *hooks, const struct stub *stub)
{
	return bpf_object__find_program_by_name(hooks->skeleton->obj, stub->program);
}

static bool is_needed(const struct hooks *hooks, const struct stub *stub)
{
	if (hooks->without_compat && strcmp(pin_of_link(stub), "fentry_read_compat") == 0)
		return false;
	return stub->methods & 1 << hooks->method && stub->rules & 1 << hooks->config.rule &&
	       stub_program(hooks, stub);
}

static bool is_attached(const struct hooks *hooks, const struct stub *stub)
{
	struct pin_path path;

	return access(hook_path(&path, hooks, pin_of_link(stub)), F_OK) == 0;
}

void hooks_select(const struct hooks *hooks)
{
	hooks->skeleton->rodata->hook = hooks->method;
	for (unsigned int i = 0; i < STUBS; i++) {
		if (is_needed(hooks, &stubs[i]) || !stub_program(hooks, &stubs[i]))
			continue;
		bpf_program__set_autoload(stub_program(hooks, &stubs[i]), false);
		bpf_program__set_autoload(target_program(hooks, &stubs[i]), false);
	}
}

int hooks_reuse_arrays(const struct hooks *hooks, struct reason *why)
{
	struct pin_path path;
	int r = 0;

	for (unsigned int i = 0; i < ARRAYS && r == 0; i++) {
		int fd = bpf_obj_get(hook_path(&path, hooks, arrays[i]));

		r = pin_reuse(bpf_object__find_map_by_name(hooks->skeleton->obj, arrays[i]),
			      fd < 0 ? -errno : fd, path.text, why);
	}
	return r;
}

/* Returns 0, or -errno with the reason in @why. */
static int attach(const struct hooks *hooks, const struct stub *stub, struct bpf_link **link,
		  struct reason *why)
{
	const struct bpf_program *program = stub_program(hooks, stub);
	int event = -EBADF;
	int r;

	if (stub->tracepoint) {
		event = tracepoint_open(stub->tracepoint, why);
		if (event < 0)
			return event;
		*link = bpf_program__attach_perf_event(program, event);
	} else {
		*link = bpf_program__attach(program);
	}
	if (*link)
		return 0;
	r = -errno;
	close_fd(event);
	return reason_set_errno(why, r, "hook %s is not available: cannot attach to %s",
				method_name(hooks->method), bpf_program__section_name(program));
}

/*
 * Attaching anything to a function, and detaching from it, makes older kernels (6.12; not 7.2) skip
 * the fexit programs of the readers that wait in it: the key that they wait for would not be seen.
 * So a stub that is attached already is left alone.
 */
int hooks_attach(struct hooks *hooks, struct reason *why)
{
	int r = 0;

	for (unsigned int i = 0; i < STUBS && r == 0; i++) {
		if (is_needed(hooks, &stubs[i]) && !is_attached(hooks, &stubs[i]))
			r = attach(hooks, &stubs[i], &hooks->links[i], why);
	}
	return r;
}

int hooks_pin_arrays(const struct hooks *hooks)
{
	char pin[PIN_LEN];
	int r = 0;

	for (unsigned int i = 0; i < ARRAYS && r == 0; i++) {
		hook_pin(pin, arrays[i]);
		r = pin_object(bpf_object__find_map_fd_by_name(hooks->skeleton->obj, arrays[i]),
			       hooks->dir, pin);
	}
	return r;
}

/* The kernel gives the program of a link to CAP_SYS_ADMIN alone, and that of a pin to its owner. */
static int pin_stub(const struct hooks *hooks, const struct stub *stub)
{
	struct pin_path path;
	char pin[PIN_LEN];

	/* Its link may have been removed by hand. */
	if (unlink(hook_path(&path, hooks, stub->name)) < 0 && errno != ENOENT)
		return log_errno(-errno, "cannot remove %s", path.text);
	hook_pin(pin, stub->name);
	return pin_object(bpf_program__fd(stub_program(hooks, stub)), hooks->dir, pin);
}

int hooks_pin_links(struct hooks *hooks)
{
	struct pin_path path;
	int r;

	for (unsigned int i = 0; i < STUBS; i++) {
		if (!hooks->links[i])
			continue;
		r = pin_stub(hooks, &stubs[i]);
		if (r < 0)
			return r;
		r = bpf_link__pin(hooks->links[i], hook_path(&path, hooks, pin_of_link(&stubs[i])));
		if (r < 0)
			return log_errno(r, "cannot pin %s", path.text);
		log_debug("attached %s", path.text);
		bpf_link__disconnect(hooks->links[i]); /* destroying would disable the event */
		bpf_link__destroy(hooks->links[i]);
		hooks->links[i] = NULL;
	}
	return 0;
}

static int stub_array(const struct hooks *hooks, const struct stub *stub)
{
	return bpf_object__find_map_fd_by_name(hooks->skeleton->obj, stub->array);
}

bool hooks_were_missing(const struct hooks *hooks)
{
	for (unsigned int i = 0; i < STUBS; i++) {
		const struct stub *stub = &stubs[i];
		uint32_t program;

		if (!is_needed(hooks, stub))
			continue;
		/* A load that was killed may have pinned the stub, and not have switched it on. */
		if (hooks->links[i] ||
		    bpf_map_lookup_elem(stub_array(hooks, stub), &stub->key, &program) < 0)
			return true;
	}
	return false;
}

int hooks_switch(const struct hooks *hooks)
{
	for (unsigned int i = 0; i < STUBS; i++) {
		const struct stub *stub = &stubs[i];

		if (is_needed(hooks, stub))
			continue;
		if (bpf_map_delete_elem(stub_array(hooks, stub), &stub->key) < 0 && errno != ENOENT)
			return log_errno(-errno, "cannot switch off %s", pin_of_link(stub));
	}
	for (unsigned int i = 0; i < STUBS; i++) {
		const struct stub *stub = &stubs[i];
		int fd;

		if (!is_needed(hooks, stub))
			continue;
		fd = bpf_program__fd(target_program(hooks, stub));
		if (bpf_map_update_elem(stub_array(hooks, stub), &stub->key, &fd, BPF_ANY) < 0)
			return log_errno(-errno, "cannot switch to program %s", stub->program);
	}
	return 0;
}

void hooks_detach_unused(const struct hooks *hooks)
{
	struct pin_path path;

	for (unsigned int i = 0; i < STUBS; i++) {
		if (is_needed(hooks, &stubs[i]))
			continue;
		if (unlink(hook_path(&path, hooks, pin_of_link(&stubs[i]))) == 0)
			log_debug("detached %s", path.text);
		unlink(hook_path(&path, hooks, stubs[i].name));
	}
}

void hooks_release(struct hooks *hooks)
{
	for (unsigned int i = 0; i < STUBS; i++) {
		bpf_link__destroy(hooks->links[i]);
		hooks->links[i] = NULL;
	}
	heartbeat_bpf__destroy(hooks->skeleton);
	hooks->skeleton = NULL;
}
