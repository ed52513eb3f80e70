// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
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
#include "loader/privileges.h"
#include "loader/programs.h"
#include "loader/rings.h"
#include "loader/similar.h"
#include "loader/summary.h"
#include "loader/trial.h"

/* What a run works on: in hooks.dir, which for a first load is the staging directory. */
struct load {
	const struct load_options *options;
	struct pin_path staging;
	struct hb_meta loaded; /* zeroed: nothing is */
	struct summary before;
	struct hb_meta meta;
	struct hooks hooks;
};

static int check_size(const char *option, const struct load_options *options, uint32_t asked,
		      uint64_t loaded, struct reason *why)
{
	const char *where = config_from_file(&options->config, option);

	if (asked == 0 || asked == loaded)
		return 0;
	return reason_set(
		why, -EEXIST,
		"%s%s--%s %u: %s was loaded with %llu, which cannot change while readers may hold it: run hb-load unload first",
		where ? where : "", where ? ": " : "", option, asked, options->pin_dir,
		(unsigned long long)loaded);
}

int load_check_upgrade(const struct load_options *options, struct hb_meta *meta, struct reason *why)
{
	const char *dir = options->pin_dir;
	struct pin_path path;
	int r;

	if (access(pins_path(&path, dir, HB_PIN_META), F_OK) < 0 && errno == ENOENT)
		return reason_set(why, -EEXIST,
				  "%s is there, but not complete: run hb-load unload first", dir);
	r = pins_read_meta(dir, meta, why);
	if (r == 0)
		r = check_size("readers", options, options->readers, meta->readers, why);
	if (r == 0)
		r = check_size("ring-size", options, options->ring_size, meta->ring_size, why);
	if (r == 0)
		r = check_size("max-pids", options, options->max_pids, meta->max_pids, why);
	return r;
}

void load_choose_sizes(const struct load_options *options, struct hb_meta *meta)
{
	meta->readers = options->readers ? options->readers : HB_READERS_DEFAULT;
	meta->ring_size = options->ring_size ? options->ring_size : HB_RING_SIZE_DEFAULT;
	meta->max_pids = options->max_pids ? options->max_pids : HB_MAX_PIDS_DEFAULT;
}

/* Readers hold what has these sizes, so an upgrade keeps them. */
static void keep_sizes(const struct hb_meta *loaded, struct hb_meta *meta)
{
	meta->readers = loaded->readers;
	meta->ring_size = loaded->ring_size;
	meta->max_pids = loaded->max_pids;
	meta->loaded_at = loaded->loaded_at;
	meta->changed_at = loaded->changed_at;
}

/* Open, size, reuse, load and attach. What is loaded already does not change yet. */
static int load_programs(struct load *load, int pids)
{
	struct hooks *hooks = &load->hooks;
	struct reason why;
	int r;

	r = trial_choose(hooks, load->options->hook, pids, &why);
	if (r < 0)
		return log_error(r, "%s", why.text);
	snprintf(load->meta.why_not, sizeof(load->meta.why_not), "%.*s", HB_WHY_LEN - 1, why.text);
	/* The trial of a hook that works is kept. */
	if (!hooks->skeleton)
		r = trial_load(hooks, pids, &why);
	if (r < 0)
		return log_error(r, "%s: see hb-load check", why.text);
	return privileges_drop(PRIVILEGES_ATTACHED);
}

static int pin(struct load *load)
{
	int r = object_pin_maps(load->hooks.skeleton, load->hooks.dir);

	if (r == 0)
		r = hooks_pin_arrays(&load->hooks);
	if (r == 0)
		r = hooks_pin_links(&load->hooks);
	return r < 0 ? r : iterators_pin(load->hooks.skeleton, load->hooks.dir);
}

static int make_rings(const struct load *load)
{
	return rings_make(bpf_map__fd(load->hooks.skeleton->maps.rings), load->hooks.dir,
			  load->meta.readers, (uint32_t)load->meta.ring_size);
}

static int put_meta(const struct load *load, const struct hb_meta *meta)
{
	__u32 zero = 0;

	if (bpf_map_update_elem(bpf_map__fd(load->hooks.skeleton->maps.meta), &zero, meta,
				BPF_ANY) < 0)
		return log_errno(-errno, "cannot write meta");
	return 0;
}

