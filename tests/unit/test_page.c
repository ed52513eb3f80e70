// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The page, and the rows of control groups: reader/page, reader/maps/cgroup_rows.c */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "reader/maps/cgroup_rows.h"
#include "reader/maps/claims.h"
#include "reader/maps/coarsen.h"
#include "reader/options.h"
#include "reader/page/html.h"
#include "reader/page/page.h"
#include "tests/unit/suites.h"

#define S	  1000000000ULL
#define CONTAINER "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define EVIL	  "</td><script>"

static char *text;
static size_t length;
static FILE *stream;

static void begin(void)
{
	free(text);
	text = NULL;
	stream = open_memstream(&text, &length);
	ck_assert_ptr_nonnull(stream);
}

/* --- html.c -------------------------------------------------------------------------------------
 */

static const struct {
	const char *text;
	size_t length;
	const char *html;
} texts[] = {
	{"vim", SIZE_MAX, "vim"},
	{"vimdiff", 3, "vim"},
	{"", SIZE_MAX, ""},
	{"<script>", SIZE_MAX, "&#60;script&#62;"},
	{"\"onload='x' &amp;", SIZE_MAX, "&#34;onload=&#39;x&#39; &#38;amp;"},
	{"\xc3\xa4\xe2\x82\xac", SIZE_MAX, "\xc3\xa4\xe2\x82\xac"},
	/* Overlong, cut short, control characters. */
	{"\xc0\xbc", SIZE_MAX, "\xef\xbf\xbd\xef\xbf\xbd"},
	{"a\xc3\xa4", 2, "a\xef\xbf\xbd"},
	{"\xe2\x80\xae", SIZE_MAX, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
	{"\n\x1b[1m\x7f", SIZE_MAX, "\xef\xbf\xbd\xef\xbf\xbd[1m\xef\xbf\xbd"},
};

START_TEST(test_html_print)
{
	begin();
	html_print(stream, texts[_i].text, texts[_i].length);
	fclose(stream);
	ck_assert_str_eq(text, texts[_i].html);
}
END_TEST

START_TEST(test_html_chart)
{
	static const uint64_t points[] = {0, 5, 10};

	begin();
	html_chart(stream, "line", "5 & 10", points, 3);
	fclose(stream);
	ck_assert_ptr_nonnull(strstr(text, "<svg class=\"line\" viewBox=\"0 0 11 24\""));
	ck_assert_ptr_nonnull(strstr(text, "aria-label=\"5 &#38; 10\""));
	/* Nothing for none, half as much and 2 more for half, all for the highest. */
	ck_assert_ptr_nonnull(strstr(text, "d=\"M4 24v-13.0h3V24M8 24v-24.0h3V24\""));
}
END_TEST

/* --- cgroup_rows.c -----------------------------------------------------------------------------------
 */

static struct snapshot_cgroup cgroups[] = {
	{.id = 1},
	{.id = 11,
	 .record = {.parent_id = 1,
		    .name = "docker-" CONTAINER ".scope",
		    .last_beat = 30 * S,
		    .last_key = 25 * S,
		    .beats = 6063385}},
	{.id = 12,
	 .record = {.parent_id = 1, .name = "user-1000.slice", .last_beat = 33 * S, .beats = 2}},
	{.id = 13,
	 .record = {.parent_id = 1, .name = "user-1001.slice", .last_beat = 31 * S, .beats = 4}},
	{.id = 14, .record = {.parent_id = 1, .name = EVIL, .last_beat = 20 * S, .beats = 8}},
	{.id = 15, .record = {.parent_id = 1, .name = "never-used"}},
	{.id = 16, .record = {.parent_id = 14, .name = "only-keys", .last_key = 9 * S}},
};

static struct snapshot_program programs[] = {
	{.name = EVIL, .beats = 15, .last_beat = 38 * S, .last_key = 33 * S, .processes = 2},
	{.name = "joe", .beats = 3, .last_beat = 39 * S},
	{.name = "less", .last_key = 20 * S},
	{.name = "vim"},
};

static struct snapshot_process processes[] = {
	{.pid = 7171,
	 .record = {.command = EVIL,
		    .uid = 4242,
		    .tty = 136 << 20 | 3,
		    .last_beat = 38 * S,
		    .last_key = 33 * S}},
};

static struct report report = {
	.snapshot =
		{
			.meta = {.readers = 2, .loaded_at = 8 * S, .why_not = EVIL},
			.complete = true,
			.taken_at = 40 * S,
			.offset_ns = 1000 * S,
			.programs = programs,
			.program_count = 4,
			.cgroups = cgroups,
			.cgroup_count = 7,
			.processes = processes,
			.process_count = 1,
		},
};

START_TEST(test_rows)
{
	struct cgroup_rows rows;

	ck_assert_int_eq(claims_judge(&report.snapshot), 0);
	ck_assert_int_eq(cgroup_rows_find(&report, &rows), 0);
	ck_assert_uint_eq(rows.count, 5);
	ck_assert_str_eq(rows.rows[0].path, "/" EVIL);
	ck_assert_str_eq(rows.rows[0].container, "");
	ck_assert_uint_eq(rows.rows[0].cgroup->id, 14);
	ck_assert_str_eq(rows.rows[1].path, "/" EVIL "/only-keys");
	ck_assert_str_eq(rows.rows[2].path, "/docker-" CONTAINER ".scope");
	ck_assert_str_eq(rows.rows[2].container, CONTAINER);
	ck_assert_str_eq(rows.rows[3].path, "/user-1000.slice");
	ck_assert_uint_eq(rows.rows[3].cgroup->id, 12);
	cgroup_rows_release(&rows);
	ck_assert_uint_eq(rows.count, 0);
}
END_TEST

/* The map was full when the one above was made. */
START_TEST(test_rows_without_path)
{
	struct cgroup_rows rows;

	cgroups[5].record.parent_id = 4242;
	cgroups[5].record.last_beat = 9 * S;
	ck_assert_int_eq(cgroup_rows_find(&report, &rows), 0);
	ck_assert_uint_eq(rows.count, 5);
	for (size_t i = 0; i < rows.count; i++)
		ck_assert_uint_ne(rows.rows[i].cgroup->id, 15);
	cgroup_rows_release(&rows);
}
END_TEST

/* What users did is in the row of the group above. */
START_TEST(test_rows_of_a_coarse_report)
{
	struct cgroup_rows rows;

	report_coarsen(&report);
	ck_assert_int_eq(cgroup_rows_find(&report, &rows), 0);
	ck_assert_uint_eq(rows.count, 4);
	ck_assert_str_eq(rows.rows[0].path, "/");
	ck_assert_uint_eq(rows.rows[0].cgroup->record.beats, 6);
	ck_assert_uint_eq(rows.rows[0].cgroup->record.last_beat, 32 * S);
	cgroup_rows_release(&rows);
}
END_TEST

/* --- page.c -------------------------------------------------------------------------------------
 */

static void write_page(const char *blind)
{
	struct history *history = history_new();
	const struct page page = {
		.node = EVIL,
		.nonce = "0123",
		.now = 43 * S,
		.considered = 3,
		.blind = blind,
		.report = &report,
		.history = history,
	};

	ck_assert_ptr_nonnull(history);
	ck_assert_int_eq(claims_judge(&report.snapshot), 0);
	ck_assert_int_eq(history_add(history, &report.snapshot), 0);
	begin();
	ck_assert_int_eq(page_write(stream, &page), 0);
	fclose(stream);
	history_free(history);
}

/* Each element that is not empty by its nature is closed, in order. */
static void ck_well_formed(void)
{
	static const char *const empty[] = {"!DOCTYPE", "meta", "path"};
	char open[16][16];
	size_t depth = 0;

	for (const char *at = strchr(text, '<'); at; at = strchr(at + 1, '<')) {
		bool closes = at[1] == '/';
		const char *name = at + 1 + closes;
		int size = 0;
		bool is_empty = false;

		while (isalnum((unsigned char)name[size]) || name[size] == '!')
			size++;
		ck_assert_int_gt(size, 0);
		ck_assert_int_lt(size, 16);
		for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++)
			is_empty |= strncmp(name, empty[i], (size_t)size) == 0;
		if (is_empty)
			continue;
		if (!closes) {
			ck_assert_uint_lt(depth, 16);
			snprintf(open[depth++], sizeof(open[0]), "%.*s", size, name);
			continue;
		}
		ck_assert_uint_gt(depth, 0);
		depth--;
		ck_assert_msg(strncmp(name, open[depth], (size_t)size) == 0 &&
				      open[depth][size] == '\0',
			      "%s is closed by %.20s", open[depth], at);
	}
	ck_assert_uint_eq(depth, 0);
}

