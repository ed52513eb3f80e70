// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "heartbeat.skel.h"

#include "bpf/heartbeat.h"
#include "bpf/lib/capabilities.h"
#include "bpf/lib/cleanup.h"
#include "bpf/lib/log.h"
#include "bpf/lib/parse.h"
#include "bpf/lib/pins.h"
#include "loader/bpffs.h"
#include "loader/check.h"
#include "loader/hooks.h"
#include "loader/layout.h"
#include "loader/load.h"
#include "loader/lock.h"
#include "loader/object.h"
#include "loader/privileges.h"
#include "loader/programs.h"
#include "loader/rings.h"
#include "loader/similar.h"
#include "loader/tracepoint.h"
#include "loader/trial.h"

/* What the checks share. Each sets its text: what it found, or what is missing and the fix. */
struct preflight {
	const struct load_options *options;
	struct hb_meta sizes; /* of a first load, or of what is loaded */
	bool loaded;	      /* there will be an upgrade */
	struct hooks hooks;   /* what check_hook() found out */
	bool any_program;     /* HB_ANY_PROGRAM is on the list */
	bool hook_works;
	bool privileged;
};

/* There must never be two maps called considered_pids. */
static const char trial_map[] = "hb_check";

static const char kernel_fix[] = "boot a Linux kernel of version 6.1 or later";

/* The fix where bpf(2) is forbidden to a process that has the privileges, whatever the kernel version. */
static const char denied_fix[] =
	"a seccomp filter, a security module or lockdown forbids bpf(2): run it on the host, or see dmesg";

static int check_privileges(struct preflight *preflight, struct reason *text)
{
	int r = privileges_check(text);

	preflight->privileged = r == 0;
	return r;
}

static int check_lock(struct preflight *preflight, struct reason *text)
{
	(void)preflight;
	return lock_check(text);
}

static int check_btf(struct preflight *preflight, struct reason *text)
{
	static const char path[] = "/sys/kernel/btf/vmlinux";

	(void)preflight;
	if (access(path, R_OK) == 0)
		return 0;
	return reason_set(text, -ENOENT,
			  "%s: %s: mount sysfs, or boot a kernel with CONFIG_DEBUG_INFO_BTF=y",
			  path, strerror(errno));
}

static int check_bpf(struct preflight *preflight, struct reason *text)
{
	static const struct {
		enum bpf_prog_type type;
		const char *name;
	} types[] = {
		{BPF_PROG_TYPE_TRACEPOINT, "tracepoint"},
		{BPF_PROG_TYPE_RAW_TRACEPOINT, "raw_tracepoint"},
	};

	(void)preflight;
	errno = 0;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (libbpf_probe_bpf_prog_type(types[i].type, NULL) > 0)
			continue;
		return reason_set(text, -EOPNOTSUPP, "programs of type %s are refused: %s",
				  types[i].name, errno == EPERM ? denied_fix : kernel_fix);
	}
	if (libbpf_probe_bpf_map_type(BPF_MAP_TYPE_RINGBUF, NULL) > 0)
		return 0;
	return reason_set(text, -EOPNOTSUPP, "ring buffers are refused: %s",
			  errno == EPERM ? denied_fix : kernel_fix);
}

static int check_bpffs(struct preflight *preflight, struct reason *text)
{
	int r = bpffs_check_way(preflight->options->pin_dir, text);

	if (r <= 0)
		return r;
	if (capabilities_have(CAP_SYS_ADMIN))
		return reason_set(text, 0, "none at /sys/fs/bpf: hb-load will mount one");
	return reason_set(
		text, -EIO,
		"none at /sys/fs/bpf, and no CAP_SYS_ADMIN to mount one: mount -t bpf bpf /sys/fs/bpf");
}

static int check_pin_dir(struct preflight *preflight, struct reason *text)
{
	const struct load_options *options = preflight->options;
	struct pin_path staging;
	struct hb_meta meta;
	int r;

	r = privileges_check_group(options->gid, options->pin_dir, text);
	if (r < 0)
		return r;
	r = bpffs_check_dir(layout_staging(&staging, options->pin_dir), text);
	if (r < 0 && r != -ENOENT)
		return r;
	r = bpffs_check_dir(options->pin_dir, text);
	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = load_check_upgrade(options, &meta, text);
	preflight->loaded = r == 0;
	if (!preflight->loaded)
		return r;
	preflight->sizes = meta;
	return reason_set(text, 0, "loaded already: hb-load will upgrade it");
}

static int check_programs(struct preflight *preflight, struct reason *text)
{
	const struct names *programs = &preflight->options->programs;
	int r = programs_check_rule(programs, preflight->options->rule, text);

	preflight->any_program = r == 0 && names_have(programs, HB_ANY_PROGRAM);
	return r < 0 ? r : reason_set(text, 0, "%zu", programs->count);
}

