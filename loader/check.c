// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <linux/capability.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "heartbeat.skel.h"

#include "bpf/heartbeat.h"
#include "bpf/lib/cgroup.h"
#include "bpf/lib/log.h"
#include "bpf/lib/parse.h"
#include "bpf/lib/pins.h"
#include "loader/bpffs.h"
#include "loader/check.h"
#include "loader/hooks.h"
#include "loader/load.h"
#include "loader/object.h"
#include "loader/programs.h"
#include "loader/tracepoint.h"

/* A need's answer: what is there, or what is missing and the fix. */
enum { TEXT_LEN = 1024 };

static const char kernel_fix[] = "boot a Linux kernel of version 6.1 or later";

static bool has_capability(unsigned int number)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};

	if (syscall(SYS_capget, &header, data) < 0)
		return false;
	return data[CAP_TO_INDEX(number)].effective & CAP_TO_MASK(number);
}

static int check_privileges(const struct load_options *options, char *text)
{
	(void)options;
	if (geteuid() != 0) {
		snprintf(text, TEXT_LEN, "user %u is not root: sudo hb-load", geteuid());
		return -EPERM;
	}
	/* CAP_SYS_ADMIN includes the other two: capabilities(7). */
	if (has_capability(CAP_SYS_ADMIN))
		return 0;
	if (has_capability(CAP_BPF) && has_capability(CAP_PERFMON))
		return 0;
	snprintf(text, TEXT_LEN,
		 "%s%s%s taken away from root: give it back (in a container: --cap-add)",
		 has_capability(CAP_BPF) ? "" : "CAP_BPF",
		 has_capability(CAP_BPF) || has_capability(CAP_PERFMON) ? "" : " and ",
		 has_capability(CAP_PERFMON) ? "" : "CAP_PERFMON");
	return -EPERM;
}

static int check_run_dir(const struct load_options *options, char *text)
{
	(void)options;
	if (access("/run", W_OK) == 0)
		return 0;
	snprintf(text, TEXT_LEN,
		 "/run, for the lock, is not writable: %s: mount -t tmpfs tmpfs /run",
		 strerror(errno));
	return -EIO;
}

static int check_btf(const struct load_options *options, char *text)
{
	static const char path[] = "/sys/kernel/btf/vmlinux";

	(void)options;
	if (access(path, R_OK) == 0)
		return 0;
	snprintf(text, TEXT_LEN,
		 "%s: %s: mount sysfs, or boot a kernel with CONFIG_DEBUG_INFO_BTF=y", path,
		 strerror(errno));
	return -ENOENT;
}

static int check_bpf(const struct load_options *options, char *text)
{
	static const struct {
		enum bpf_prog_type type;
		const char *name;
	} types[] = {
		{BPF_PROG_TYPE_TRACEPOINT, "tracepoint"},
		{BPF_PROG_TYPE_RAW_TRACEPOINT, "raw_tracepoint"},
	};

	(void)options;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (libbpf_probe_bpf_prog_type(types[i].type, NULL) > 0)
			continue;
		snprintf(text, TEXT_LEN, "programs of type %s are refused: %s", types[i].name,
			 kernel_fix);
		return -EOPNOTSUPP;
	}
	if (libbpf_probe_bpf_map_type(BPF_MAP_TYPE_RINGBUF, NULL) > 0)
		return 0;
	snprintf(text, TEXT_LEN, "ring buffers are refused: %s", kernel_fix);
	return -EOPNOTSUPP;
}

/* The functions called here say the reason and the fix themselves: @text is where it goes. */
static int check_bpffs(const struct load_options *options, char *text)
{
	int r = bpffs_check_way(options->pin_dir);

	if (r <= 0)
		return r;
	if (has_capability(CAP_SYS_ADMIN)) {
		snprintf(text, TEXT_LEN, "none at /sys/fs/bpf: hb-load will mount one");
		return 0;
	}
	snprintf(
		text, TEXT_LEN,
		"none at /sys/fs/bpf, and no CAP_SYS_ADMIN to mount one: mount -t bpf bpf /sys/fs/bpf");
	return -EIO;
}

static int check_pin_dir(const struct load_options *options, char *text)
{
	char staging[PINS_PATH_MAX];
	struct hb_meta meta;
	int r;

	load_staging_dir(options->pin_dir, staging);
	r = bpffs_check_dir(staging);
	if (r < 0 && r != -ENOENT)
		return r;
	r = bpffs_check_dir(options->pin_dir);
	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = load_read_meta(options->pin_dir, &meta);
	if (r == 0)
		r = load_check_sizes(options, &meta);
	if (r == 0)
		snprintf(text, TEXT_LEN, "loaded already: hb-load will upgrade it");
	return r;
}

