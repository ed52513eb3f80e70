// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/lib/cleanup.h"
#include "bpf/lib/units.h"
#include "bpf/lib/user.h"
#include "reader/activity/activity.h"
#include "reader/maps/cgroup_rows.h"
#include "reader/maps/claims.h"
#include "reader/page/html.h"
#include "reader/page/sections.h"
#include "reader/page/widgets.h"
#include "reader/text/text.h"
#include "reader/text/tty.h"

/* As many as a person reads; the rest is in /activity and /metrics. */
enum { GROUPS_MAX = 50, PROCESSES_MAX = 200 };

/* The order of the tables. */
static int later_first(uint64_t a, uint64_t b)
{
	return (a < b) - (a > b);
}

static int by_last_program(const void *a, const void *b)
{
	const struct snapshot_program *const *x = a;
	const struct snapshot_program *const *y = b;

	int order = later_first((*x)->last_key, (*y)->last_key);

	/* Those that had neither are last. */
	if (order == 0)
		order = later_first((*x)->last_beat, (*y)->last_beat);
	return order ? order : memcmp((*x)->name, (*y)->name, HB_COMM_LEN);
}

static void print_program(FILE *stream, const struct page *page,
			  const struct snapshot_program *program)
{
	uint64_t points[HISTORY_POINTS] = {0};

	history_sum_program(page->history, program->name, points);
	fputs("<tr><td>", stream);
	html_print(stream, program->name, HB_COMM_LEN);
	fputs("</td><td>", stream);
	widget_chart(stream, "line", points);
	fputs("</td><td class=\"number spare\">", stream);
	widget_number(stream, program->processes);
	fputs("</td><td class=\"number spare\">", stream);
	widget_number(stream, program->beats);
	fputs("</td><td class=\"when\">", stream);
	widget_age(stream, page, program->last_key);
	fputs("</td></tr>\n", stream);
}

static bool was_used(const struct snapshot_program *program)
{
	return program->last_key > 0 || program->last_beat > 0;
}

int section_programs(FILE *stream, const struct page *page)
{
	const struct snapshot *snapshot = &page->report->snapshot;
	_cleanup_free_ const struct snapshot_program **sorted = NULL;
	const char *separator = "";
	size_t alive = 0;

	/* One more: calloc(0) may return NULL. */
	sorted = calloc(snapshot->program_count + 1, sizeof(*sorted));
	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < snapshot->program_count; i++)
		sorted[i] = &snapshot->programs[i];
	qsort(sorted, snapshot->program_count, sizeof(*sorted), by_last_program);
	fputs("<section>\n<h2>Programs</h2>\n", stream);
	for (; alive < snapshot->program_count && was_used(sorted[alive]); alive++) {
		if (alive == 0)
			fprintf(stream,
				"<table>\n<tr><th>Name</th><th>Last %d minutes</th><th class=\"number spare\">Processes</th><th class=\"number spare\">Heartbeats</th><th class=\"when\">Last key</th></tr>\n",
				PAGE_MINUTES);
		print_program(stream, page, sorted[alive]);
	}
	if (alive > 0)
		fputs("</table>\n", stream);
	if (alive < snapshot->program_count)
		fputs("<p class=\"more\">No heartbeat yet: ", stream);
	for (size_t i = alive; i < snapshot->program_count; i++) {
		fputs(separator, stream);
		html_print(stream, sorted[i]->name, HB_COMM_LEN);
		separator = ", ";
	}
	fputs(alive < snapshot->program_count ? "</p>\n</section>\n" : "</section>\n", stream);
	return 0;
}

static int by_last_row(const void *a, const void *b)
{
	const struct cgroup_row *x = a;
	const struct cgroup_row *y = b;

	int order = later_first(x->cgroup->record.last_key, y->cgroup->record.last_key);

	return order ? order : strcmp(x->path, y->path);
}

static void print_more(FILE *stream, size_t count, size_t shown)
{
	if (count > shown)
		fprintf(stream,
			"<p class=\"more\">and %zu more in <a href=\"/activity\">/activity</a></p>\n",
			count - shown);
}

/* Activity by control group, and whether idle time is known. */
struct idle {
	bool known;
	size_t count;
	struct activity *list;
};

static int find_idle(const struct page *page, struct idle *idle)
{
	const struct snapshot *snapshot = &page->report->snapshot;
	struct activity_query query = {.by = ACTIVITY_NODE, .blind = page->blind};
	struct activity_answer answer;

	activity_find(snapshot, &query, &answer);
	idle->known = answer.doubt[0] == '\0';
	return activity_each(snapshot, &query, &idle->list, &idle->count);
}

/* The report may be old and its times rounded down: never show more idle time than there was. */
static void print_idle(FILE *stream, const struct page *page, const struct idle *idle, uint64_t id)
{
	const struct report *report = page->report;
	char age[TEXT_AGE_LEN];

	for (size_t i = 0; idle->known && i < idle->count; i++) {
		uint64_t since = idle->list[i].since + report->resolution_s * NS_PER_S;

		if (idle->list[i].cgroup_id != id)
			continue;
		if (idle->list[i].because == ACTIVITY_SINCE_BUSY) {
			fputs("busy", stream);
			return;
		}
		text_age(age,
			 report->snapshot.taken_at > since ? report->snapshot.taken_at - since : 0);
		fputs(age, stream);
		return;
	}
	fputs("<span class=\"soft\">unknown</span>", stream);
}

