// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "reader/page/html.h"
#include "reader/page/widgets.h"
#include "reader/text/text.h"

void widget_age(FILE *stream, const struct page *page, uint64_t boot_ns)
{
	char time[TEXT_TIME_LEN];
	char age[TEXT_AGE_LEN];

	if (boot_ns == 0) {
		fputs("<span class=\"soft\">never</span>", stream);
		return;
	}
	text_time(time, boot_ns + page->report->snapshot.offset_ns);
	text_age(age, page->now > boot_ns ? page->now - boot_ns : 0);
	fprintf(stream, "<time datetime=\"%s\">%s ago</time>", time, age);
}

void widget_number(FILE *stream, uint64_t number)
{
	char text[TEXT_NUMBER_LEN];

	text_number(text, number);
	fputs(text, stream);
}

void widget_chart(FILE *stream, const char *class, const uint64_t points[HISTORY_POINTS])
{
	char number[TEXT_NUMBER_LEN];
	char label[80];
	uint64_t beats = 0;

	for (size_t i = 0; i < HISTORY_POINTS; i++)
		beats += points[i];
	text_number(number, beats);
	snprintf(label, sizeof(label), "%s heartbeats in the last %d minutes", number,
		 PAGE_MINUTES);
	html_chart(stream, class, label, points, HISTORY_POINTS);
}
