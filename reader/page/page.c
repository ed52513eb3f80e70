// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>

#include "bpf/lib/parse.h"
#include "reader/activity/activity.h"
#include "reader/page/html.h"
#include "reader/page/page.h"
#include "reader/page/sections.h"
#include "reader/page/style.h"
#include "reader/page/widgets.h"
#include "reader/text/text.h"

static void print_head(FILE *stream, const struct page *page)
{
	fprintf(stream,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
		"<meta name=\"robots\" content=\"noindex\">\n"
		"<meta http-equiv=\"refresh\" content=\"%d\">\n<title>",
		PAGE_REFRESH_S);
	html_print(stream, page->node, SIZE_MAX);
	fprintf(stream,
		": activity-heartbeat</title>\n<style nonce=\"%s\">%s</style>\n</head>\n<body>\n"
		"<header><h1>activity-heartbeat</h1><p>",
		page->nonce, page_style);
	html_print(stream, page->node, SIZE_MAX);
	fputs("</p></header>\n<main>\n", stream);
}

static void print_term(FILE *stream, const char *name, const char *text, size_t length)
{
	fprintf(stream, "<dl><dt>%s</dt><dd>", name);
	html_print(stream, text, length);
	fputs("</dd></dl>", stream);
}

static void print_number(FILE *stream, const char *name, uint64_t number)
{
	fprintf(stream, "<dl><dt>%s</dt><dd>", name);
	widget_number(stream, number);
	fputs("</dd></dl>", stream);
}

static void print_age(FILE *stream, const struct page *page, const char *name, uint64_t boot_ns)
{
	fprintf(stream, "<dl><dt>%s</dt><dd>", name);
	widget_age(stream, page, boot_ns);
	fputs("</dd></dl>", stream);
}

/* Since when something could have been seen. */
static void print_watching(FILE *stream, const struct page *page)
{
	uint64_t changed_at = page->report->snapshot.meta.changed_at;
	char age[TEXT_AGE_LEN];

	text_age(age, page->now > changed_at ? page->now - changed_at : 0);
	print_term(stream, "Watching for", age, SIZE_MAX);
}

static void print_summary(FILE *stream, const struct page *page)
{
	const struct snapshot *snapshot = &page->report->snapshot;
	uint64_t points[HISTORY_POINTS] = {0};

	for (size_t i = 0; i < snapshot->program_count; i++)
		history_sum_program(page->history, snapshot->programs[i].name, points);
	fprintf(stream, "<section%s>\n<p class=\"state\"><i></i>",
		page->blind ? " class=\"blind\"" : "");
	if (page->blind) {
		fputs("Not working: ", stream);
		html_print(stream, page->blind, SIZE_MAX);
	} else {
		fputs("Working: key presses are being seen", stream);
	}
	fputs("</p>\n<div class=\"figures big\">", stream);
	print_age(stream, page, "Last key", activity_last(snapshot));
	print_number(stream, "Watched processes", page->considered);
	print_watching(stream, page);
	fputs("</div>\n", stream);
	widget_chart(stream, "wide", points);
	fprintf(stream,
		"<p class=\"axis\"><span>%d minutes ago</span><span>heartbeats of all programs</span><span>now</span></p>\n</section>\n",
		PAGE_MINUTES);
}

static void print_health(FILE *stream, const struct page *page)
{
	const struct report *report = page->report;
	const struct hb_meta *meta = &report->snapshot.meta;
	const uint64_t *stats = report->snapshot.stats;

	fputs("<section>\n<h2>Health</h2>\n<div class=\"figures\">", stream);
	print_term(stream, "Hook", method_name(meta->hook), SIZE_MAX);
	print_term(stream, "Rule", rule_name(meta->rule), SIZE_MAX);
	print_age(stream, page, "Loaded", meta->loaded_at);
	print_number(stream, "Readers", report->readers_open);
	print_number(stream, "Lost by readers", snapshot_lost(&report->snapshot));
	if (report->missed_known)
		print_number(stream, "Missed reads", report->missed.reads);
	print_number(stream, "Refused records",
		     stats[HB_STAT_REFUSED_PROCESSES] + stats[HB_STAT_REFUSED_CGROUPS]);
	fputs("</div>\n", stream);
	if (meta->why_not[0] != '\0') {
		fputs("<p class=\"more\">Why not a better hook: ", stream);
		html_print(stream, meta->why_not, sizeof(meta->why_not));
		fputs("</p>\n", stream);
	}
	fputs("</section>\n", stream);
}

static void print_foot(FILE *stream, const struct page *page)
{
	fputs("</main>\n<footer>\n<nav><a href=\"/metrics\">Metrics</a><a href=\"/activity\">Activity (JSON)</a><a href=\"/healthz\">Health (JSON)</a></nav>\n",
	      stream);
	if (page->report->resolution_s)
		fprintf(stream,
			"<p>Values are %d to %d seconds old, and times are rounded down to %d seconds. The unix socket shows exact times, users and processes.</p>\n",
			COARSE_S, 2 * COARSE_S, COARSE_S);
	fputs("<p>activity-heartbeat " HB_VERSION "</p>\n</footer>\n</body>\n</html>\n", stream);
}

int page_write(FILE *stream, const struct page *page)
{
	int r;

	print_head(stream, page);
	print_summary(stream, page);
	r = section_programs(stream, page);
	if (r == 0)
		r = section_cgroups(stream, page);
	if (r == 0)
		r = section_processes(stream, page);
	if (r < 0)
		return r;
	print_health(stream, page);
	print_foot(stream, page);
	return 0;
}
