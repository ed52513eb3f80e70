// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bpf/lib/cleanup.h"
#include "bpf/lib/config.h"
#include "bpf/lib/log.h"
#include "bpf/lib/trusted.h"

/* A line of a file, and where to report a mistake in it. */
struct place {
	const char *path;
	unsigned int line;
};

static char *strip(char *text)
{
	size_t length;

	while (isspace((unsigned char)*text))
		text++;
	length = strlen(text);
	while (length > 0 && isspace((unsigned char)text[length - 1]))
		text[--length] = '\0';
	return text;
}

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many letters to insert, remove or replace to make one word of the other; case does not count. */
static size_t distance(const char *a, const char *b)
{
	enum { LONGEST = 32 };
	size_t row[LONGEST + 1];
	size_t columns = min_size(strlen(b), LONGEST);

	for (size_t j = 0; j <= columns; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1] != '\0'; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= columns; j++) {
			size_t same = tolower((unsigned char)a[i - 1]) ==
				      tolower((unsigned char)b[j - 1]);
			size_t best = min_size(diagonal + !same, 1 + min_size(row[j], row[j - 1]));

			diagonal = row[j];
			row[j] = best;
		}
	}
	return row[columns];
}

static int log_unknown(const struct place *place, const char *name)
{
	const struct config_key *closest = config_keys;

	for (const struct config_key *key = config_keys; key->name; key++) {
		if (distance(name, key->name) < distance(name, closest->name))
			closest = key;
	}
	return log_error(-EINVAL, "%s:%u: unknown key \"%s\"; the closest is %s", place->path,
			 place->line, name, closest->name);
}

/* Names may have blanks between, too. Those next to a comma, a + or in double quotes stay. */
static void put_commas(char *value)
{
	bool quoted = false;

	for (char *c = value; *c != '\0'; c++) {
		if (*c == '"')
			quoted = !quoted;
		if (quoted || !isblank((unsigned char)*c) || strchr(",+ \t", c[-1]))
			continue;
		if (c[1 + strspn(c + 1, " \t")] != ',')
			*c = ',';
	}
}

static int add_value(struct config *config, const struct place *place, const struct config_key *key,
		     char *value)
{
	char where[PATH_MAX + 16];
	int r;

	for (const char *c = value; *c != '\0'; c++) {
		if (iscntrl((unsigned char)*c) && *c != '\t')
			return log_error(-EINVAL, "%s:%u: %s: remove the control character",
					 place->path, place->line, key->name);
		if (*c == '#' && c > value && isblank((unsigned char)c[-1]))
			return log_error(-EINVAL,
					 "%s:%u: %s=%s: move the comment to a line of its own",
					 place->path, place->line, key->name, value);
	}
	if (key->kind == CONFIG_NAMES)
		put_commas(value);
	snprintf(where, sizeof(where), "%s:%u", place->path, place->line);
	if (key->kind != CONFIG_MANY)
		return config_add(config, key, CONFIG_FILE, value, where);
	do {
		char *end = value + strcspn(value, " \t");
		char *next = end + strspn(end, " \t");

		*end = '\0';
		r = config_add(config, key, CONFIG_FILE, value, where);
		value = next;
	} while (r == 0 && value[0] != '\0');
	return r;
}

static int add_line(struct config *config, const struct place *place, char *line)
{
	const struct config_key *key = config_keys;
	char *equals;
	char *name;

	line = strip(line);
	if (line[0] == '\0' || line[0] == '#' || line[0] == ';')
		return 0;
	if (line[0] == '[')
		return log_error(-EINVAL, "%s:%u: %s: there are no sections: remove this line",
				 place->path, place->line, line);
	equals = strchr(line, '=');
	if (!equals)
		return log_error(-EINVAL, "%s:%u: %s: write Key=value, for example Rule=keys",
				 place->path, place->line, line);
	*equals = '\0';
	name = strip(line);
	while (key->name && strcmp(key->name, name) != 0)
		key++;
	if (!key->name)
		return log_unknown(place, name);
	return add_value(config, place, key, strip(equals + 1));
}

/* A symbolic link to nowhere is not missing: its settings are. */
static bool is_missing(const char *path, int err)
{
	struct stat st;

	return err == -ENOENT && lstat(path, &st) < 0;
}

static int log_unreadable(const char *path, int err, const struct reason *why)
{
	if (err == -EACCES)
		return log_error(err, "%s: let everybody read it: chmod a+rX %s", why->text, path);
	if (err == -ENOENT)
		return log_error(-EINVAL, "%s is a symbolic link to nowhere: remove it", path);
	return log_error(err, "%s", why->text);
}

/* A missing file is no error. Returns 0 or -errno, logged. */
static int read_file(struct config *config, const char *path)
{
	_cleanup_free_ char *text = NULL;
	struct place place = {.path = path};
	struct reason why;
	char *rest;
	int r;

	r = trusted_read(path, &text, &why);
	if (r < 0)
		return is_missing(path, r) ? 0 : log_unreadable(path, r, &why);
	rest = text;
	for (char *line; r == 0 && (line = strsep(&rest, "\n"));) {
		place.line++;
		r = add_line(config, &place, line);
	}
	return r;
}

static int is_dropin(const struct dirent *entry)
{
	const char *end = strrchr(entry->d_name, '.');

	return end && end != entry->d_name && entry->d_name[0] != '.' && strcmp(end, ".conf") == 0;
}

/* In the order of the bytes, whatever the locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int read_dropins(struct config *config, const char *dir)
{
	char path[PATH_MAX + NAME_MAX + 1];
	struct dirent **entries;
	int count;
	int r = 0;

	count = scandir(dir, &entries, is_dropin, by_name);
	if (count < 0 && is_missing(dir, -errno))
		return 0;
	if (count < 0)
		return log_error(errno == EACCES ? -EACCES : -EINVAL, "cannot list %s: %s", dir,
				 strerror(errno));
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name);
		if (r == 0)
			r = read_file(config, path);
		free(entries[i]);
	}
	free(entries);
	return r;
}

int config_read(struct config *config, const char *dir)
{
	char path[PATH_MAX];
	int r = 0;

	for (const struct config_key *key = config_keys; key->name && r == 0; key++)
		r = config_add(config, key, CONFIG_DEFAULT, key->standard, "default");
	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "%s/heartbeat.conf", dir);
	r = read_file(config, path);
	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "%s/heartbeat.conf.d", dir);
	return read_dropins(config, path);
}
