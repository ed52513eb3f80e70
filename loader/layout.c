// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/types.h>

#include "bpf/heartbeat.h"
#include "bpf/lib/log.h"
#include "bpf/lib/pins.h"
#include "loader/hooks.h"
#include "loader/layout.h"

/* Fixed pins and their modes with a group. Readers write to the position in a ring and to `open`. */
static const struct {
	const char *name;
	mode_t mode;
} pins[] = {
	{HB_PIN_COLLECT, 0640},	  {HB_PIN_CONSIDERED, 0640}, {HB_PIN_CONSIDERED_PIDS, 0640},
	{HB_PIN_PROCESSES, 0640}, {HB_PIN_CGROUPS, 0640},    {HB_PIN_PROGRAMS, 0640},
	{HB_PIN_META, 0640},	  {HB_PIN_STATS, 0640},	     {HB_PIN_LOST, 0640},
	{HB_PIN_PEERS, 0640},	  {HB_PIN_BUSY, 0640},	     {HB_PIN_BUSY_PROGRAMS, 0640},
	{HB_PIN_OPEN, 0660},
};

enum { PINS = sizeof(pins) / sizeof(pins[0]) };

static const mode_t ring_mode = 0660;
static const mode_t dir_mode = 0750;
static const mode_t root_alone = 0700;

const char *layout_staging(struct pin_path *path, const char *dir)
{
	snprintf(path->text, sizeof(path->text), "%s_new", dir);
	return path->text;
}

const char *layout_trash(struct pin_path *path, const char *dir)
{
	snprintf(path->text, sizeof(path->text), "%s_old", dir);
	return path->text;
}

static int make_dir(const char *dir, const char *name)
{
	struct pin_path path;

	if (mkdir(pins_path(&path, dir, name), 0700) < 0)
		return log_errno(-errno, "cannot make %s", path.text);
	return 0;
}

static void reader_dir(char *name, size_t size, uint32_t slot)
{
	snprintf(name, size, HB_PIN_READER_FMT, slot);
}

static void ring_pin(char *name, size_t size, uint32_t slot)
{
	snprintf(name, size, HB_PIN_EVENTS_FMT, slot);
}

int layout_make(const char *dir, uint32_t readers)
{
	char name[64];
	int r;

	if (mkdir(dir, 0700) < 0)
		return log_errno(-errno, "cannot make %s", dir);
	r = make_dir(dir, HB_PIN_HOOKS);
	if (r == 0)
		r = make_dir(dir, HB_PIN_READERS);
	for (uint32_t slot = 0; slot < readers && r == 0; slot++) {
		reader_dir(name, sizeof(name), slot);
		r = make_dir(dir, name);
	}
	return r;
}

/* Narrow the mode before the group changes: the old group must never get what the new mode allows. */
static int permit(const char *dir, const char *name, mode_t mode, gid_t gid)
{
	struct pin_path pin;
	const char *path = pins_path(&pin, dir, name);

	if (chmod(path, mode & root_alone) < 0 || chown(path, 0, gid) < 0 || chmod(path, mode) < 0)
		return log_errno(-errno, "cannot set owner and mode of %s", path);
	return 0;
}

int layout_permit(const char *dir, uint32_t readers, bool group, gid_t gid)
{
	mode_t mask = group ? 0777 : root_alone;
	char name[64];
	int r = 0;

	for (unsigned int i = 0; i < PINS && r == 0; i++)
		r = permit(dir, pins[i].name, pins[i].mode & mask, gid);
	for (uint32_t slot = 0; slot < readers && r == 0; slot++) {
		ring_pin(name, sizeof(name), slot);
		r = permit(dir, name, ring_mode & mask, gid);
		if (r < 0)
			break;
		reader_dir(name, sizeof(name), slot);
		r = permit(dir, name, dir_mode & mask, gid);
	}
	if (r == 0)
		r = permit(dir, HB_PIN_READERS, dir_mode & mask, gid);
	/* Its pins keep the mode 0600 that they were pinned with. */
	if (r == 0)
		r = permit(dir, HB_PIN_HOOKS, root_alone, 0);
	return r == 0 ? permit(dir, ".", dir_mode & mask, gid) : r;
}

/* Returns 0, also if there is none, or -errno, logged. */
static int remove_pin(const char *dir, const char *name)
{
	struct pin_path path;

	if (unlink(pins_path(&path, dir, name)) == 0 || errno == ENOENT)
		return 0;
	return log_errno(-errno, "cannot remove %s", path.text);
}

/* Returns 0, also if there is none, or -errno, logged. */
static int remove_dir(const char *path)
{
	if (rmdir(path) == 0 || errno == ENOENT)
		return 0;
	if (errno == ENOTEMPTY)
		return log_error(
			-ENOTEMPTY,
			"%s was left alone: there is something in it that is not activity-heartbeat's",
			path);
	return log_errno(-errno, "cannot remove %s", path);
}

static int remove_subdir(const char *dir, const char *name)
{
	struct pin_path path;

	return remove_dir(pins_path(&path, dir, name));
}

static int remove_pins(const char *dir)
{
	char name[64];
	int result = 0;
	int r;

	for (unsigned int i = 0; hooks_pin_name(i); i++) {
		snprintf(name, sizeof(name), "%s/%s", HB_PIN_HOOKS, hooks_pin_name(i));
		r = remove_pin(dir, name);
		result = r < 0 ? r : result;
	}
	for (unsigned int i = 0; i < PINS; i++) {
		r = remove_pin(dir, pins[i].name);
		result = r < 0 ? r : result;
	}
	for (uint32_t slot = 0; slot < HB_READERS_MAX; slot++) {
		ring_pin(name, sizeof(name), slot);
		r = remove_pin(dir, name);
		result = r < 0 ? r : result;
	}
	return result;
}

static int remove_dirs(const char *dir)
{
	char name[64];
	int result = 0;
	int r;

	for (uint32_t slot = 0; slot < HB_READERS_MAX; slot++) {
		reader_dir(name, sizeof(name), slot);
		r = remove_subdir(dir, name);
		result = r < 0 ? r : result;
	}
	r = remove_subdir(dir, HB_PIN_READERS);
	result = r < 0 ? r : result;
	r = remove_subdir(dir, HB_PIN_HOOKS);
	result = r < 0 ? r : result;
	/* If a directory below could not be removed, the reason was logged. */
	return result < 0 ? result : remove_dir(dir);
}

int layout_remove(const char *dir)
{
	int r;

	if (access(dir, F_OK) < 0 && errno == ENOENT)
		return -ENOENT;
	r = remove_pins(dir);
	return r < 0 ? r : remove_dirs(dir);
}
