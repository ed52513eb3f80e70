// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/lib/log.h"
#include "bpf/lib/user.h"
#include "reader/commands/list.h"
#include "reader/commands/watch.h"
#include "reader/confine.h"
#include "reader/maps/cgroup_tree.h"
#include "reader/maps/claims.h"
#include "reader/maps/snapshot.h"
#include "reader/text/json_writer.h"
#include "reader/text/table.h"
#include "reader/text/text.h"
#include "reader/text/tty.h"

enum { USER_LEN = 33 };

/* Where a process belongs. */
struct location {
	char cgroup[CGROUP_PATH_MAX];	      /* its path; empty: it has no record */
	char container[CGROUP_CONTAINER_LEN]; /* or empty */
};

static void locate(struct location *location, const struct snapshot *snapshot,
		   const struct snapshot_process *process)
{
	cgroup_tree_path(snapshot, process->record.cgroup_id, location->cgroup);
	claims_container(snapshot, process->record.cgroup_id, location->container);
}

static void name_user(char user[USER_LEN], uint32_t uid)
{
	char name[USER_NAME_LEN];

	text_printable(user, USER_LEN, user_name(uid, name), SIZE_MAX);
}

static int add_row(struct table *table, const struct snapshot *snapshot,
		   const struct snapshot_process *process)
{
	const struct hb_process *record = &process->record;
	char cgroup[CGROUP_PATH_MAX] = "-";
	char program[HB_COMM_LEN];
	char time[TEXT_TIME_LEN] = "-";
	char age[TEXT_AGE_LEN] = "-";
	char tty[TTY_NAME_LEN];
	char user[USER_LEN];
	char beats[24];
	char pid[16];
	struct location location;

	locate(&location, snapshot, process);
	if (location.container[0] != '\0')
		text_printable(cgroup, sizeof(cgroup), location.container,
			       (size_t)cgroup_container_shown(location.container));
	else if (location.cgroup[0] != '\0')
		text_printable(cgroup, sizeof(cgroup), location.cgroup, sizeof(location.cgroup));
	text_printable(program, sizeof(program), record->command, sizeof(record->command));
	name_user(user, record->uid);
	if (tty_name(tty, record->tty) < 0)
		strcpy(tty, "-");
	if (record->last_key) {
		text_time(time, record->last_key + snapshot->offset_ns);
		text_age(age, snapshot_age(snapshot, record->last_key));
	}
	snprintf(pid, sizeof(pid), "%" PRIu32, process->pid);
	snprintf(beats, sizeof(beats), "%llu", record->beats);
	return table_add(table,
			 (const char *[]){pid, program, user, tty, beats, time, age, cgroup});
}

static int print_table(FILE *stream, const struct snapshot *snapshot, bool watch)
{
	static const char *const header[] = {"PID",   "PROGRAM",  "USER", "TTY",
					     "BEATS", "LAST KEY", "AGE",  "CGROUP"};
	struct table table = {.columns = 8, .right = 1 << 0 | 1 << 4 | 1 << 6};
	size_t height;
	size_t width;
	int r;

	watch_size(&width, &height);
	if (watch) {
		table.line_end = WATCH_LINE_END;
		/* The last row stays empty: a newline there would scroll. */
		table.rows_max = height > 1 ? height - 1 : height;
	}
	r = table_add(&table, header);
	for (size_t i = 0; i < snapshot->process_count && r == 0; i++)
		r = add_row(&table, snapshot, &snapshot->processes[i]);
	if (r == 0)
		r = table_print(&table, stream, width);
	table_release(&table);
	return r;
}

static int write_table(FILE *stream, const void *data)
{
	return print_table(stream, data, false);
}

static int write_picture(FILE *stream, const void *data)
{
	int r;

	fputs(WATCH_HOME, stream);
	r = print_table(stream, data, true);
	fputs(WATCH_BELOW, stream);
	return r;
}

static void write_object(FILE *stream, const struct snapshot *snapshot,
			 const struct snapshot_process *process)
{
	const struct hb_process *record = &process->record;
	struct json json = {.stream = stream};
	struct location location;
	char tty[TTY_NAME_LEN];

	locate(&location, snapshot, process);
	tty_name(tty, record->tty);
	json_begin_document(&json, "process");
	json_number(&json, "pid", process->pid);
	json_name(&json, "program", record->command);
	json_number(&json, "uid", record->uid);
	json_text(&json, "tty", tty, sizeof(tty));
	json_number(&json, "beats", record->beats);
	json_time(&json, "last_beat", snapshot_unix(snapshot, record->last_beat));
	json_time(&json, "last_key", snapshot_unix(snapshot, record->last_key));
	if (record->last_key)
		json_seconds(&json, "age_seconds", snapshot_age(snapshot, record->last_key), 3);
	else
		json_null(&json, "age_seconds");
	json_time(&json, "start", snapshot_unix(snapshot, record->start));
	json_number(&json, "cgroup_id", record->cgroup_id);
	json_text(&json, "cgroup", location.cgroup, sizeof(location.cgroup));
	json_text(&json, "container", location.container, sizeof(location.container));
	json_end_document(&json);
}

static int write_json(FILE *stream, const void *data)
{
	const struct snapshot *snapshot = data;

	for (size_t i = 0; i < snapshot->process_count; i++)
		write_object(stream, snapshot, &snapshot->processes[i]);
	return 0;
}

static int print(struct snapshot_source *source, text_writer writer)
{
	struct snapshot snapshot;
	int r;

	r = snapshot_take(source, &snapshot);
	if (r == 0)
		r = text_print("list", writer, &snapshot);
	snapshot_release(&snapshot);
	return r;
}

static int watch(struct snapshot_source *source)
{
	int r;

	r = watch_start();
	while (r == 0) {
		r = print(source, write_picture);
		if (r < 0 || !watch_wait())
			break;
	}
	/* The shell's prompt gets a line of its own. */
	return r < 0 ? r : text_write("\n", 1);
}

int list_run(const struct read_options *options)
{
	struct snapshot_source *source;
	int r;

	if (options->watch && options->format == FORMAT_JSON)
		return log_error(-EINVAL, "--watch shows a table: leave out --format json");
	if (options->watch && !isatty(STDOUT_FILENO))
		return log_error(-EINVAL, "--watch needs a terminal as standard output");
	r = snapshot_open(options->pin_dir, &source);
	if (r < 0)
		return r;
	r = confine(options->command, 0);
	if (r == 0 && options->watch)
		r = watch(source);
	else if (r == 0)
		r = print(source, options->format == FORMAT_JSON ? write_json : write_table);
	snapshot_close(source);
	return r;
}
