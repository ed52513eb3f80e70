// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/lib/clock.h"
#include "bpf/lib/log.h"
#include "reader/text/tty.h"
#include "bpf/lib/user.h"
#include "reader/text/json.h"
#include "reader/commands/list.h"
#include "reader/maps/cgroup_tree.h"
#include "reader/maps/snapshot.h"
#include "reader/text/table.h"
#include "reader/text/text.h"
#include "reader/commands/watch.h"

enum { USER_LEN = 33, SHORT_CONTAINER = 12 };

/* Where a process belongs, as far as it can be told from here. */
struct place {
	char cgroup[CGROUP_PATH_MAX];	      /* a path, else the leaf's name; or empty */
	char container[CGROUP_CONTAINER_LEN]; /* or empty */
};

static void find_place(struct place *place, const struct snapshot *snapshot,
		       const struct snapshot_process *process)
{
	uint64_t id = process->record.cgroup_id;
	const struct snapshot_cgroup *cgroup;

	if (cgroup_tree_find(id, process->pid, place->cgroup) < 0) {
		/* Another mount or cgroup namespace may hide the path: the kernel copied the name.
		 */
		cgroup = snapshot_find_cgroup(snapshot, id);
		snprintf(place->cgroup, sizeof(place->cgroup), "%s",
			 cgroup ? cgroup->record.name : "");
	}
	cgroup_container(place->cgroup, place->container);
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
	struct place place;

	find_place(&place, snapshot, process);
	if (place.container[0] != '\0')
		text_printable(cgroup, sizeof(cgroup), place.container, SHORT_CONTAINER);
	else if (place.cgroup[0] != '\0')
		text_printable(cgroup, sizeof(cgroup), place.cgroup, sizeof(place.cgroup));
	text_printable(program, sizeof(program), record->command, sizeof(record->command));
	name_user(user, record->uid);
	if (tty_name(tty, record->tty) < 0)
		strcpy(tty, "-");
	if (record->last_beat) {
		text_time(time, record->last_beat + snapshot->offset_ns);
		text_age(age, snapshot->taken_at > record->last_beat
				      ? snapshot->taken_at - record->last_beat
				      : 0);
	}
	snprintf(pid, sizeof(pid), "%" PRIu32, process->pid);
	snprintf(beats, sizeof(beats), "%llu", record->beats);
	return table_add(table,
			 (const char *[]){pid, program, user, tty, beats, time, age, cgroup});
}

static int print_table(FILE *stream, const struct snapshot *snapshot, size_t width)
{
	static const char *const header[] = {"PID",   "PROGRAM",   "USER", "TTY",
					     "BEATS", "LAST BEAT", "AGE",  "CGROUP"};
	struct table table = {.columns = 8, .right = 1 << 0 | 1 << 4 | 1 << 6};
	int r;

	r = table_add(&table, header);
	for (size_t i = 0; i < snapshot->process_count && r == 0; i++)
		r = add_row(&table, snapshot, &snapshot->processes[i]);
	if (r == 0)
		r = table_print(&table, stream, width);
	table_release(&table);
	return r;
}

static void print_time(FILE *stream, const char *name, uint64_t boot_ns, uint64_t offset_ns)
{
	if (boot_ns)
		fprintf(stream, ",\"%s\":%" PRIu64, name, boot_ns + offset_ns);
	else
		fprintf(stream, ",\"%s\":null", name);
}

static void print_name(FILE *stream, const char *name, const char *text)
{
	fprintf(stream, ",\"%s\":", name);
	if (text[0] != '\0')
		json_print(stream, text, SIZE_MAX);
	else
		fputs("null", stream);
}

static void print_json(FILE *stream, const struct snapshot *snapshot,
		       const struct snapshot_process *process)
{
	const struct hb_process *record = &process->record;
	uint64_t offset = snapshot->offset_ns;
	char time[CLOCK_RFC3339_LEN] = "";
	char tty[TTY_NAME_LEN];
	struct place place;

	find_place(&place, snapshot, process);
	tty_name(tty, record->tty);
	if (record->last_beat)
		clock_rfc3339(time, record->last_beat + offset);
	fprintf(stream,
		"{\"v\":1,\"type\":\"process\",\"pid\":%" PRIu32 ",\"program\":", process->pid);
	json_print(stream, record->command, sizeof(record->command));
	fprintf(stream, ",\"uid\":%u", record->uid);
	print_name(stream, "tty", tty);
	fprintf(stream, ",\"beats\":%llu", record->beats);
	print_time(stream, "last_beat_ns", record->last_beat, offset);
	print_name(stream, "last_beat", time);
	if (record->last_beat)
		fprintf(stream, ",\"age_seconds\":%.3f",
			snapshot->taken_at > record->last_beat
				? (double)(snapshot->taken_at - record->last_beat) / 1e9
				: 0.0);
	else
		fputs(",\"age_seconds\":null", stream);
	print_time(stream, "last_key_ns", record->last_key, offset);
	print_time(stream, "start_ns", record->start, offset);
	fprintf(stream, ",\"cgroup_id\":%llu", record->cgroup_id);
	print_name(stream, "cgroup", place.cgroup);
	print_name(stream, "container", place.container);
	fputs("}\n", stream);
}

static int draw(void *data, FILE *stream, size_t width)
{
	struct snapshot_source *source = data;
	struct snapshot snapshot;
	int r;

	r = snapshot_take(source, &snapshot);
	if (r == 0 && print_table(stream, &snapshot, width) < 0)
		r = log_errno(-ENOMEM, "list");
	snapshot_release(&snapshot);
	return r;
}

static int draw_json(struct snapshot_source *source, FILE *stream)
{
	struct snapshot snapshot;
	int r;

	r = snapshot_take(source, &snapshot);
	for (size_t i = 0; r == 0 && i < snapshot.process_count; i++)
		print_json(stream, &snapshot, &snapshot.processes[i]);
	snapshot_release(&snapshot);
	return r;
}

static int print_once(const struct read_options *options, struct snapshot_source *source)
{
	size_t length = 0;
	char *text = NULL;
	FILE *stream;
	int r;

	stream = open_memstream(&text, &length);
	if (!stream)
		return log_errno(-errno, "list");
	if (options->format == FORMAT_JSON)
		r = draw_json(source, stream);
	else
		r = draw(source, stream, watch_width());
	if (fclose(stream) != 0 && r == 0)
		r = log_errno(-ENOMEM, "list");
	if (r == 0)
		r = text_write(text, length);
	free(text);
	return r == -EPIPE ? 0 : r;
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
	r = options->watch ? watch_run(draw, source) : print_once(options, source);
	snapshot_close(source);
	return r;
}