/* @restart: idle time counts from now. This comes last, when all is seen that there is to see. */
static int write_meta(struct load *load, bool restart)
{
	struct hb_meta *meta = &load->meta;

	meta->abi = HB_ABI_VERSION;
	meta->rule = load->hooks.config.rule;
	meta->hook = load->hooks.method;
	meta->updated_at = clock_boot_ns();
	if (restart)
		meta->changed_at = meta->updated_at;
	meta->busy_for = load->options->busy.count ? load->options->busy_for : 0;
	if (meta->loaded_at == 0)
		meta->loaded_at = meta->updated_at;
	snprintf(meta->build, sizeof(meta->build), "%s", HB_VERSION);
	load_options_words(load->options, meta->options);
	return put_meta(load, meta);
}

static int write_list(const struct load *load)
{
	const struct heartbeat_bpf *skeleton = load->hooks.skeleton;
	const struct load_options *options = load->options;
	int r = programs_apply(bpf_map__fd(skeleton->maps.programs), &options->programs);

	return r < 0 ? r
		     : programs_apply(bpf_map__fd(skeleton->maps.busy_programs), &options->busy);
}

/*
 * What was seen before this load says nothing about now if it was seen by another rule, hook or list,
 * or if a hook was missing. Then idle time counts from here; else the clock goes on. Returns the
 * reason, or NULL.
 */
static const char *reason_to_restart(const struct load *load)
{
	const struct hb_meta *loaded = &load->loaded;

	if (loaded->rule != load->hooks.config.rule)
		return "the rule has changed";
	if (loaded->hook != load->hooks.method)
		return "the hook has changed";
	if (!names_equal(&load->before.programs, &load->options->programs))
		return "the list of programs has changed";
	if (hooks_were_missing(&load->hooks))
		return "a hook was missing until now";
	if (loaded->changed_at > loaded->updated_at)
		return "an earlier hb-load was interrupted";
	return NULL;
}

/* Say that a change has begun, for the next load to know if this one is interrupted. */
static int begin_change(struct load *load)
{
	load->loaded.changed_at = clock_boot_ns();
	return put_meta(load, &load->loaded);
}

/*
 * Every control group has a record before a process is recorded in it: so before the hooks fire, and
 * again for those that were made meanwhile.
 */
static int switch_hooks(const struct load *load)
{
	int r = iterators_record_cgroups(load->hooks.skeleton);

	if (r == 0)
		r = hooks_switch(&load->hooks);
	return r == 0 ? iterators_record_cgroups(load->hooks.skeleton) : r;
}

static int permit(const struct load *load)
{
	const struct load_options *options = load->options;
	int r;

	r = privileges_drop(PRIVILEGES_WRITTEN);
	if (r == 0)
		r = layout_permit(load->hooks.dir, load->meta.readers, options->group != NULL,
				  options->gid);
	if (r == 0 && options->group)
		r = bpffs_open_way(options->pin_dir);
	return r == 0 ? privileges_drop(PRIVILEGES_PERMITTED) : r;
}

static int publish(const struct load *load)
{
	const char *pin_dir = load->options->pin_dir;

	if (rename(load->hooks.dir, pin_dir) < 0)
		return log_errno(-errno, "cannot rename %s to %s", load->hooks.dir, pin_dir);
	return 0;
}

/* Prepare a first load beside the pin directory, and let it appear there complete. */
static int stage(struct load *load)
{
	const char *dir = load->hooks.dir;
	int r;

	r = layout_make(dir, load->meta.readers);
	if (r == 0)
		r = pin(load);
	if (r == 0)
		r = make_rings(load);
	if (r == 0)
		r = write_list(load);
	if (r == 0)
		r = switch_hooks(load);
	if (r == 0)
		r = iterators_judge_all(load->hooks.skeleton, false);
	if (r == 0)
		r = write_meta(load, true);
	if (r == 0)
		r = permit(load);
	if (r == 0)
		r = publish(load);
	if (r < 0)
		layout_remove(dir);
	return r;
}

static int load_first(struct load *load)
{
	_cleanup_close_ int pids = -EBADF;
	int r;

	pids = object_make_pids(HB_PIN_CONSIDERED_PIDS, load->meta.max_pids, NULL);
	if (pids < 0)
		return pids;
	r = load_programs(load, pids);
	return r == 0 ? stage(load) : r;
}

