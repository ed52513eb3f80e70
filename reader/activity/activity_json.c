// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>

#include "bpf/lib/cleanup.h"
#include "bpf/lib/parse.h"
#include "bpf/lib/units.h"
#include "reader/activity/activity.h"
#include "reader/activity/activity_json.h"
#include "reader/maps/cgroup_tree.h"
#include "reader/maps/claims.h"
#include "reader/text/json_writer.h"

struct activity_writer {
	struct json json;
	const struct report *report;
	const struct idle_judgement *judgement; /* or NULL */
	uint32_t pid;				/* the only process to show, or 0 */
	bool known;				/* idle time */
};

static void write_time(struct activity_writer *writer, const char *name, uint64_t boot_ns)
{
	json_time(&writer->json, name, snapshot_unix(&writer->report->snapshot, boot_ns));
}

const char *activity_because(enum activity_since since)
{
	static const char *const because[] = {
		[ACTIVITY_SINCE_LOAD] = "load",	   [ACTIVITY_SINCE_BIRTH] = "birth",
		[ACTIVITY_SINCE_OPENED] = "start", [ACTIVITY_SINCE_KEY] = "key",
		[ACTIVITY_SINCE_BUSY] = "busy",
	};

	return because[since];
}

static void write_activity(struct activity_writer *writer, const struct activity *activity)
{
	uint64_t now = writer->report->snapshot.taken_at;
	/* The true time may be later by the resolution: never show more idle time than there was. */
	uint64_t since = activity->since + writer->report->resolution_s * NS_PER_S;

	write_time(writer, "last_activity", activity->last);
	write_time(writer, "since", activity->since);
	json_string(&writer->json, "because", activity_because(activity->because), SIZE_MAX);
	if (writer->known)
		json_seconds(&writer->json, "idle_seconds", now > since ? now - since : 0,
			     writer->report->resolution_s ? 0 : 3);
	else
		json_null(&writer->json, "idle_seconds");
	if (activity->because == ACTIVITY_SINCE_BUSY)
		write_time(writer, "busy_until", activity->until);
}

static void write_processes(struct activity_writer *writer, uint64_t cgroup_id)
{
	const struct snapshot *snapshot = &writer->report->snapshot;

	json_begin_array(&writer->json, "processes");
	for (size_t i = 0; i < snapshot->process_count; i++) {
		const struct hb_process *record = &snapshot->processes[i].record;
		uint32_t pid = snapshot->processes[i].pid;

		if (record->cgroup_id != cgroup_id || (writer->pid && pid != writer->pid))
			continue;
		json_begin_object(&writer->json, NULL);
		json_number(&writer->json, "pid", pid);
		json_name(&writer->json, "program", record->command);
		write_time(writer, "last_beat", record->last_beat);
		write_time(writer, "last_key", record->last_key);
		write_time(writer, "start", record->start);
		json_end_object(&writer->json);
	}
	json_end_array(&writer->json);
}

static void write_cgroup(struct activity_writer *writer, const struct activity *activity)
{
	uint64_t id = activity->cgroup_id;
	char container[CGROUP_CONTAINER_LEN];
	char path[CGROUP_PATH_MAX];
	char pod[CGROUP_POD_LEN];

	cgroup_tree_path(&writer->report->snapshot, id, path);
	claims_container(&writer->report->snapshot, id, container);
	claims_pod(&writer->report->snapshot, id, pod);
	json_begin_object(&writer->json, NULL);
	/* Anybody can find the directory that has the id, and with it the path and the user. */
	if (path[0] == '\0' && writer->report->resolution_s)
		json_null(&writer->json, "id");
	else
		json_number(&writer->json, "id", id);
	json_text(&writer->json, "path", path, sizeof(path));
	json_text(&writer->json, "container", container, sizeof(container));
	json_text(&writer->json, "pod", pod, sizeof(pod));
	write_activity(writer, activity);
	if (!writer->report->resolution_s)
		write_processes(writer, id);
	json_end_object(&writer->json);
}

static void write_home(struct json *json, const struct report *report)
{
	json_begin_object(json, "select");
	json_string(json, "self", report->home, SIZE_MAX);
	json_string(json, "id", report->home_id, SIZE_MAX);
	json_end_object(json);
}

