// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/lib/cgroup.h"
#include "bpf/lib/clock.h"
#include "bpf/lib/parse.h"
#include "reader/activity/activity.h"
#include "reader/maps/coarse.h"
#include "reader/text/json.h"

static const uint64_t ns_per_s = 1000000000;

/* Who is told what. */
struct page {
	const struct snapshot *snapshot;
	const struct places *places;
	bool detailed;
	FILE *stream;
};

static void print_text(const struct page *page, const char *name, const char *text, size_t length)
{
	fprintf(page->stream, ",\"%s\":", name);
	if (text && text[0] != '\0')
		json_print(page->stream, text, length);
	else
		fputs("null", page->stream);
}

/* Both forms, as in the other objects of hb-read; coarse times have no fraction. */
static void print_time(const struct page *page, const char *name, uint64_t boot_ns)
{
	char text[CLOCK_RFC3339_LEN];
	uint64_t unix_ns;

	if (boot_ns == 0) {
		fprintf(page->stream, ",\"%s_ns\":null,\"%s\":null", name, name);
		return;
	}
	if (page->detailed) {
		unix_ns = boot_ns + page->snapshot->offset_ns;
	} else {
		unix_ns = coarse_boot_ns(boot_ns) + page->snapshot->offset_ns;
		unix_ns -= unix_ns % ns_per_s;
	}
	clock_rfc3339(text, unix_ns);
	fprintf(page->stream, ",\"%s_ns\":%" PRIu64 ",\"%s\":\"%s\"", name, unix_ns, name, text);
}

/* From coarse times never more than it is. */
static void print_idle(const struct page *page, const struct activity *activity, bool known)
{
	uint64_t now = page->snapshot->taken_at;
	uint64_t since = activity->since;

	if (!known) {
		fputs(",\"idle_seconds\":null", page->stream);
	} else if (page->detailed) {
		fprintf(page->stream, ",\"idle_seconds\":%.3f",
			now > since ? (double)(now - since) / 1e9 : 0.0);
	} else {
		now = coarse_boot_ns(now);
		since = coarse_boot_ns(since) + COARSE_S * ns_per_s;
		fprintf(page->stream, ",\"idle_seconds\":%" PRIu64,
			now > since ? (now - since) / ns_per_s : 0);
	}
}

static void print_activity(const struct page *page, const struct activity *activity, bool known)
{
	static const char *const because[] = {
		[ACTIVITY_SINCE_LOAD] = "load",
		[ACTIVITY_SINCE_START] = "start",
		[ACTIVITY_SINCE_READ] = "read",
		[ACTIVITY_SINCE_KEY] = "key",
	};

	print_time(page, "last_activity", activity->last);
	print_time(page, "since", activity->since);
	fprintf(page->stream, ",\"because\":\"%s\"", because[activity->because]);
	print_idle(page, activity, known);
}

static void print_process(const struct page *page, const struct snapshot_process *process,
			  const char *separator)
{
	const struct hb_process *record = &process->record;

	fprintf(page->stream, "%s{\"pid\":%" PRIu32, separator, process->pid);
	print_text(page, "program", record->command, sizeof(record->command));
	print_time(page, "last_beat", record->last_beat);
	print_time(page, "last_key", record->last_key);
	print_time(page, "start", record->start);
	fputc('}', page->stream);
}

static void print_processes(const struct page *page, uint64_t cgroup_id, uint32_t only)
{
	const char *separator = "";

	fputs(",\"processes\":[", page->stream);
	for (size_t i = 0; i < page->snapshot->process_count; i++) {
		const struct snapshot_process *process = &page->snapshot->processes[i];

		if (process->record.cgroup_id != cgroup_id || (only && process->pid != only))
			continue;
		print_process(page, process, separator);
		separator = ",";
	}
	fputc(']', page->stream);
}

/* A path may have a user's number in it. */
static void print_path(const struct page *page, const char *path)
{
	if (path && !page->detailed && cgroup_names_user(path))
		path = NULL;
	print_text(page, "path", path, SIZE_MAX);
}