/* Replace what is loaded, piece by piece; whatever readers hold stays where it is. */
static int upgrade(struct load *load)
{
	const char *why;
	int r;

	r = load_programs(load, -1);
	if (r == 0)
		r = summary_note(&load->before, load->hooks.dir, &load->loaded,
				 bpf_map__fd(load->hooks.skeleton->maps.programs),
				 bpf_map__fd(load->hooks.skeleton->maps.busy_programs));
	if (r < 0)
		return r;
	why = reason_to_restart(load);
	if (why)
		r = begin_change(load);
	if (r == 0)
		r = hooks_pin_links(&load->hooks);
	if (r == 0)
		r = switch_hooks(load);
	if (r < 0)
		return r;
	hooks_detach_unused(&load->hooks);
	r = iterators_update(load->hooks.skeleton, load->hooks.dir);
	if (r == 0)
		r = write_list(load);
	if (r == 0)
		r = iterators_judge_all(load->hooks.skeleton, true);
	if (r == 0)
		r = write_meta(load, why != NULL);
	if (r == 0 && why)
		log_info("idle time counts from now: %s", why);
	return r == 0 ? permit(load) : r;
}

/* Returns 0, also if there are none, or -errno, logged. */
static int remove_leftovers(const char *pin_dir)
{
	struct reason foreign;
	struct pin_path path;
	int r;

	r = bpffs_check_dir(layout_staging(&path, pin_dir), NULL);
	if (r == 0) {
		log_debug("removing leftovers of an interrupted load: %s", path.text);
		r = layout_remove(path.text);
	}
	if (r < 0 && r != -ENOENT)
		return r;
	/* Of this directory only our pins are in the way: there must not be two sets of them. */
	r = bpffs_check_dir(layout_trash(&path, pin_dir), &foreign);
	if (r < 0)
		return 0;
	log_debug("removing leftovers of an interrupted unload: %s", path.text);
	r = layout_remove(path.text);
	return r == -ENOTEMPTY ? 0 : r;
}

/*
 * Check where to pin, and choose the sizes. Returns 1 if something is loaded that can be upgraded, 0 if
 * nothing is, or -errno, logged.
 */
static int prepare(struct load *load)
{
	const char *dir = load->options->pin_dir;
	int r;

	r = privileges_check_group(load->options->gid, dir, NULL);
	if (r == 0)
		r = bpffs_check_way(dir, NULL);
	if (r > 0)
		r = bpffs_mount();
	if (r == 0)
		r = remove_leftovers(dir);
	if (r < 0)
		return r;
	r = bpffs_check_dir(dir, NULL);
	if (r == -ENOENT) {
		load_choose_sizes(load->options, &load->meta);
		return rings_check_memory(&load->meta, NULL);
	}
	if (r == 0)
		r = load_check_upgrade(load->options, &load->loaded, NULL);
	if (r < 0)
		return r;
	keep_sizes(&load->loaded, &load->meta);
	return 1;
}

static int run(struct load *load)
{
	const struct load_options *options = load->options;
	_cleanup_close_ int lock = -EBADF;
	int loaded;
	int r;

	r = programs_check_rule(&options->programs, options->rule, NULL);
	if (r < 0)
		return r;
	similar_report(&options->programs);
	similar_report(&options->busy);
	lock = lock_take();
	if (lock < 0)
		return lock;
	layout_staging(&load->staging, options->pin_dir);
	loaded = prepare(load);
	if (loaded < 0)
		return loaded;
	load->hooks.dir = loaded ? options->pin_dir : load->staging.text;
	load->hooks.config = (struct object_config){
		.rule = options->rule,
		.any_program = names_have(&options->programs, HB_ANY_PROGRAM),
		.first_load = !loaded,
	};
	r = loaded ? upgrade(load) : load_first(load);
	if (r < 0)
		return r;
	if (loaded)
		summary_print_changes(&load->before, &load->meta, options);
	else
		summary_print_loaded(&load->meta, options);
	if (load->hooks.config.any_program && load->hooks.method == HB_METHOD_TRACEPOINT)
		log_info(
			"with '*', hook tracepoint costs each process about 0.1 us per read that returns bytes; hook fentry would cost nothing");
	return 0;
}

int load_run(const struct load_options *options)
{
	static struct load load;
	int r;

	load.options = options;
	r = run(&load);
	hooks_release(&load.hooks);
	return r;
}