static void write_select(struct json *json, const struct activity_query *query,
			 const struct report *report)
{
	char path[CGROUP_PATH_MAX];

	if (report->home) {
		write_home(json, report);
		return;
	}
	if (query->by == ACTIVITY_NODE) {
		json_null(json, "select");
		return;
	}
	json_begin_object(json, "select");
	switch (query->by) {
	case ACTIVITY_CGROUP:
		/* As it is written everywhere, not as it was asked for. */
		cgroup_tree_path(&report->snapshot, query->cgroup_id, path);
		json_string(json, "cgroup", path, sizeof(path));
		break;
	case ACTIVITY_CONTAINER:
		json_string(json, "container", query->name, SIZE_MAX);
		break;
	case ACTIVITY_POD:
		json_string(json, "pod", query->name, SIZE_MAX);
		break;
	default:
		json_number(json, "pid", query->pid);
		break;
	}
	json_end_object(json);
}

static void write_program(struct json *json, const struct activity *activity)
{
	if (activity->program[0] == '\0')
		return;
	json_name(json, "program", activity->program);
	if (activity->pid)
		json_number(json, "pid", activity->pid);
	else
		json_null(json, "pid");
}

static void write_judgement(struct json *json, const struct idle_judgement *judgement)
{
	if (!judgement)
		return;
	json_string(json, "verdict", idle_word(judgement->verdict), SIZE_MAX);
	json_seconds(json, "limit_seconds", judgement->limit, 3);
}

static void write_missing(struct activity_writer *writer, const char *doubt)
{
	struct json *json = &writer->json;

	json_begin_document(json, "error");
	json_string(json, "error", doubt, SIZE_MAX);
	write_judgement(json, writer->judgement);
	json_end_document(json);
}

static void write_document(struct activity_writer *writer, const struct activity_query *query,
			   const struct activity_answer *answer, const struct activity *list,
			   size_t count)
{
	const struct snapshot *snapshot = &writer->report->snapshot;
	struct json *json = &writer->json;

	json_begin_document(json, "activity");
	json_text(json, "node", writer->report->node, SIZE_MAX);
	json_string(json, "rule", rule_name(snapshot->meta.rule), SIZE_MAX);
	json_string(json, "source", "key", SIZE_MAX);
	write_time(writer, "watching_since", snapshot->meta.changed_at);
	write_time(writer, "as_of", snapshot->taken_at);
	write_select(json, query, writer->report);
	write_activity(writer, &answer->activity);
	if (!writer->report->resolution_s)
		write_program(json, &answer->activity);
	json_text(json, "doubt", answer->doubt, sizeof(answer->doubt));
	write_judgement(json, writer->judgement);
	json_begin_array(json, "cgroups");
	for (size_t i = 0; i < count; i++)
		write_cgroup(writer, &list[i]);
	json_end_array(json);
	json_end_document(json);
}

int activity_json_answer(FILE *stream, const struct report *report, struct activity_query *query,
			 const struct activity_answer *answer,
			 const struct idle_judgement *judgement)
{
	struct activity_writer writer = {
		.json.stream = stream,
		.report = report,
		.judgement = judgement,
		.pid = query->pid,
		.known = answer->doubt[0] == '\0',
	};
	_cleanup_free_ struct activity *list = NULL;
	size_t count = 0;
	int r;

	if (answer->missing) {
		write_missing(&writer, answer->doubt);
		return 0;
	}
	/* A workspace could make so many that the answer is large. */
	r = report->home ? 0 : activity_each(&report->snapshot, query, &list, &count);
	if (r == 0)
		write_document(&writer, query, answer, list, count);
	return r;
}

int activity_json_write(FILE *stream, const struct report *report, struct activity_query *query,
			uint64_t limit)
{
	/* The true times may be later than those in it by the resolution, so judge as of that much ago. */
	uint64_t resolution = report->resolution_s * NS_PER_S;
	uint64_t now = snapshot_age(&report->snapshot, resolution);
	struct idle_judgement judgement = {.limit = limit};
	struct activity_answer answer;
	int found = activity_find(&report->snapshot, query, &answer);
	int r;

	judgement.verdict = idle_judge(&answer, now, limit);
	r = activity_json_answer(stream, report, query, &answer, limit ? &judgement : NULL);

	return r < 0 ? r : found;
}
