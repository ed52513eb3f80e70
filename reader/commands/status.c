// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "reader/commands/status.h"
#include "reader/lines/holders.h"
#include "reader/text/text.h"

void status_find_slots(const char *pin_dir, const struct snapshot *snapshot,
		       struct slot_status slots[HB_READERS_MAX])
{
	bool all_visible = holders_all_visible();

	for (uint32_t i = 0; i < snapshot->meta.readers; i++) {
		struct slot_status *slot = &slots[i];

		if (holders_find(pin_dir, i, &slot->pid, slot->command) == 0)
			slot->state = SLOT_HELD;
		else if (!(snapshot->open >> i & 1))
			slot->state = SLOT_FREE;
		else
			slot->state = all_visible ? SLOT_ORPHANED : SLOT_OPEN;
	}
}

int status_run(const struct read_options *options)
{
	struct status status = {.pin_dir = options->pin_dir};
	struct snapshot_source *source;
	int r;

	r = snapshot_open(options->pin_dir, &source);
	if (r < 0)
		return r;
	r = snapshot_take(source, &status.snapshot);
	if (r == 0) {
		status_find_slots(options->pin_dir, &status.snapshot, status.slots);
		status.missed_known = missed_read(options->pin_dir, &status.missed);
		r = text_print("status",
			       options->format == FORMAT_JSON ? status_write_json
							      : status_write_text,
			       &status);
	}
	snapshot_release(&status.snapshot);
	snapshot_close(source);
	return r;
}
