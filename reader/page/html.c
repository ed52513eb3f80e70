// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <string.h>

#include "bpf/lib/utf8.h"
#include "reader/page/html.h"

/* In units of the image: width of a bar, distance of bars, height of all, height of the lowest bar. */
enum { BAR = 3, STEP = 4, HEIGHT = 24, LOWEST = 2 };

void html_print(FILE *stream, const char *text, size_t length)
{
	length = strnlen(text, length);
	for (size_t i = 0; i < length;) {
		size_t taken = utf8_shown(text + i, length - i);
		unsigned char c = (unsigned char)text[i];

		if (taken == 0) {
			fputs("\xef\xbf\xbd", stream);
			taken = 1;
		} else if (strchr("&<>\"'", c)) {
			fprintf(stream, "&#%u;", c);
		} else {
			fwrite(text + i, 1, taken, stream);
		}
		i += taken;
	}
}

void html_chart(FILE *stream, const char *class, const char *label, const uint64_t *points,
		size_t count)
{
	uint64_t highest = 1;

	for (size_t i = 0; i < count; i++)
		highest = points[i] > highest ? points[i] : highest;
	fprintf(stream,
		"<svg class=\"%s\" viewBox=\"0 0 %zu %d\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"",
		class, count * STEP - (STEP - BAR), HEIGHT);
	html_print(stream, label, SIZE_MAX);
	fputs("\"><path class=\"rest\" d=\"", stream);
	for (size_t i = 0; i < count; i++)
		fprintf(stream, "M%zu %dh%dv1h-%d", i * STEP, HEIGHT - 1, BAR, BAR);
	fputs("\"/><path d=\"", stream);
	for (size_t i = 0; i < count; i++) {
		double share = (double)points[i] / (double)highest;

		if (points[i] == 0)
			continue;
		fprintf(stream, "M%zu %dv-%.1fh%dV%d", i * STEP, HEIGHT,
			LOWEST + share * (HEIGHT - LOWEST), BAR, HEIGHT);
	}
	fputs("\"/></svg>", stream);
}
