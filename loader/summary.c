// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <linux/types.h>

#include "bpf/heartbeat.h"
#include "bpf/lib/duration.h"
#include "bpf/lib/log.h"
#include "bpf/lib/parse.h"
#include "bpf/lib/units.h"
#include "bpf/lib/user.h"
#include "loader/programs.h"
#include "loader/summary.h"

enum { NAMES_SHOWN = 12 };

int summary_note(struct summary *before, const char *dir, const struct hb_meta *meta, int programs,
		 int busy)
{
	struct stat st;
	int r;

	if (stat(dir, &st) < 0)
		return log_errno(-errno, "%s", dir);
	before->meta = *meta;
	before->has_group = st.st_mode & S_IRWXG;
	before->gid = st.st_gid;
	r = programs_read(programs, &before->programs);
	return r < 0 ? r : programs_read(busy, &before->busy);
}

static void print_list(const struct names *list)
{
	char name[NAMES_TEXT_LEN];

	for (size_t i = 0; i < list->count && i < NAMES_SHOWN; i++) {
		if (i > 0)
			putchar(',');
		fputs(names_format(name, list->names[i]), stdout);
	}
	if (list->count > NAMES_SHOWN)
		printf(" and %zu more", list->count - NAMES_SHOWN);
}

void summary_print_loaded(const struct hb_meta *meta, const struct load_options *options)
{
	char duration[DURATION_LEN];

	printf("loaded: hook %s, rule %s, programs ", method_name(meta->hook),
	       rule_name(meta->rule));
	print_list(&options->programs);
	if (meta->busy_for > 0) {
		printf(", busy ");
		print_list(&options->busy);
		printf(" for %s", duration_text(duration, meta->busy_for * NS_PER_S));
	}
	printf(", %u reader%s, at %s\n", meta->readers, meta->readers == 1 ? "" : "s",
	       options->pin_dir);
}

/* @count: of the changes that were printed before this one */
static void print_change(unsigned int *count, const char *what, const char *from, const char *to)
{
	if (strcmp(from, to) != 0)
		printf("%s%s %s -> %s", (*count)++ > 0 ? ", " : " ", what, from, to);
}

static const char *name_group(bool has_group, gid_t gid, char name[USER_NAME_LEN])
{
	return has_group ? user_group_name(gid, name) : "(root only)";
}

/* Print those of @names that @others lack, with @sign in front. */
static void print_names(unsigned int *count, const char *sign, const struct names *names,
			const struct names *others)
{
	char name[NAMES_TEXT_LEN];
	size_t found = 0;

	for (size_t i = 0; i < names->count; i++) {
		if (names_have(others, names->names[i]) || ++found > NAMES_SHOWN)
			continue;
		printf("%s%s%s", (*count)++ > 0 ? ", " : " ", sign,
		       names_format(name, names->names[i]));
	}
	if (found > NAMES_SHOWN)
		printf(", %s%zu more", sign, found - NAMES_SHOWN);
}

void summary_print_changes(const struct summary *before, const struct hb_meta *meta,
			   const struct load_options *options)
{
	char old_time[DURATION_LEN];
	char new_time[DURATION_LEN];
	char old[USER_NAME_LEN];
	char new[USER_NAME_LEN];
	unsigned int count = 0;

	fputs("updated:", stdout);
	print_change(&count, "version", before->meta.build, meta->build);
	print_change(&count, "hook", method_name(before->meta.hook), method_name(meta->hook));
	print_change(&count, "rule", rule_name(before->meta.rule), rule_name(meta->rule));
	print_change(&count, "group", name_group(before->has_group, before->gid, old),
		     name_group(options->group != NULL, options->gid, new));
	print_names(&count, "+", &options->programs, &before->programs);
	print_names(&count, "-", &before->programs, &options->programs);
	print_names(&count, "busy +", &options->busy, &before->busy);
	print_names(&count, "busy -", &before->busy, &options->busy);
	/* Without names it says nothing. */
	if (before->meta.busy_for > 0 && meta->busy_for > 0)
		print_change(&count, "busy for",
			     duration_text(old_time, before->meta.busy_for * NS_PER_S),
			     duration_text(new_time, meta->busy_for * NS_PER_S));
	puts(count > 0 ? "" : " no setting has changed");
}