/* Those that are loaded have their rings. */
static int check_memory(struct preflight *preflight, struct reason *text)
{
	return preflight->loaded ? 0 : rings_check_memory(&preflight->sizes, text);
}

static int check_hook(struct preflight *preflight, struct reason *text)
{
	const struct load_options *options = preflight->options;
	struct hooks *hooks = &preflight->hooks;
	_cleanup_close_ int pids = -EBADF;
	struct reason why;
	int r;

	pids = object_make_pids(trial_map, preflight->sizes.max_pids, text);
	if (pids < 0)
		return pids;
	hooks->dir = options->pin_dir;
	hooks->config = (struct object_config){
		.rule = options->rule,
		.any_program = preflight->any_program,
		.first_load = true,
	};
	r = trial_choose(hooks, options->hook, pids, &why);
	hooks_release(hooks);
	if (r < 0)
		return reason_set(text, r, "%s", why.text);
	preflight->hook_works = true;
	return reason_set(text, 0, "%s%s%s%s", method_name(hooks->method), why.text[0] ? " (" : "",
			  why.text, why.text[0] ? ")" : "");
}

static int check_tracepoint(struct preflight *preflight, struct reason *text)
{
	static const char name[] = "sys_exit_read";
	int id;

	if (preflight->hook_works && preflight->hooks.method == HB_METHOD_FENTRY)
		return reason_set(text, 0, "not needed by hook fentry");
	id = tracepoint_id(name, text);
	return id < 0 ? id : 0;
}

/* Load everything without attaching or pinning it, and release it. */
static int check_load(struct preflight *preflight, struct reason *text)
{
	struct hooks *hooks = &preflight->hooks;
	_cleanup_close_ int pids = -EBADF;
	int r;

	if (!preflight->hook_works)
		return reason_set(text, -EOPNOTSUPP, "needs a hook");
	pids = object_make_pids(trial_map, preflight->sizes.max_pids, text);
	if (pids < 0)
		return pids;
	r = object_open(&hooks->skeleton, &hooks->config, text);
	if (r < 0)
		return r;
	hooks_select(hooks);
	r = object_reuse_pids(hooks->skeleton, pids, text);
	if (r == 0)
		r = heartbeat_bpf__load(hooks->skeleton);
	hooks_release(hooks);
	if (r == 0)
		return 0;
	return reason_set(text, r, "the kernel refuses the programs: %s: %s; -vv shows its words",
			  log_text_of(r), r == -EPERM ? denied_fix : kernel_fix);
}

static const struct need {
	const char *name;
	int (*check)(struct preflight *preflight, struct reason *text);
	bool privileged; /* cannot be checked without privileges */
} needs[] = {
	{"privileges", check_privileges, false},
	{"lock directory", check_lock, true},
	{"kernel type information", check_btf, false},
	{"BPF program and map types", check_bpf, true},
	{"bpf file system", check_bpffs, true},
	{"pin directory", check_pin_dir, true},
	{"memory", check_memory, false},
	{"list of programs", check_programs, false},
	{"hook", check_hook, true},
	{"read tracepoint", check_tracepoint, true},
	{"trial load", check_load, true},
};

/* Print a line. Returns 0, or -errno if something is missing that a load needs. */
static int check(const struct need *need, struct preflight *preflight)
{
	struct reason text = {0};
	int r;

	r = need->privileged && !preflight->privileged ? -EACCES : need->check(preflight, &text);
	/* What this process may not see tells nothing about a load. */
	if (r == -EACCES && !preflight->privileged) {
		printf("untried  %s: needs privileges\n", need->name);
		return 0;
	}
	printf("%-8s %s%s%s\n", r == 0 ? "ok" : "missing", need->name, text.text[0] ? ": " : "",
	       text.text);
	return r;
}

static void print_settings(struct load_options *options, const struct preflight *preflight)
{
	char readers[16];

	/* An upgrade keeps them. */
	snprintf(readers, sizeof(readers), "%u", preflight->sizes.readers);
	if (preflight->loaded && options->readers == 0)
		config_add(&options->config, config_find("readers"), CONFIG_DEFAULT, readers,
			   "loaded");
	config_print(&options->config);
	similar_report(&options->programs);
	similar_report(&options->busy);
}

int check_run(struct load_options *options)
{
	struct preflight preflight = {.options = options};
	struct utsname system;
	int result = 0;

	load_choose_sizes(options, &preflight.sizes);

	if (uname(&system) == 0)
		printf("kernel %s, %s\n", system.release, system.machine);
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		if (check(&needs[i], &preflight) < 0)
			result = -EIO;
	}
	print_settings(options, &preflight);
	return result;
}
