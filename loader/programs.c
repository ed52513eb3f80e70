// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "bpf/lib/cleanup.h"
#include "bpf/lib/log.h"
#include "loader/programs.h"
#include "loader/trusted.h"

static bool has(const struct programs *programs, const char *name)
{
	for (size_t i = 0; i < programs->count; i++) {
		if (memcmp(programs->names[i], name, HB_COMM_LEN) == 0)
			return true;
	}
	return false;
}

/* @where: for messages: "--programs", or a file and line. White space around a name is dropped. */
static int add(struct programs *programs, const char *where, const char *text, size_t length,
	       struct reason *why)
{
	char name[HB_COMM_LEN] = "";

	while (length > 0 && isspace((unsigned char)text[0])) {
		text++;
		length--;
	}
	while (length > 0 && isspace((unsigned char)text[length - 1]))
		length--;
	if (length == 0)
		return reason_set(why, -EINVAL, "%s: an empty program name", where);
	if (memchr(text, '/', length))
		return reason_set(why, -EINVAL, "%s: %.*s: give a program's name, not a path",
				  where, (int)length, text);
	memcpy(name, text, length < HB_COMM_LEN ? length : HB_COMM_LEN - 1);
	if (length >= HB_COMM_LEN)
		log_info("%s: %.*s: the kernel keeps %d bytes of a name: cut to %s", where,
			 (int)length, text, HB_COMM_LEN - 1, name);
	if (has(programs, name))
		return 0;
	if (programs->count == HB_PROGRAMS_MAX)
		return reason_set(why, -EINVAL, "%s: more than %d programs", where,
				  HB_PROGRAMS_MAX);
	memcpy(programs->names[programs->count++], name, HB_COMM_LEN);
	return 0;
}

static int add_list(struct programs *programs, const char *where, const char *text,
		    const char *separator, struct reason *why)
{
	for (;;) {
		size_t length = strcspn(text, separator);

		if (add(programs, where, text, length, why) < 0)
			return -EINVAL;
		if (text[length] == '\0')
			return 0;
		text += length + 1;
	}
}

static int add_line(struct programs *programs, const char *path, unsigned int number, char *line,
		    struct reason *why)
{
	char where[4200];

	line[strcspn(line, "#\n")] = '\0';
	if (line[strspn(line, " \t\r\f\v")] == '\0')
		return 0;
	snprintf(where, sizeof(where), "%s:%u", path, number);
	return add(programs, where, line, strlen(line), why);
}

/* Returns -ENOENT, and logs nothing, if the file is @optional and does not exist. */
static int add_file(struct programs *programs, const char *path, bool optional, struct reason *why)
{
	_cleanup_free_ char *line = NULL;
	unsigned int number = 0;
	size_t size = 0;
	ssize_t length;
	FILE *file;
	int r;

	r = trusted_open(path, &file, why);
	if (r == -ENOENT && optional)
		return -ENOENT;
	if (r == -EIO)
		return -EINVAL;
	if (r < 0)
		return reason_set(why, r == -EACCES ? -EACCES : -EINVAL, "--programs @%s: %s", path,
				  strerror(-r));
	while (r == 0 && (length = getline(&line, &size, file)) >= 0) {
		number++;
		if (memchr(line, '\0', (size_t)length))
			r = reason_set(why, -EINVAL, "%s:%u: a NUL byte in a list of names", path,
				       number);
		else
			r = add_line(programs, path, number, line, why);
	}
	if (r == 0 && ferror(file))
		r = reason_set(why, -EINVAL, "--programs @%s: cannot be read: give a file", path);
	fclose(file);
	return r;
}

static int add_default(struct programs *programs, struct reason *why)
{
	return add_list(programs, "default", HB_PROGRAMS_DEFAULT, " ", why);
}

int programs_parse(const char *text, const char *etc, struct programs *programs, struct reason *why)
{
	int r;

	programs->count = 0;
	if (!text) {
		r = add_file(programs, etc, true, why);
		if (r == -ENOENT)
			r = add_default(programs, why);
		if (r == 0 && programs->count == 0)
			return reason_set(why, -EINVAL, "%s names no program", etc);
		return r;
	}
	if (text[0] == '+') {
		r = add_default(programs, why);
		if (r < 0)
			return r;
		text++;
	}
	r = text[0] == '@' ? add_file(programs, text + 1, false, why)
			   : add_list(programs, "--programs", text, ",", why);
	if (r == 0 && programs->count == 0)
		return reason_set(why, -EINVAL, "--programs %s: names no program", text);
	return r;
}

/* Delete the keys that are not in the list. The search goes on from the last key that stays. */
static int delete_others(int fd, const struct programs *programs)
{
	char key[HB_COMM_LEN];
	char next[HB_COMM_LEN];
	const char *previous = NULL;

	while (bpf_map_get_next_key(fd, previous, next) == 0) {
		if (has(programs, next)) {
			memcpy(key, next, sizeof(key));
			previous = key;
			continue;
		}
		if (bpf_map_delete_elem(fd, next) < 0)
			return -errno;
	}
	return errno == ENOENT ? 0 : -errno;
}

bool programs_have(const struct programs *programs, const char *name)
{
	char key[HB_COMM_LEN] = "";

	memcpy(key, name, strnlen(name, sizeof(key) - 1));
	return has(programs, key);
}

int programs_check_rule(const struct programs *programs, uint32_t rule, struct reason *why)
{
	if (rule == HB_RULE_KEYS || !programs_have(programs, HB_ANY_PROGRAM))
		return 0;
	return reason_set(
		why, -EINVAL,
		"--programs '*': every program counts by its keys alone: add --rule keys");
}

bool programs_differ(int fd, const struct programs *programs)
{
	const char *previous = NULL;
	char key[HB_COMM_LEN];
	size_t count = 0;

	while (bpf_map_get_next_key(fd, previous, key) == 0) {
		if (!has(programs, key))
			return true;
		previous = key;
		count++;
	}
	return count != programs->count;
}

int programs_apply(int fd, const struct programs *programs)
{
	const struct hb_program zero = {0};
	int r;

	for (size_t i = 0; i < programs->count; i++) {
		if (bpf_map_update_elem(fd, programs->names[i], &zero, BPF_NOEXIST) < 0 &&
		    errno != EEXIST)
			return log_errno(-errno, "cannot add %s to the list of programs",
					 programs->names[i]);
	}
	r = delete_others(fd, programs);
	return r < 0 ? log_errno(r, "cannot remove a name from the list of programs") : 0;
}
