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
#include "bpf/lib/clock.h"
#include "bpf/lib/log.h"
#include "bpf/lib/parse.h"
#include "bpf/lib/pins.h"
#include "loader/bpffs.h"
#include "loader/hooks.h"
#include "loader/iterators.h"
#include "loader/layout.h"
#include "loader/load.h"
#include "loader/lock.h"
#include "loader/object.h"
#include "loader/programs.h"
#include "loader/rings.h"

/* What a run works on, and must release. */
struct load {
	const struct load_options *options;
	struct programs programs;
	uint32_t readers;
	uint32_t ring_size; /* bytes */
	uint32_t max_pids;
	struct rings rings;
	struct heartbeat_bpf *skeleton;
	uint64_t loaded_at; /* of the first load */
	uint32_t hook;
	char why_not[HB_WHY_LEN]; /* why not a better hook */
	bool attached;		  /* the hook works */
};

void load_staging_dir(const char *pin_dir, char *path)
{
	snprintf(path, PINS_PATH_MAX, "%s_new", pin_dir);
}

static int pin_maps(const struct load *load, const char *dir)
{
	int r = 0;

	for (unsigned int map = 0; map < PINS_MAPS && r == 0; map++)
		r = object_pin(bpf_map__fd(object_map(load->skeleton, map)), dir,
			       pins_map_name(map));
	return r < 0 ? r : hooks_pin_arrays(load->skeleton, dir);
}

/* The tracepoint of the call does not know what it will return, and that of the return costs. */
static bool knows_keys(const struct load *load)
{
	return load->hook == HB_METHOD_FENTRY || load->options->rule == HB_RULE_KEYS;
}

static int write_meta(const struct load *load)
{
	struct hb_meta meta = {
		.abi = HB_ABI_VERSION,
		.rule = load->options->rule,
		.hook = load->hook,
		.readers = load->readers,
		.loaded_at = load->loaded_at,
		.updated_at = clock_boot_ns(),
		.ring_size = load->ring_size,
		.max_pids = load->max_pids,
		.flags = knows_keys(load) ? HB_META_KEYS : 0,
		.build = HB_VERSION,
	};
	__u32 zero = 0;

	memcpy(meta.why_not, load->why_not, sizeof(meta.why_not));
	if (bpf_map_update_elem(bpf_map__fd(load->skeleton->maps.meta), &zero, &meta, BPF_ANY) < 0)
		return log_errno(-errno, "writing meta");
	return 0;
}

static int apply_programs(const struct load *load)
{
	return programs_apply(bpf_map__fd(load->skeleton->maps.programs), &load->programs);
}

static int permit(const struct load *load, const char *dir)
{
	const struct load_options *options = load->options;
	int r = layout_permit(dir, load->readers, options->group != NULL, options->gid);

	return r == 0 && options->group ? bpffs_open_way(dir) : r;
}

/* @pin_dir: where maps are pinned that are to be used; or NULL */
static int load_object(struct load *load, const char *pin_dir)
{
	const struct object_request request = {
		.hook = load->hook,
		.rule = load->options->rule,
		.max_pids = load->max_pids,
		.pin_dir = pin_dir,
		.rings = load->rings.array,
	};

	return object_load(&request, &load->skeleton);
}

/* fentry does not work, for the reason that was diverted: messages are for the user again. */
static void fall_back(struct load *load)
{
	log_divert(NULL, 0);
	log_debug("not hook fentry: %s", load->why_not);
	load->hook = HB_METHOD_TRACEPOINT;
}

/* Whether the kernel takes the programs of the best hook is found out by loading them. */
static int load_best_object(struct load *load)
{
	int r = load_object(load, NULL);

	if (load->options->hook >= 0 || load->hook != HB_METHOD_FENTRY)
		return r;
	if (r == 0) {
		load->why_not[0] = '\0';
		return 0;
	}
	fall_back(load);
	return load_object(load, NULL);
}

/* Everything of a first load up to the renaming. */
static int stage(struct load *load, const char *dir)
{
	int r;

	r = layout_make(dir, load->readers);
	if (r == 0)
		r = rings_make(&load->rings, dir, load->readers, load->ring_size);
	if (r == 0)
		r = load_best_object(load);
	if (r == 0)
		r = pin_maps(load, dir);
	if (r == 0)
		r = iterators_pin(load->skeleton, dir);
	if (r == 0)
		r = write_meta(load);
	if (r == 0)
		r = apply_programs(load);
	if (r == 0)
		r = hooks_switch(load->skeleton, load->hook);
	if (r == 0)
		r = hooks_attach(load->skeleton, dir, load->hook, load->options->rule);
	if (r == 0) {
		load->attached = true;
		log_divert(NULL, 0);
		r = iterators_judge_all(load->skeleton, false);
	}
	if (r == 0)
		r = permit(load, dir);
	return r == 0 ? rings_finish(&load->rings) : r;
}

static int load_first(struct load *load, const char *staging)
{
	const struct load_options *options = load->options;
	int r;

	load->readers = options->readers ? options->readers : HB_READERS_DEFAULT;
	load->ring_size = options->ring_size ? options->ring_size : HB_RING_SIZE_DEFAULT;
	load->max_pids = options->max_pids ? options->max_pids : HB_MAX_PIDS_DEFAULT;
	load->loaded_at = clock_boot_ns();
	r = stage(load, staging);
	if (r == 0 && rename(staging, options->pin_dir) < 0)
		r = log_errno(-errno, "renaming %s to %s", staging, options->pin_dir);
	if (r < 0)
		layout_remove(staging);
	return r;
}

