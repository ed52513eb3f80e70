// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "heartbeat.skel.h"

#include "../bpf/heartbeat.h"
#include "../bpf/lib/cleanup.h"
#include "../bpf/lib/clock.h"
#include "../bpf/lib/log.h"
#include "../bpf/lib/parse.h"
#include "../bpf/lib/pins.h"
#include "bpffs.h"
#include "hooks.h"
#include "iterators.h"
#include "layout.h"
#include "load.h"
#include "lock.h"
#include "object.h"
#include "programs.h"

/* What a run works on, and must release. */
struct load {
	const struct arguments *arguments;
	struct programs programs;
	struct object_sizes sizes;
	struct heartbeat_bpf *skeleton;
	struct hooks *hooks;
	uint64_t loaded_at; /* of the first load */
	uint32_t hook;
	char why_not[HB_WHY_LEN]; /* why not a better hook */
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
	if (r == 0)
		r = object_pin(bpf_map__fd(load->skeleton->maps.rings), dir, OBJECT_RINGS_PIN);
	return r;
}

static int make_ring(const struct load *load, const char *dir, uint32_t slot, int *ring)
{
	char name[64];

	*ring = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "events", 0, 0, load->sizes.ring_size, NULL);
	if (*ring < 0)
		return log_errno(-errno, "making a ring of %u bytes", load->sizes.ring_size);
	snprintf(name, sizeof(name), HB_PIN_EVENTS_FMT, slot);
	return object_pin(*ring, dir, name);
}

/*
 * All at once: the kernel waits for programs that may use what was there before, which takes some
 * 15 ms each time (and for each ring, before Linux 6.8).
 */
static int hand_out_rings(const struct load *load, const int rings[])
{
	uint32_t slots[HB_READERS_MAX];
	uint32_t count = load->sizes.readers;

	for (uint32_t i = 0; i < count; i++)
		slots[i] = i;
	if (bpf_map_update_batch(bpf_map__fd(load->skeleton->maps.rings), slots, rings, &count,
				 NULL) < 0)
		return log_errno(-errno, "handing the rings to the programs");
	return 0;
}

static int make_rings(const struct load *load, const char *dir)
{
	int rings[HB_READERS_MAX];
	uint32_t made = 0;
	int r = 0;

	while (r == 0 && made < load->sizes.readers) {
		r = make_ring(load, dir, made, &rings[made]);
		made++;
	}
	if (r == 0)
		r = hand_out_rings(load, rings);
	while (made > 0)
		close_fd(rings[--made]);
	return r;
}

/* The tracepoint of the call does not know what it will return, and that of the return costs. */
static bool knows_keys(const struct load *load)
{
	return load->hook == HB_HOOK_FENTRY || load->arguments->rule == HB_RULE_KEYS;
}

