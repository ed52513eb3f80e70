// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "reader/maps/report.h"
#include "reader/maps/slot_states.h"

static void count_slots(const char *pin_dir, struct report *report)
{
	const struct snapshot *snapshot = &report->snapshot;
	struct slot_status slots[HB_READERS_MAX] = {0};

	slot_states_find(pin_dir, snapshot->open, snapshot->meta.readers, slots);
	for (uint32_t i = 0; i < snapshot->meta.readers; i++) {
		report->readers_free += slots[i].state == SLOT_FREE;
		report->readers_orphaned += slots[i].state == SLOT_ORPHANED;
	}
	report->readers_open =
		snapshot->meta.readers - report->readers_free - report->readers_orphaned;
}

int report_take(const struct report_source *source, struct report *report)
{
	int r;

	memset(report, 0, sizeof(*report));
	report->node = source->node;
	r = snapshot_take(source->source, &report->snapshot);
	if (r < 0)
		return r;
	count_slots(source->pin_dir, report);
	report->missed_known = missed_read(source->pin_dir, &report->missed) == 0;
	report->collector_ns = source->collector ? source->collector->took_ns : 0;
	process_metrics_read(&report->self, report->snapshot.offset_ns);
	return 0;
}

void report_release(struct report *report)
{
	snapshot_release(&report->snapshot);
	memset(report, 0, sizeof(*report));
}