static void release(struct load *load)
{
	rings_finish(&load->rings);
	heartbeat_bpf__destroy(load->skeleton);
	load->skeleton = NULL;
}

/* With the hook asked for, or else the best that works. */
static int load_first_best(struct load *load, const char *staging)
{
	int r;

	if (load->options->hook >= 0) {
		load->hook = (uint32_t)load->options->hook;
		if (load->hook != HB_METHOD_FENTRY)
			hooks_why_not_asked(load->why_not);
		return load_first(load, staging);
	}
	load->hook = HB_METHOD_FENTRY;
	log_divert(load->why_not, sizeof(load->why_not));
	r = load_first(load, staging);
	log_divert(NULL, 0);
	if (load->attached || load->hook != HB_METHOD_FENTRY)
		return r;
	/* It could be loaded, but not attached; or the reason has nothing to do with the hook. */
	fall_back(load);
	release(load);
	return load_first(load, staging);
}

static int check_size(const char *option, const char *dir, uint32_t asked, uint64_t loaded)
{
	if (asked == 0 || asked == loaded)
		return 0;
	return log_error(
		-EEXIST,
		"--%s %u: %s was loaded with %llu, which cannot change while readers may hold it: run hb-load unload first",
		option, asked, dir, (unsigned long long)loaded);
}

int load_check_sizes(const struct load_options *options, const struct hb_meta *meta)
{
	const char *dir = options->pin_dir;
	int r;

	r = check_size("readers", dir, options->readers, meta->readers);
	if (r == 0)
		r = check_size("ring-size", dir, options->ring_size, meta->ring_size);
	if (r == 0)
		r = check_size("max-pids", dir, options->max_pids, meta->max_pids);
	return r;
}

static int load_again(struct load *load, const struct hb_meta *meta)
{
	const struct load_options *options = load->options;
	const char *dir = options->pin_dir;
	int r;

	load->loaded_at = meta->loaded_at;
	load->readers = meta->readers;
	load->ring_size = (uint32_t)meta->ring_size;
	load->max_pids = meta->max_pids;
	r = load_check_sizes(options, meta);
	if (r == 0)
		r = load_object(load, dir);
	if (r == 0)
		r = hooks_attach(load->skeleton, dir, load->hook, options->rule);
	if (r == 0)
		r = hooks_switch(load->skeleton, load->hook);
	if (r < 0)
		return r;
	hooks_detach_unused(load->skeleton, dir, load->hook, options->rule);
	r = iterators_update(load->skeleton, dir);
	if (r == 0)
		r = write_meta(load);
	if (r == 0)
		r = apply_programs(load);
	if (r == 0)
		r = iterators_judge_all(load->skeleton, true);
	return r == 0 ? permit(load, dir) : r;
}

static void print_summary(const struct load *load, const char *verb)
{
	enum { NAMES_SHOWN = 12 };
	const struct programs *programs = &load->programs;

	printf("%s: hook %s, rule %s, programs", verb, method_name(load->hook),
	       rule_name(load->options->rule));
	for (size_t i = 0; i < programs->count && i < NAMES_SHOWN; i++)
		printf(" %s", programs->names[i]);
	if (programs->count > NAMES_SHOWN)
		printf(" and %zu more", programs->count - NAMES_SHOWN);
	printf(", %u reader%s, at %s\n", load->readers, load->readers == 1 ? "" : "s",
	       load->options->pin_dir);
}

int load_read_meta(const char *dir, struct hb_meta *meta)
{
	struct pin_path path;

	if (access(pins_path(&path, dir, HB_PIN_META), F_OK) < 0 && errno == ENOENT)
		return log_error(-EEXIST, "%s is there, but not complete: run hb-load unload first",
				 dir);
	return pins_read_meta(dir, meta);
}

/* The hook is tried before anything is changed. */
static int upgrade(struct load *load)
{
	struct hb_meta meta = {0};
	int r;

	r = load_read_meta(load->options->pin_dir, &meta);
	if (r < 0)
		return r;
	r = hooks_choose(load->options->hook, load->options->rule, load->options->pin_dir,
			 load->why_not);
	if (r < 0)
		return r;
	load->hook = (uint32_t)r;
	return load_again(load, &meta);
}

static int run(struct load *load)
{
	const char *dir = load->options->pin_dir;
	char staging[PINS_PATH_MAX];
	_cleanup_close_ int lock = -EBADF;
	bool again;
	int r;

	r = programs_parse(load->options->programs, HB_PROGRAMS_ETC, &load->programs);
	if (r < 0)
		return r;
	lock = lock_take();
	if (lock < 0)
		return lock;
	r = bpffs_check_way(dir);
	if (r > 0)
		r = bpffs_mount();
	if (r < 0)
		return r;
	load_staging_dir(dir, staging);
	r = bpffs_check_dir(staging);
	if (r == 0) {
		log_debug("clearing what an interrupted run left at %s", staging);
		r = layout_remove(staging);
	}
	if (r < 0 && r != -ENOENT)
		return r;
	r = bpffs_check_dir(dir);
	again = r == 0;
	if (r < 0 && r != -ENOENT)
		return r;
	r = again ? upgrade(load) : load_first_best(load, staging);
	if (r == 0)
		print_summary(load, again ? "updated" : "loaded");
	return r;
}

int load_run(const struct load_options *options)
{
	static struct load load;
	int r;

	load.options = options;
	r = run(&load);
	release(&load);
	return r;
}