static int write_meta(const struct load *load)
{
	struct hb_meta meta = {
		.abi = HB_ABI_VERSION,
		.rule = load->arguments->rule,
		.hook = load->hook,
		.readers = load->sizes.readers,
		.loaded_at = load->loaded_at,
		.updated_at = clock_boot_ns(),
		.ring_size = load->sizes.ring_size,
		.max_pids = load->sizes.max_pids,
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
	const struct arguments *arguments = load->arguments;
	int r = layout_permit(dir, load->sizes.readers, arguments->group != NULL, arguments->gid);

	return r == 0 && arguments->group ? bpffs_open_way(dir) : r;
}

/* Everything of a first load up to the renaming. */
static int stage(struct load *load, const char *dir)
{
	char hooks[PINS_PATH_MAX];
	int r;

	r = layout_make(dir, load->sizes.readers);
	if (r == 0)
		r = pins_path(hooks, dir, HB_PIN_HOOKS);
	/* First what a kernel may refuse. */
	if (r == 0)
		r = hooks_open(hooks, true, load->hook, &load->hooks);
	if (r == 0)
		r = object_load(NULL, load->hook, load->arguments->rule, &load->sizes, 0,
				&load->skeleton);
	if (r == 0)
		r = pin_maps(load, dir);
	if (r == 0)
		r = make_rings(load, dir);
	if (r == 0)
		r = iterators_pin(load->skeleton, dir);
	if (r == 0)
		r = write_meta(load);
	if (r == 0)
		r = apply_programs(load);
	if (r >= 0)
		r = hooks_switch(load->hooks, load->skeleton);
	if (r == 0)
		r = hooks_attach(load->hooks, load->arguments->rule);
	if (r == 0)
		r = iterators_judge_all(load->skeleton, false);
	if (r == 0)
		r = permit(load, dir);
	return r;
}

static int load_first(struct load *load, const char *staging)
{
	const struct arguments *arguments = load->arguments;
	int r;

	load->sizes.readers = arguments->readers ? arguments->readers : HB_READERS_DEFAULT;
	load->sizes.ring_size = arguments->ring_size ? arguments->ring_size : HB_RING_SIZE_DEFAULT;
	load->sizes.max_pids = arguments->max_pids ? arguments->max_pids : HB_MAX_PIDS_DEFAULT;
	load->loaded_at = clock_boot_ns();
	r = stage(load, staging);
	if (r == 0 && rename(staging, arguments->pin_dir) < 0)
		r = log_errno(-errno, "renaming %s to %s", staging, arguments->pin_dir);
	if (r < 0)
		layout_remove(staging);
	return r;
}

static void release(struct load *load)
{
	hooks_close(load->hooks);
	heartbeat_bpf__destroy(load->skeleton);
	load->hooks = NULL;
	load->skeleton = NULL;
}

/* With the hook asked for, or else the best that works: that is found out by loading it. */
static int load_first_best(struct load *load, const char *staging)
{
	int r;

	if (load->arguments->hook < 0) {
		load->hook = HB_HOOK_FENTRY;
		log_divert(load->why_not, sizeof(load->why_not));
		r = load_first(load, staging);
		log_divert(NULL, 0);
		if (r == 0) {
			load->why_not[0] = '\0';
			return 0;
		}
		log_debug("not hook fentry: %s", load->why_not);
		release(load);
		load->hook = HB_HOOK_TRACEPOINT;
	} else {
		load->hook = (uint32_t)load->arguments->hook;
		if (load->hook != HB_HOOK_FENTRY)
			hooks_why_not_asked(load->why_not);
	}
	return load_first(load, staging);
}

static int check_size(const char *option, const char *dir, uint32_t asked, uint64_t loaded)
{
	if (asked == 0 || asked == loaded)
		return 0;
	return log_error(-EEXIST,
			 "--%s %u: %s was loaded with %llu, which cannot change while readers may "
			 "hold "
			 "it: run hb-load unload first",
			 option, asked, dir, (unsigned long long)loaded);
}

int load_check_sizes(const struct arguments *arguments, const struct hb_meta *meta)
{
	const char *dir = arguments->pin_dir;
	int r;

	r = check_size("readers", dir, arguments->readers, meta->readers);
	if (r == 0)
		r = check_size("ring-size", dir, arguments->ring_size, meta->ring_size);
	if (r == 0)
		r = check_size("max-pids", dir, arguments->max_pids, meta->max_pids);
	return r;
}

static int load_again(struct load *load, const struct hb_meta *meta)
{
	const struct arguments *arguments = load->arguments;
	const char *dir = arguments->pin_dir;
	char hooks[PINS_PATH_MAX];
	int r;

	load->loaded_at = meta->loaded_at;
	load->sizes.readers = meta->readers;
	load->sizes.ring_size = (uint32_t)meta->ring_size;
	load->sizes.max_pids = meta->max_pids;
	r = load_check_sizes(arguments, meta);
	if (r == 0)
		r = pins_path(hooks, dir, HB_PIN_HOOKS);
	if (r == 0)
		r = hooks_open(hooks, false, load->hook, &load->hooks);
	if (r == 0)
		r = object_load(dir, load->hook, arguments->rule, &load->sizes, 0, &load->skeleton);
	if (r == 0)
		r = hooks_attach(load->hooks, arguments->rule);
	if (r == 0)
		r = hooks_switch(load->hooks, load->skeleton);
	if (r < 0)
		return r;
	hooks_detach_unused(load->hooks, arguments->rule);
	r = iterators_update(load->skeleton, dir);
	if (r == 0)
		r = write_meta(load);
	if (r == 0)
		r = apply_programs(load);
	if (r >= 0)
		r = iterators_judge_all(load->skeleton, true);
	return r == 0 ? permit(load, dir) : r;
}

static void print_summary(const struct load *load, const char *verb)
{
	enum { NAMES_SHOWN = 12 };
	const struct programs *programs = &load->programs;

	printf("%s: hook %s, rule %s, programs", verb, hook_name(load->hook),
	       rule_name(load->arguments->rule));
	for (size_t i = 0; i < programs->count && i < NAMES_SHOWN; i++)
		printf(" %s", programs->names[i]);
	if (programs->count > NAMES_SHOWN)
		printf(" and %zu more", programs->count - NAMES_SHOWN);
	printf(", %u reader%s, at %s\n", load->sizes.readers, load->sizes.readers == 1 ? "" : "s",
	       load->arguments->pin_dir);
}

int load_read_meta(const char *dir, struct hb_meta *meta)
{
	char path[PINS_PATH_MAX];

	if (pins_path(path, dir, HB_PIN_META) == 0 && access(path, F_OK) < 0 && errno == ENOENT)
		return log_error(-EEXIST, "%s is there, but not complete: run hb-load unload first",
				 dir);
	return pins_read_meta(dir, meta);
}

/* The hook is tried before anything is changed. */
static int upgrade(struct load *load)
{
	struct hb_meta meta = {0};
	int r;

	r = load_read_meta(load->arguments->pin_dir, &meta);
	if (r < 0)
		return r;
	r = hooks_choose(load->arguments->hook, load->why_not);
	if (r < 0)
		return r;
	load->hook = (uint32_t)r;
	return load_again(load, &meta);
}

static int run(struct load *load)
{
	const char *dir = load->arguments->pin_dir;
	char staging[PINS_PATH_MAX];
	_cleanup_close_ int lock = -EBADF;
	bool again;
	int r;

	r = programs_parse(load->arguments->programs, HB_PROGRAMS_ETC, &load->programs);
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

int load_run(const struct arguments *arguments)
{
	static struct load load;
	int r;

	load.arguments = arguments;
	r = run(&load);
	release(&load);
	return r;
}