static void print_small(FILE *stream, const char *class, const char *label, const char *text)
{
	fprintf(stream, "<small class=\"%s\">%s", class, label);
	html_print(stream, text, SIZE_MAX);
	fputs("</small>", stream);
}

/* Its container or pod, with the rest in small print, and without the path on a phone; or the path. */
static void print_group_name(FILE *stream, const struct page *page, const struct cgroup_row *row)
{
	const char *container = row->container;
	char pod[CGROUP_POD_LEN];

	claims_pod(&page->report->snapshot, row->cgroup->id, pod);
	if (container[0] != '\0') {
		fprintf(stream, "container %.*s", cgroup_container_shown(container), container);
		if (pod[0] != '\0')
			print_small(stream, "soft", "pod ", pod);
	} else if (pod[0] != '\0') {
		fprintf(stream, "pod %s", pod);
	} else {
		html_print(stream, row->path, SIZE_MAX);
		return;
	}
	print_small(stream, "soft spare", "", row->path);
}

static void print_cgroup(FILE *stream, const struct page *page, const struct idle *idle,
			 const struct cgroup_row *row)
{
	uint64_t points[HISTORY_POINTS] = {0};

	history_sum_cgroup(page->history, row->cgroup->id, points);
	fputs("<tr><td>", stream);
	print_group_name(stream, page, row);
	fputs("</td><td>", stream);
	widget_chart(stream, "line", points);
	fputs("</td><td class=\"number spare\">", stream);
	widget_number(stream, row->cgroup->record.beats);
	fputs("</td><td class=\"when spare\">", stream);
	widget_age(stream, page, row->cgroup->record.last_key);
	fputs("</td><td class=\"when\">", stream);
	print_idle(stream, page, idle, row->cgroup->id);
	fputs("</td></tr>\n", stream);
}

static void print_cgroups(FILE *stream, const struct page *page, const struct idle *idle,
			  struct cgroup_rows *rows)
{
	if (rows->count == 0)
		return;
	qsort(rows->rows, rows->count, sizeof(*rows->rows), by_last_row);
	fprintf(stream,
		"<section>\n<h2>Control groups</h2>\n<table>\n<tr><th>Name</th><th>Last %d minutes</th><th class=\"number spare\">Heartbeats</th><th class=\"when spare\">Last key</th><th class=\"when\">Idle for</th></tr>\n",
		PAGE_MINUTES);
	for (size_t i = 0; i < rows->count && i < GROUPS_MAX; i++)
		print_cgroup(stream, page, idle, &rows->rows[i]);
	fputs("</table>\n", stream);
	print_more(stream, rows->count, GROUPS_MAX);
	fputs("</section>\n", stream);
}

int section_cgroups(FILE *stream, const struct page *page)
{
	struct idle idle = {.list = NULL};
	struct cgroup_rows rows;
	int r;

	r = cgroup_rows_find(page->report, &rows);
	if (r == 0)
		r = find_idle(page, &idle);
	if (r == 0)
		print_cgroups(stream, page, &idle, &rows);
	cgroup_rows_release(&rows);
	free(idle.list);
	return r;
}

static int by_last_process(const void *a, const void *b)
{
	const struct snapshot_process *const *x = a;
	const struct snapshot_process *const *y = b;

	int order = later_first((*x)->record.last_key, (*y)->record.last_key);

	return order ? order : (*x)->pid < (*y)->pid ? -1 : 1;
}

static void print_process(FILE *stream, const struct page *page,
			  const struct snapshot_process *process)
{
	const struct hb_process *record = &process->record;
	char user[USER_NAME_LEN];
	char tty[TTY_NAME_LEN];

	fputs("<tr><td>", stream);
	html_print(stream, record->command, HB_COMM_LEN);
	fprintf(stream, "</td><td class=\"number\">%" PRIu32 "</td><td>", process->pid);
	html_print(stream, user_name(record->uid, user), SIZE_MAX);
	fputs("</td><td>", stream);
	html_print(stream, tty_name(tty, record->tty) < 0 ? "-" : tty, SIZE_MAX);
	fputs("</td><td class=\"number spare\">", stream);
	widget_number(stream, record->beats);
	fputs("</td><td class=\"when\">", stream);
	widget_age(stream, page, record->last_key);
	fputs("</td></tr>\n", stream);
}

int section_processes(FILE *stream, const struct page *page)
{
	const struct snapshot *snapshot = &page->report->snapshot;
	_cleanup_free_ const struct snapshot_process **sorted = NULL;

	if (page->report->resolution_s || snapshot->process_count == 0)
		return 0;
	sorted = calloc(snapshot->process_count, sizeof(*sorted));
	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < snapshot->process_count; i++)
		sorted[i] = &snapshot->processes[i];
	qsort(sorted, snapshot->process_count, sizeof(*sorted), by_last_process);
	fputs("<section>\n<h2>Processes</h2>\n<table>\n<tr><th>Program</th><th class=\"number\">Pid</th><th>User</th><th>Terminal</th><th class=\"number spare\">Heartbeats</th><th class=\"when\">Last key</th></tr>\n",
	      stream);
	for (size_t i = 0; i < snapshot->process_count && i < PROCESSES_MAX; i++)
		print_process(stream, page, sorted[i]);
	fputs("</table>\n", stream);
	print_more(stream, snapshot->process_count, PROCESSES_MAX);
	fputs("</section>\n", stream);
	return 0;
}
