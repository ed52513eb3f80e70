// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reader/maps/cgroup_names.h"
#include "bpf/lib/clock.h"
#include "bpf/lib/parse.h"
#include "reader/activity/activity.h"
#include "reader/maps/coarse.h"
#include "reader/text/json.h"

static const uint64_t ns_per_s = 1000000000;

/* Who is told what. */
struct activity_writer {
	const struct snapshot *snapshot;
	const struct cgroup_tree *tree;
	bool detailed;
	FILE *stream;
};

static void print_text(const struct activity_writer *writer, const char *name, const char *text,
		       size_t length)
{
	fprintf(writer->stream, ",\"%s\":", name);
	if (text && text[0] != '\0')
		json_print(writer->stream, text, length);
	else
		fputs("null", writer->stream);
}

/* Both forms, as in the other objects of hb-read; coarse times have no fraction. */
static void print_time(const struct activity_writer *writer, const char *name, uint64_t boot_ns)
{
	char text[CLOCK_RFC3339_LEN];
	uint64_t unix_ns;

	if (boot_ns == 0) {
		fprintf(writer->stream, ",\"%s_ns\":null,\"%s\":null", name, name);
		return;
	}
	if (writer->detailed) {
		unix_ns = boot_ns + writer->snapshot->offset_ns;
	} else {
		unix_ns = coarse_boot_ns(boot_ns) + writer->snapshot->offset_ns;
		unix_ns -= unix_ns % ns_per_s;
	}
	clock_rfc3339(text, unix_ns);
	fprintf(writer->stream, ",\"%s_ns\":%" PRIu64 ",\"%s\":\"%s\"", name, unix_ns, name, text);
}

/* From coarse times never more than it is. */
static void print_idle(const struct activity_writer *writer, const struct activity *activity,
		       bool known)
{
	uint64_t now = writer->snapshot->taken_at;
	uint64_t since = activity->since;

	if (!known) {
		fputs(",\"idle_seconds\":null", writer->stream);
	} else if (writer->detailed) {
		fprintf(writer->stream, ",\"idle_seconds\":%.3f",
			now > since ? (double)(now - since) / 1e9 : 0.0);
	} else {
		now = coarse_boot_ns(now);
		since = coarse_boot_ns(since) + COARSE_S * ns_per_s;
		fprintf(writer->stream, ",\"idle_seconds\":%" PRIu64,
			now > since ? (now - since) / ns_per_s : 0);
	}
}

static void print_activity(const struct activity_writer *writer, const struct activity *activity,
			   bool known)
{
	static const char *const because[] = {
		[ACTIVITY_SINCE_LOAD] = "load",
		[ACTIVITY_SINCE_START] = "start",
		[ACTIVITY_SINCE_READ] = "read",
		[ACTIVITY_SINCE_KEY] = "key",
	};

	print_time(writer, "last_activity", activity->last);
	print_time(writer, "since", activity->since);
	fprintf(writer->stream, ",\"because\":\"%s\"", because[activity->because]);
	print_idle(writer, activity, known);
}

static void print_process(const struct activity_writer *writer,
			  const struct snapshot_process *process, const char *separator)
{
	const struct hb_process *record = &process->record;

	fprintf(writer->stream, "%s{\"pid\":%" PRIu32, separator, process->pid);
	print_text(writer, "program", record->command, sizeof(record->command));
	print_time(writer, "last_beat", record->last_beat);
	print_time(writer, "last_key", record->last_key);
	print_time(writer, "start", record->start);
	fputc('}', writer->stream);
}

static void print_processes(const struct activity_writer *writer, uint64_t cgroup_id, uint32_t only)
{
	const char *separator = "";

	fputs(",\"processes\":[", writer->stream);
	for (size_t i = 0; i < writer->snapshot->process_count; i++) {
		const struct snapshot_process *process = &writer->snapshot->processes[i];

		if (process->record.cgroup_id != cgroup_id || (only && process->pid != only))
			continue;
		print_process(writer, process, separator);
		separator = ",";
	}
	fputc(']', writer->stream);
}

/* A path may have a user's number in it. */
static void print_path(const struct activity_writer *writer, const char *path)
{
	if (path && !writer->detailed && cgroup_names_user(path))
		path = NULL;
	print_text(writer, "path", path, SIZE_MAX);
}

