// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bpf/lib/cleanup.h"
#include "bpf/lib/names.h"
#include "bpf/lib/trusted.h"
#include "bpf/lib/utf8.h"

static bool has(const struct names *names, const char name[HB_COMM_LEN])
{
	for (size_t i = 0; i < names->count; i++) {
		if (memcmp(names->names[i], name, HB_COMM_LEN) == 0)
			return true;
	}
	return false;
}

bool names_have(const struct names *names, const char *name)
{
	char cut[HB_COMM_LEN] = "";

	memcpy(cut, name, strnlen(name, sizeof(cut) - 1));
	return has(names, cut);
}

bool names_equal(const struct names *a, const struct names *b)
{
	for (size_t i = 0; i < a->count; i++) {
		if (!has(b, a->names[i]))
			return false;
	}
	return a->count == b->count;
}

/* Whether a name can only be meant as one: others need double quotes. */
static bool is_plain(const char *name, size_t length)
{
	size_t i = 0;

	if (length == 1 && name[0] == HB_ANY_PROGRAM[0])
		return true;
	if (strchr("+-@", name[0]))
		return false;
	while (i < length) {
		size_t character = utf8_shown(name + i, length - i);

		if (character == 0 || (character == 1 && !isalnum((unsigned char)name[i]) &&
				       !strchr("._+-@%=~^", name[i])))
			return false;
		i += character;
	}
	return true;
}

/* Bytes that are no characters are none. A tab is a blank. */
static bool has_control(const char *name, size_t length)
{
	uint32_t character;
	size_t size;

	for (size_t i = 0; i<length; i += size> 0 ? size : 1) {
		size = utf8_decode(name + i, length - i, &character);
		if (size > 0 && utf8_is_control(character) && character != '\t')
			return true;
	}
	return false;
}

/* Write as much of @name as has room to @text, in double quotes; one that is in it becomes two. */
static void quote(char *text, size_t size, const char *name, size_t length)
{
	size_t at = 0;

	text[at++] = '"';
	for (size_t i = 0; i < length && at + 4 <= size; i++) {
		if (name[i] == '"')
			text[at++] = '"';
		text[at++] = name[i];
	}
	text[at++] = '"';
	text[at] = '\0';
}

/* @name is what a list has without double quotes. */
static int refuse(const char *name, int length, struct reason *why)
{
	char commas[128];
	char quoted[128];

	quote(quoted, sizeof(quoted), name, (size_t)length);
	if (memchr(name, ' ', (size_t)length) || memchr(name, '\t', (size_t)length)) {
		snprintf(commas, sizeof(commas), "%.*s", length, name);
		for (char *blank = commas; (blank = strpbrk(blank, " \t")); blank++)
			*blank = ',';
		return reason_set(
			why, -EINVAL,
			"names are separated by commas: %s; or put a name that contains blanks in double quotes: %s",
			commas, quoted);
	}
	if (name[0] == '+')
		return reason_set(why, -EINVAL,
				  "%.*s: a + adds the whole list: put it before the first name",
				  length, name);
	if (name[0] == '-')
		return reason_set(
			why, -EINVAL,
			"%.*s: names cannot be taken off a list: give the whole list without it",
			length, name);
	if (memchr(name, '*', (size_t)length) || memchr(name, '?', (size_t)length))
		return reason_set(
			why, -EINVAL,
			"%.*s: there are no wildcards, only * alone for every program: give the whole name, or put it in double quotes if it is one",
			length, name);
	return reason_set(why, -EINVAL,
			  "%.*s: a name with unusual characters must be in double quotes: %s",
			  length, name, quoted);
}

static int add(struct names *names, const char *name, size_t length, bool quoted,
	       struct reason *why)
{
	char cut[HB_COMM_LEN] = "";