/* The page is longer than a message of Check may be. */
static void ck_says(const char *part)
{
	if (!strstr(text, part))
		fputs(text, stderr);
	ck_assert_msg(strstr(text, part) != NULL, "no '%s' in the page", part);
}

static void ck_says_not(const char *part)
{
	ck_assert_msg(!strstr(text, part), "'%s' in the page", part);
}

START_TEST(test_page)
{
	bool coarse = _i % 2;
	const char *blind = _i / 2 ? EVIL : NULL;

	if (coarse)
		report_coarsen(&report);
	write_page(blind);
	ck_well_formed();
	ck_says_not("<script");
	ck_says("<style nonce=\"0123\">");
	ck_says("<title>&#60;/td&#62;&#60;script&#62;: activity-heartbeat</title>");
	ck_says("<tr><td>&#60;/td&#62;&#60;script&#62;</td><td><svg");
	ck_says("<tr><td>/&#60;/td&#62;&#60;script&#62;</td><td><svg");
	ck_says("<tr><td>container 0123456789ab<small class=\"soft spare\">/docker-" CONTAINER
		".scope</small></td><td><svg");
	ck_says("<td class=\"number spare\">6,063,385</td>");
	ck_says("<dt>Watching for</dt><dd>");
	ck_says("</p>\n</footer>");
	ck_says(read_option_table.version);
	ck_says("No heartbeat yet: vim</p>");
	ck_says("<tr><td>less</td>");
	ck_assert(strstr(text, "<tr><td>joe</td>") > strstr(text, "<tr><td>less</td>"));
	ck_says("<td class=\"number spare\">3</td><td class=\"when\"><span class=\"soft\">never</span>");
	ck_says("Why not a better hook: &#60;/td&#62;");
	ck_says("<dt>Watched processes</dt><dd>3</dd>");
	if (blind) {
		ck_says("Not working: &#60;/td&#62;");
		ck_says("<td class=\"when\"><span class=\"soft\">unknown</span></td></tr>");
	} else {
		ck_says("Working: key presses are being seen");
		ck_says_not("unknown");
	}
	/* The last key there was at 25 s. */
	if (!blind)
		ck_says(coarse ? ">19s ago</time></td><td class=\"when\">8s</td></tr>"
			       : ">18s ago</time></td><td class=\"when\">15s</td></tr>");
	if (!coarse) {
		ck_says("<td class=\"number\">7171</td><td>4242</td><td>pts/3</td>");
		ck_says("<dt>Last key</dt><dd><time datetime=\"1970-01-01T00:17:13Z\">10s ago</time>");
		/* Beats that are no keys are counts, and no activity. */
		ck_says_not("00:17:18Z");
		ck_says_not("00:17:19Z");
		ck_says("user-1000.slice");
	} else {
		ck_says_not("7171");
		ck_says_not("4242");
		ck_says_not("pts/3");
		ck_says_not("user-1000");
		/* 33 s become 32 s. */
		ck_says("<time datetime=\"1970-01-01T00:17:12Z\">11s ago</time>");
		ck_says_not("00:17:13Z");
		ck_says("8 to 16 seconds old");
	}
}
END_TEST