static void print_cgroup(const struct page *page, const struct activity *activity, bool known,
			 uint32_t only)
{
	const struct snapshot_cgroup *cgroup =
		snapshot_find_cgroup(page->snapshot, activity->cgroup_id);
	const char *path = places_path(page->places, activity->cgroup_id);
	/* Hidden from here, it has at least the name that the kernel copied. */
	const char *name = path ? path : cgroup ? cgroup->record.name : "";
	char container[CGROUP_CONTAINER_LEN];
	char pod[CGROUP_POD_LEN];

	fprintf(page->stream, "{\"id\":%" PRIu64, activity->cgroup_id);
	print_path(page, path);
	print_text(page, "container", cgroup_container(name, container) < 0 ? NULL : container,
		   sizeof(container));
	print_text(page, "pod", cgroup_pod(name, pod) < 0 ? NULL : pod, sizeof(pod));
	print_activity(page, activity, known);
	if (page->detailed)
		print_processes(page, activity->cgroup_id, only);
	fputc('}', page->stream);
}

static void print_select(const struct page *page, const struct activity_query *query)
{
	switch (query->by) {
	case ACTIVITY_CGROUP:
		fputs(",\"select\":{\"cgroup\":", page->stream);
		json_print(page->stream, query->name, SIZE_MAX);
		fputc('}', page->stream);
		break;
	case ACTIVITY_CONTAINER:
		fputs(",\"select\":{\"container\":", page->stream);
		json_print(page->stream, query->name, SIZE_MAX);
		fputc('}', page->stream);
		break;
	case ACTIVITY_PID:
		fprintf(page->stream, ",\"select\":{\"pid\":%" PRIu32 "}", query->pid);
		break;
	default:
		fputs(",\"select\":null", page->stream);
		break;
	}
}

static void print_head(const struct page *page, const struct activity_query *query)
{
	const struct hb_meta *meta = &page->snapshot->meta;
	char node[256] = "";

	if (gethostname(node, sizeof(node) - 1) < 0)
		node[0] = '\0';
	fputs("{\"v\":1,\"type\":\"activity\"", page->stream);
	print_text(page, "node", node, sizeof(node));
	fprintf(page->stream, ",\"rule\":\"%s\",\"source\":\"%s\"", rule_name(meta->rule),
		meta->flags & HB_META_KEYS ? "key" : "read");
	print_time(page, "watching_since", activity_watching_since(page->snapshot));
	print_time(page, "as_of", page->snapshot->taken_at);
	print_select(page, query);
}

static void print_error(FILE *stream, const char *reason)
{
	fputs("{\"v\":1,\"type\":\"error\",\"error\":", stream);
	json_print(stream, reason, SIZE_MAX);
	fputs("}\n", stream);
}

int activity_print(const struct snapshot *snapshot, const struct activity_query *query,
		   const struct places *places, bool detailed, FILE *stream)
{
	const struct page page = {snapshot, places, detailed, stream};
	struct activity_answer answer;
	struct activity *list;
	size_t count;
	bool known;
	int r;

	r = activity_find(snapshot, query, places, &answer);
	if (r < 0) {
		print_error(stream, answer.doubt);
		return r;
	}
	r = activity_each(snapshot, query, places, &list, &count);
	if (r < 0)
		return r;
	known = answer.doubt[0] == '\0';
	print_head(&page, query);
	print_activity(&page, &answer.activity, known);
	if (detailed && answer.activity.program[0] != '\0') {
		print_text(&page, "program", answer.activity.program,
			   sizeof(answer.activity.program));
		fprintf(stream, ",\"pid\":");
		if (answer.activity.pid)
			fprintf(stream, "%" PRIu32, answer.activity.pid);
		else
			fputs("null", stream);
	}
	print_text(&page, "doubt", answer.doubt, sizeof(answer.doubt));
	fputs(",\"cgroups\":[", stream);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			fputc(',', stream);
		print_cgroup(&page, &list[i], known, query->pid);
	}
	fputs("]}\n", stream);
	free(list);
	return 0;
}

int activity_write(const struct snapshot *snapshot, const struct activity_query *query,
		   bool detailed, FILE *stream)
{
	const struct places *places;

	if (!detailed && query->by == ACTIVITY_PID) {
		print_error(stream, "processes are told of over the unix socket alone");
		return -EACCES;
	}
	if (!detailed && query->by == ACTIVITY_CGROUP && cgroup_names_user(query->name)) {
		print_error(stream, "users are told of over the unix socket alone");
		return -EACCES;
	}
	places = activity_places(snapshot);
	if (!places)
		return -ENOMEM;
	return activity_print(snapshot, query, places, detailed, stream);
}