	if (length == 0)
		return reason_set(why, -EINVAL,
				  "an empty program name: remove a comma, or give a name");
	if (memchr(name, '/', length))
		return reason_set(why, -EINVAL, "%.*s: give a program's name, not a path",
				  (int)length, name);
	if (has_control(name, length))
		return reason_set(why, -EINVAL, "a name contains a control character: remove it");
	if (!quoted && !is_plain(name, length))
		return refuse(name, (int)length, why);
	memcpy(cut, name, length < HB_COMM_LEN ? length : HB_COMM_LEN - 1);
	if (length >= HB_COMM_LEN)
		log_info("%.*s: the kernel keeps %d bytes of a name: cut to %s", (int)length, name,
			 HB_COMM_LEN - 1, cut);
	if (has(names, cut))
		return 0;
	if (names->count == HB_PROGRAMS_MAX)
		return reason_set(why, -EINVAL, "more than %d programs", HB_PROGRAMS_MAX);
	memcpy(names->names[names->count++], cut, HB_COMM_LEN);
	return 0;
}

static const char *skip_blanks(const char *text)
{
	while (isblank((unsigned char)*text))
		text++;
	return text;
}

/* More than the kernel keeps, for what is said about longer names. */
enum { QUOTED_MAX = 256 };

/*
 * Write the name in double quotes at @text to @name; two of them stand for one that is part of the name.
 * Returns the closing one, or NULL: it is missing.
 */
static const char *unquote(const char *text, char name[QUOTED_MAX], size_t *length)
{
	*length = 0;
	for (text++; text[0] != '\0'; text++) {
		if (text[0] == '"' && text[1] != '"')
			return text;
		text += text[0] == '"';
		if (*length < QUOTED_MAX)
			name[(*length)++] = text[0];
	}
	return NULL;
}

/* Add the name in double quotes at *@text, and move on to the end of it. */
static int add_quoted(struct names *names, const char **text, struct reason *why)
{
	char name[QUOTED_MAX];
	size_t length;
	const char *end = unquote(*text, name, &length);

	if (!end)
		return reason_set(why, -EINVAL, "%s: the closing double quote is missing", *text);
	*text = skip_blanks(end + 1);
	if (**text != ',' && **text != '\0')
		return reason_set(why, -EINVAL, "%s: a comma must follow a name", *text);
	return add(names, name, length, true, why);
}

static int add_plain(struct names *names, const char **text, struct reason *why)
{
	const char *name = *text;
	size_t length = strcspn(name, ",");

	*text += length;
	while (length > 0 && isblank((unsigned char)name[length - 1]))
		length--;
	return add(names, name, length, false, why);
}

static int add_list(struct names *names, const char *text, struct reason *why)
{
	bool adds = text[0] == '+';
	int r;

	for (;; text++) {
		text = skip_blanks(text);
		if (adds && text[0] == '+')
			text++;
		r = text[0] == '"' ? add_quoted(names, &text, why) : add_plain(names, &text, why);
		if (r < 0 || text[0] == '\0')
			return r;
	}
}

static int add_file(struct names *names, const char *path, struct reason *why)
{
	_cleanup_free_ char *text = NULL;
	struct reason bad;
	unsigned int number = 0;
	bool any = false;
	char *rest;
	int r;

	r = trusted_read(path, &text, why);
	if (r < 0)
		return r == -EACCES ? r : -EINVAL;
	rest = text;
	for (char *line; r == 0 && (line = strsep(&rest, "\n"));) {
		number++;
		line[strcspn(line, "#\r")] = '\0';
		if (*skip_blanks(line) == '\0')
			continue;
		any = true;
		r = add_list(names, line, &bad);
	}
	if (r < 0)
		return reason_set(why, r, "%s:%u: %s", path, number, bad.text);
	if (!any)
		return reason_set(why, -EINVAL, "%s: names no program: add one", path);
	return 0;
}

int names_add(struct names *names, const char *text, struct reason *why)
{
	const char *file = text + (text[0] == '+');

	return file[0] == '@' ? add_file(names, file + 1, why) : add_list(names, text, why);
}

const char *names_format(char text[NAMES_TEXT_LEN], const char name[HB_COMM_LEN])
{
	size_t length = strnlen(name, HB_COMM_LEN - 1);

	if (length > 0 && is_plain(name, length))
		snprintf(text, NAMES_TEXT_LEN, "%.*s", (int)length, name);
	else
		quote(text, NAMES_TEXT_LEN, name, length);
	return text;
}