/* A page is for reading, so of the rest only the number is shown. */
/* A busy program counts in the container; the page names no busy program. */
START_TEST(test_page_with_work)
{
	struct snapshot_busy busy = {
		.record = {.pid = 7272, .cgroup_id = 11, .account_id = 11, .command = "make"},
		.group_since = 25 * S,
	};

	report.snapshot.meta.busy_for = 60;
	report.snapshot.busy_count = 1;
	report.snapshot.busy = &busy;
	if (_i)
		report_coarsen(&report);
	write_page(NULL);
	ck_well_formed();
	ck_says("s ago</time></td><td class=\"when\">busy</td></tr>");
	ck_says_not("make");
	ck_says_not("7272");
}
END_TEST

START_TEST(test_page_of_many)
{
	static struct snapshot_cgroup many[54] = {{.id = 1}};
	static struct snapshot_process crowd[204];

	for (uint32_t i = 0; i < 53; i++) {
		struct hb_cgroup *record = &many[i + 1].record;

		many[i + 1].id = i + 2;
		record->parent_id = 1;
		snprintf(record->name, sizeof(record->name), "group-%u", i);
		record->last_key = i * S + 1;
	}
	for (uint32_t i = 0; i < 204; i++)
		crowd[i] = (struct snapshot_process){.pid = 10000 + i, .record.last_key = i * S};
	report.snapshot.cgroups = many;
	report.snapshot.cgroup_count = 54;
	report.snapshot.processes = crowd;
	report.snapshot.process_count = 204;
	write_page(NULL);
	ck_well_formed();
	ck_says("and 3 more in <a href=\"/activity\">");
	ck_says("and 4 more in <a href=\"/activity\">");
	/* It is the latest that are shown. */
	ck_says(">/group-52<");
	ck_says_not(">/group-2<");
	ck_says(">10203<");
	ck_says_not(">10003<");
}
END_TEST

static void end(void)
{
	free(text);
	text = NULL;
}

Suite *page_suite(void)
{
	Suite *suite = suite_create("page");
	TCase *tcase = tcase_create("page");

	tcase_add_checked_fixture(tcase, NULL, end);
	tcase_add_loop_test(tcase, test_html_print, 0, (int)(sizeof(texts) / sizeof(texts[0])));
	tcase_add_test(tcase, test_html_chart);
	tcase_add_test(tcase, test_rows);
	tcase_add_test(tcase, test_rows_without_path);
	tcase_add_test(tcase, test_rows_of_a_coarse_report);
	tcase_add_loop_test(tcase, test_page, 0, 4);
	tcase_add_loop_test(tcase, test_page_with_work, 0, 2);
	tcase_add_test(tcase, test_page_of_many);
	suite_add_tcase(suite, tcase);
	return suite;
}