static int check_programs(const struct load_options *options, char *text)
{
	static struct programs programs;
	int r = programs_parse(options->programs, HB_PROGRAMS_ETC, &programs);

	if (r == 0)
		snprintf(text, TEXT_LEN, "%zu", programs.count);
	return r;
}

/* The hook that check_hook() found, for the checks after it. */
static int hook = -1;

static int check_hook(const struct load_options *options, char *text)
{
	char why_not[HB_WHY_LEN];

	hook = hooks_choose(options->hook, options->rule, options->pin_dir, why_not);
	if (hook < 0)
		return hook;
	snprintf(text, TEXT_LEN, "%s%s%s", method_name((uint32_t)hook),
		 why_not[0] ? "; a better one does not work here: " : "", why_not);
	return 0;
}

static int check_tracepoints(const struct load_options *options, char *text)
{
	static const char *const names[] = {"sys_enter_read", "sys_exit_read"};
	int id;

	(void)options;
	if (hook == HB_METHOD_FENTRY) {
		snprintf(text, TEXT_LEN, "not needed by hook fentry");
		return 0;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		id = tracepoint_id(names[i]);
		if (id > 0)
			continue;
		snprintf(
			text, TEXT_LEN,
			"syscalls/%s: %s: mount -t tracefs tracefs /sys/kernel/tracing, or boot a kernel with CONFIG_FTRACE_SYSCALLS=y",
			names[i], strerror(-id));
		return id;
	}
	return 0;
}

/* All of a load but attaching and pinning. What it makes is gone at the end. */
static int check_load(const struct load_options *options, char *text)
{
	struct object_request request = {
		.rule = options->rule,
		.max_pids = options->max_pids ? options->max_pids : HB_MAX_PIDS_DEFAULT,
		.trial = true,
	};
	struct heartbeat_bpf *skeleton;
	int r;

	if (hook < 0) {
		snprintf(text, TEXT_LEN, "needs a hook");
		return -EOPNOTSUPP;
	}
	request.hook = (uint32_t)hook;
	r = object_load(&request, &skeleton);
	if (r < 0) {
		snprintf(text, TEXT_LEN,
			 "the kernel refuses the programs: %s: %s; --verbose shows its words",
			 strerror(-r), kernel_fix);
		return r;
	}
	heartbeat_bpf__destroy(skeleton);
	return 0;
}

/* Not needed, but good to know. */
static int check_cgroups(const struct load_options *options, char *text)
{
	(void)options;
	if (cgroup_mount_point())
		return 0;
	snprintf(
		text, TEXT_LEN,
		"no version 2 hierarchy is mounted: beats cannot be told by cgroup: mount -t cgroup2 none /sys/fs/cgroup/unified");
	return -ENOENT;
}

static const struct need {
	const char *name;
	int (*check)(const struct load_options *options, char *text);
	bool privileged; /* can only be told with privileges */
	bool optional;
} needs[] = {
	{"privileges", check_privileges, false, false},
	{"lock directory", check_run_dir, false, false},
	{"kernel type information", check_btf, false, false},
	{"BPF program and map types", check_bpf, true, false},
	{"bpf file system", check_bpffs, false, false},
	{"pin directory", check_pin_dir, false, false},
	{"list of programs", check_programs, false, false},
	{"hook", check_hook, true, false},
	{"read tracepoints", check_tracepoints, true, false},
	{"trial load", check_load, true, false},
	{"cgroup version 2", check_cgroups, false, true},
};

int check_run(const struct load_options *options)
{
	bool privileged = false;
	struct utsname system;
	int result = 0;

	if (uname(&system) == 0)
		printf("kernel %s, %s\n", system.release, system.machine);
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		const struct need *need = &needs[i];
		char text[TEXT_LEN] = "";
		int r;

		if (need->privileged && !privileged) {
			printf("untried  %s: needs privileges\n", need->name);
			continue;
		}
		if (!options->verbose)
			log_divert(text, sizeof(text));
		r = need->check(options, text);
		log_divert(NULL, 0);
		if (need->check == check_privileges)
			privileged = r == 0;
		printf("%-8s %s%s%s\n",
		       r == 0		? "ok"
		       : need->optional ? "note"
					: "missing",
		       need->name, text[0] ? ": " : "", text);
		if (r < 0 && !need->optional)
			result = -EIO;
	}
	return result;
}
