// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "loader/similar.h"

static const char version[] = "0123456789.";
static const char usual_dirs[] =
	"/usr/local/sbin,/usr/local/bin,/usr/sbin,/usr/bin,/sbin,/bin,/usr/games,/snap/bin";

static bool exists(const char *name, const char *dirs)
{
	char pattern[512];
	glob_t files;
	bool found;

	snprintf(pattern, sizeof(pattern), "{%s}/%s", dirs, name);
	found = glob(pattern, GLOB_BRACE, NULL, &files) == 0;
	globfree(&files);
	return found;
}

/* Add the name of the file @path, if it is new and there is room. */
static void add(char found[SIMILAR_LEN], const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	size_t length = strlen(found);
	char all[SIMILAR_LEN + 2];
	char word[SIMILAR_LEN];

	snprintf(all, sizeof(all), ",%s,", found);
	if ((size_t)snprintf(word, sizeof(word), ",%s,", name) >= sizeof(word) || strstr(all, word))
		return;
	if (length + strlen(name) + 2 <= SIMILAR_LEN)
		sprintf(found + length, "%s%s", length > 0 ? "," : "", name);
}

bool similar_find(const char *name, const char *dirs, char found[SIMILAR_LEN])
{
	size_t base = strlen(name);
	char pattern[512];
	glob_t files;

	found[0] = '\0';
	/* Nothing else is the name of an interpreter, and it could be a pattern. */
	if (name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-_")] != '\0' ||
	    exists(name, dirs))
		return false;
	while (base > 0 && strchr(version, name[base - 1]))
		base--;
	if (base == 0)
		return false;
	snprintf(pattern, sizeof(pattern), "{%s}/%.*s{,[0-9]*}", dirs, (int)base, name);
	if (glob(pattern, GLOB_BRACE, NULL, &files) == 0) {
		for (size_t i = 0; i < files.gl_pathc; i++) {
			const char *end = strrchr(files.gl_pathv[i], '/') + 1 + base;

			if (end[strspn(end, version)] == '\0')
				add(found, files.gl_pathv[i]);
		}
	}
	globfree(&files);
	return found[0] != '\0';
}

void similar_report(const struct names *programs)
{
	char found[SIMILAR_LEN];

	for (size_t i = 0; i < programs->count; i++) {
		if (similar_find(programs->names[i], usual_dirs, found))
			log_info(
				"no program is called %s here, but there is %s: names match exactly",
				programs->names[i], found);
	}
}
