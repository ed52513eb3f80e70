// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <stdint.h>

#include "reader/activity/activity.h"
#include "reader/maps/coarse.h"
#include "reader/http/health.h"
#include "reader/text/json.h"

static const uint64_t ns_per_ms = 1000000;
static const uint64_t ns_per_s = 1000000000;

/* Of the whole node; 0 where there was none. */
static uint64_t last_heartbeat_ms(const struct snapshot *snapshot, bool detailed)
{
	uint64_t last = activity_last(snapshot);

	if (last == 0)
		return 0;
	if (detailed)
		return (last + snapshot->offset_ns) / ns_per_ms;
	/* In whole seconds: what is coarse should not look like more. */
	return (coarse_boot_ns(last) + snapshot->offset_ns) / ns_per_s * 1000;
}

bool health_write(const struct snapshot *snapshot, const char *blind, bool detailed, FILE *stream)
{
	fprintf(stream, "{\"status\":\"%s\",\"lastHeartbeat\":%" PRIu64,
		blind ? "expired" : "alive", snapshot ? last_heartbeat_ms(snapshot, detailed) : 0);
	if (blind) {
		fputs(",\"reason\":", stream);
		json_print(stream, blind, SIZE_MAX);
	}
	fputs("}\n", stream);
	return !blind;
}
