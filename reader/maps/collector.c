// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpf/lib/clock.h"
#include "bpf/lib/log.h"
#include "bpf/lib/pins.h"
#include "reader/maps/collector.h"
#include "reader/maps/iterator.h"

static int stat_meta(const char *pin_dir, struct stat *st)
{
	struct pin_path path;

	return stat(pins_path(&path, pin_dir, HB_PIN_META), st) < 0 ? -errno : 0;
}

int collector_init(struct collector *collector, const char *pin_dir)
{
	struct stat st;
	int r;

	r = stat_meta(pin_dir, &st);
	if (r < 0)
		return log_errno(r, "%s/%s", pin_dir, HB_PIN_META);
	*collector = (struct collector){
		.pin_dir = pin_dir,
		.device = st.st_dev,
		.inode = st.st_ino,
	};
	return 0;
}

/* Loading again keeps the maps and their pins. Unloading and loading makes new ones. */
static int check_loaded(const struct collector *collector)
{
	struct stat st;
	int r;

	r = stat_meta(collector->pin_dir, &st);
	if (r == -ENOENT || r == -ENOTDIR)
		return log_error(-ENOENT, "unloaded: nothing is loaded at %s any more",
				 collector->pin_dir);
	if (r == 0 && (st.st_dev != collector->device || st.st_ino != collector->inode))
		return log_error(-ENOENT, "unloaded: another load replaced it at %s: start again",
				 collector->pin_dir);
	return 0;
}

static int ignore(void *data, const void *record)
{
	(void)data;
	(void)record;
	return 0;
}

int collector_run(struct collector *collector)
{
	struct pin_path path;
	uint64_t began;
	int r;

	r = check_loaded(collector);
	if (r < 0)
		return r;
	/* Also with nothing to delete: it repairs what a skipped hook left wrong. */
	began = clock_boot_ns();
	r = iterator_read(pins_path(&path, collector->pin_dir, HB_PIN_COLLECT), 1, ignore, NULL);
	if (r == 0)
		collector->took_ns = clock_boot_ns() - began;
	if (r == 0 && collector->failing)
		log_info("collecting works again");
	else if (r < 0 && !collector->failing)
		log_errno(r, "%s: cannot collect; will try again each time", path.text);
	collector->failing = r < 0;
	return 0;
}