static void print_cgroup(const struct activity_writer *writer, const struct activity *activity,
			 bool known, uint32_t only)
{
	const struct snapshot_cgroup *cgroup =
		snapshot_find_cgroup(writer->snapshot, activity->cgroup_id);
	const char *path = cgroup_tree_path(writer->tree, activity->cgroup_id);
	/* Hidden from here, it has at least the name that the kernel copied. */
	const char *name = path ? path : cgroup ? cgroup->record.name : "";
	char container[CGROUP_CONTAINER_LEN];
	char pod[CGROUP_POD_LEN];

	fprintf(writer->stream, "{\"id\":%" PRIu64, activity->cgroup_id);
	print_path(writer, path);
	print_text(writer, "container", cgroup_container(name, container) < 0 ? NULL : container,
		   sizeof(container));
	print_text(writer, "pod", cgroup_pod(name, pod) < 0 ? NULL : pod, sizeof(pod));
	print_activity(writer, activity, known);
	if (writer->detailed)
		print_processes(writer, activity->cgroup_id, only);
	fputc('}', writer->stream);
}

static void print_select(const struct activity_writer *writer, const struct activity_query *query)
{
	switch (query->by) {
	case ACTIVITY_CGROUP:
		fputs(",\"select\":{\"cgroup\":", writer->stream);
		json_print(writer->stream, query->name, SIZE_MAX);
		fputc('}', writer->stream);
		break;
	case ACTIVITY_CONTAINER:
		fputs(",\"select\":{\"container\":", writer->stream);
		json_print(writer->stream, query->name, SIZE_MAX);
		fputc('}', writer->stream);
		break;
	case ACTIVITY_PID:
		fprintf(writer->stream, ",\"select\":{\"pid\":%" PRIu32 "}", query->pid);
		break;
	default:
		fputs(",\"select\":null", writer->stream);
		break;
	}
}

static void print_head(const struct activity_writer *writer, const struct activity_query *query)
{
	const struct hb_meta *meta = &writer->snapshot->meta;
	char node[256] = "";

	if (gethostname(node, sizeof(node) - 1) < 0)
		node[0] = '\0';
	fputs("{\"v\":1,\"type\":\"activity\"", writer->stream);
	print_text(writer, "node", node, sizeof(node));
	fprintf(writer->stream, ",\"rule\":\"%s\",\"source\":\"%s\"", rule_name(meta->rule),
		meta->flags & HB_META_KEYS ? "key" : "read");
	print_time(writer, "watching_since", activity_watching_since(writer->snapshot));
	print_time(writer, "as_of", writer->snapshot->taken_at);
	print_select(writer, query);
}

static void print_error(FILE *stream, const char *reason)
{
	fputs("{\"v\":1,\"type\":\"error\",\"error\":", stream);
	json_print(stream, reason, SIZE_MAX);
	fputs("}\n", stream);
}

int activity_print(const struct snapshot *snapshot, const struct activity_query *query,
		   const struct cgroup_tree *tree, bool detailed, FILE *stream)
{
	const struct activity_writer writer = {snapshot, tree, detailed, stream};
	struct activity_answer answer;
	struct activity *list;
	size_t count;
	bool known;
	int r;

	r = activity_find(snapshot, query, tree, &answer);
	if (r < 0) {
		print_error(stream, answer.doubt);
		return r;
	}
	r = activity_each(snapshot, query, tree, &list, &count);
	if (r < 0)
		return r;
	known = answer.doubt[0] == '\0';
	print_head(&writer, query);
	print_activity(&writer, &answer.activity, known);
	if (detailed && answer.activity.program[0] != '\0') {
		print_text(&writer, "program", answer.activity.program,
			   sizeof(answer.activity.program));
		fprintf(stream, ",\"pid\":");
		if (answer.activity.pid)
			fprintf(stream, "%" PRIu32, answer.activity.pid);
		else
			fputs("null", stream);
	}
	print_text(&writer, "doubt", answer.doubt, sizeof(answer.doubt));
	fputs(",\"cgroups\":[", stream);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			fputc(',', stream);
		print_cgroup(&writer, &list[i], known, query->pid);
	}
	fputs("]}\n", stream);
	free(list);
	return 0;
}

int activity_write(const struct snapshot *snapshot, const struct activity_query *query,
		   bool detailed, FILE *stream)
{
	const struct cgroup_tree *tree;

	if (!detailed && query->by == ACTIVITY_PID) {
		print_error(stream, "processes are told of over the unix socket alone");
		return -EACCES;
	}
	if (!detailed && query->by == ACTIVITY_CGROUP && cgroup_names_user(query->name)) {
		print_error(stream, "users are told of over the unix socket alone");
		return -EACCES;
	}
	tree = activity_cgroup_tree(snapshot);
	if (!tree)
		return -ENOMEM;
	return activity_print(snapshot, query, tree, detailed, stream);
}
