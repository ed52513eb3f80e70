// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "bpf/lib/cgroup.h"
#include "bpf/lib/log.h"
#include "reader/lines/slot_states.h"
#include "reader/maps/report.h"

static void count_slots(const struct report_source *report_source, struct report *report)
{
	struct slot_status slots[HB_READERS_MAX] = {0};

	slot_states_find(report_source->pin_dir, report->snapshot.open,
			 report->snapshot.meta.readers, slots);
	for (uint32_t i = 0; i < report->snapshot.meta.readers; i++) {
		switch (slots[i].state) {
		case SLOT_FREE:
			report->readers_free++;
			break;
		case SLOT_ORPHANED:
			report->readers_orphaned++;
			break;
		default:
			report->readers_open++;
			break;
		}
	}
}

int report_take(const struct report_source *report_source, struct report *report)
{
	int r;

	memset(report, 0, sizeof(*report));
	r = snapshot_take(report_source->source, &report->snapshot);
	if (r < 0)
		return r;
	r = cgroup_tree_read(cgroup_mount_point(), &report->tree);
	if (r < 0)
		return log_errno(r, "control groups");
	count_slots(report_source, report);
	report->missed_known = missed_read(report_source->pin_dir, &report->missed) == 0;
	report->collector_ns = report_source->collector ? report_source->collector->took_ns : 0;
	process_metrics_read(&report->self);
	return 0;
}

void report_release(struct report *report)
{
	snapshot_release(&report->snapshot);
	cgroup_tree_free(report->tree);
	memset(report, 0, sizeof(*report));
}
