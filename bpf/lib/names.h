/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Parses lists of command names, and writes names in the form in which they can be given again. */
#ifndef HB_LIB_NAMES_H
#define HB_LIB_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

#include "bpf/heartbeat.h"
#include "bpf/lib/log.h"

/* The programs that are watched without another list. */
#define HB_PROGRAMS_DEFAULT "nvim,nano,vim,ed,vi,emacs,more,less,vimdiff,tilde"

struct names {
	size_t count;
	char names[HB_PROGRAMS_MAX][HB_COMM_LEN]; /* zero padded, each once */
};

/**
 * names_add - add the names of a list to @names
 * @text: names with commas between; or @FILE with such a list on each line, where # starts a comment.
 *        A + in front has no meaning here. Blanks around a name do not belong to it. Double quotes
 *        surround a name with unusual characters, such as "tmux: server"; in it, two stand for one.
 *
 * Names that cannot be meant are refused. Those longer than the 15 bytes that the kernel keeps
 * of a command name (TASK_COMM_LEN) are cut, with a warning. Returns 0; -EACCES: the file cannot be
 * read; or -EINVAL; the reason is in @why.
 */
int names_add(struct names *names, const char *text, struct reason *why);

/** names_have - whether @name, as the kernel would cut it, is one of them */
bool names_have(const struct names *names, const char *name);

/** names_equal - whether both lists have the same names, in whatever order */
bool names_equal(const struct names *a, const struct names *b);

enum { NAMES_TEXT_LEN = 2 * HB_COMM_LEN + 2 };

/** names_format - write @name to @text, in double quotes if a list needs them. Returns @text */
const char *names_format(char text[NAMES_TEXT_LEN], const char name[HB_COMM_LEN]);

#endif
