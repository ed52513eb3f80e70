// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdint.h>

#include "bpf/lib/units.h"
#include "reader/activity/activity.h"
#include "reader/http/health.h"
#include "reader/text/json_writer.h"

bool health_write(FILE *stream, const struct snapshot *snapshot, const char *blind)
{
	struct activity_query query = {.by = ACTIVITY_NODE};
	struct activity_answer answer = {0};
	uint64_t last;
	struct json json = {.stream = stream};

	if (snapshot)
		activity_find(snapshot, &query, &answer);
	last = activity_time(&answer.activity);
	json_begin_object(&json, NULL);
	json_string(&json, "status", blind ? "expired" : "alive", SIZE_MAX);
	json_number(&json, "lastHeartbeat", last ? (last + snapshot->offset_ns) / NS_PER_MS : 0);
	if (blind)
		json_string(&json, "reason", blind, SIZE_MAX);
	json_end_document(&json);
	return !blind;
}
