// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdint.h>

#include "bpf/lib/units.h"
#include "reader/activity/activity.h"
#include "reader/http/health.h"
#include "reader/text/json_writer.h"

bool health_write(FILE *stream, const struct snapshot *snapshot, const char *blind)
{
	uint64_t last = snapshot ? activity_last(snapshot) : 0;
	struct json json = {.stream = stream};

	json_begin_object(&json, NULL);
	json_string(&json, "status", blind ? "expired" : "alive", SIZE_MAX);
	json_number(&json, "lastHeartbeat", last ? (last + snapshot->offset_ns) / NS_PER_MS : 0);
	if (blind)
		json_string(&json, "reason", blind, SIZE_MAX);
	json_end_document(&json);
	return !blind;
}
