// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "heartbeat.skel.h"

#include "bpf/lib/log.h"
#include "bpf/lib/parse.h"
#include "loader/hooks.h"
#include "loader/object.h"
#include "loader/rings.h"
#include "loader/types.h"

struct bpf_map *object_map(const struct heartbeat_bpf *skeleton, enum pins_map map)
{
	const char *name = pins_map_name(map);
	const char *slash = strrchr(name, '/');

	return bpf_object__find_map_by_name(skeleton->obj, slash ? slash + 1 : name);
}

int object_pin(int fd, const char *dir, const char *name)
{
	struct pin_path path;

	if (bpf_obj_pin(fd, pins_path(&path, dir, name)) < 0)
		return log_errno(-errno, "pinning %s", path.text);
	return 0;
}

int object_reuse(struct bpf_map *map, int fd, const char *what)
{
	int r;

	if (fd < 0)
		return log_errno(fd, "opening %s: run hb-load unload first", what);
	r = bpf_map__reuse_fd(map, fd);
	close(fd);
	return r < 0 ? log_errno(r, "using %s", what) : 0;
}

static int reuse_pinned(struct heartbeat_bpf *skeleton, const char *pin_dir)
{
	struct pin_path path;
	int fd;
	int r;

	for (unsigned int map = 0; map < PINS_MAPS; map++) {
		r = object_reuse(object_map(skeleton, map), pins_open(pin_dir, map, true),
				 pins_path(&path, pin_dir, pins_map_name(map)));
		if (r < 0)
			return r;
	}
	fd = bpf_obj_get(pins_path(&path, pin_dir, RINGS_PIN));
	r = object_reuse(skeleton->maps.rings, fd < 0 ? -errno : fd, path.text);
	return r < 0 ? r : hooks_use_arrays(skeleton, pin_dir);
}

/* There are never two maps named considered_pids: the one of a trial is named otherwise. */
static int use_trial_map(struct heartbeat_bpf *skeleton)
{
	struct bpf_map *map = skeleton->maps.considered_pids;
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = bpf_map__map_flags(map));
	int fd;

	fd = bpf_map_create(bpf_map__type(map), "hb_check", bpf_map__key_size(map),
			    bpf_map__value_size(map), bpf_map__max_entries(map), &opts);
	return object_reuse(map, fd < 0 ? -errno : fd, "a map for the trial");
}

static int set_maps(struct heartbeat_bpf *skeleton, const struct object_request *request)
{
	int r;

	bpf_map__set_max_entries(skeleton->maps.considered_pids, request->max_pids);
	if (request->pin_dir)
		return reuse_pinned(skeleton, request->pin_dir);
	if (request->trial)
		return use_trial_map(skeleton);
	r = bpf_map__reuse_fd(skeleton->maps.rings, request->rings);
	return r < 0 ? log_errno(r, "using the array of rings") : 0;
}

int object_open(struct heartbeat_bpf **skeleton)
{
	static bool sought;
	LIBBPF_OPTS(bpf_object_open_opts, opts);
	int r;

	if (!sought) {
		*skeleton = heartbeat_bpf__open();
		if (!*skeleton)
			return log_errno(-errno, "opening the BPF object");
		r = types_find((*skeleton)->obj);
		heartbeat_bpf__destroy(*skeleton);
		if (r < 0)
			return r;
		sought = true;
	}
	opts.btf_custom_path = types_path();
	*skeleton = heartbeat_bpf__open_opts(&opts);
	return *skeleton ? 0 : log_errno(-errno, "opening the BPF object");
}

/* Returns 0 or -errno. @said: it was logged; a failure of the load itself is left to the caller. */
static int try_load(const struct object_request *request, struct heartbeat_bpf **result, bool *said)
{
	struct heartbeat_bpf *skeleton;
	int r;

	*said = true;
	r = object_open(&skeleton);
	if (r < 0)
		return r;
	skeleton->rodata->rule = request->rule;
	hooks_select(skeleton, request->hook);
	r = set_maps(skeleton, request);
	if (r == 0) {
		*said = false;
		r = heartbeat_bpf__load(skeleton);
	}
	if (r < 0)
		heartbeat_bpf__destroy(skeleton);
	else
		*result = skeleton;
	return r;
}

int object_load(const struct object_request *request, struct heartbeat_bpf **skeleton)
{
	bool said;
	int r;

	do {
		r = try_load(request, skeleton, &said);
	} while (r == -ESRCH && !said && hooks_do_without(request->hook));
	if (r == 0 || said)
		return r;
	log_errno(r, "loading the programs of hook %s (see hb-load check)",
		  method_name(request->hook));
	/* The kernel's word, not one about the command line. */
	return r == -EINVAL && !request->trial ? -EOPNOTSUPP : r;
}
