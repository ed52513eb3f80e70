// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Why a process is watched: reader/commands/process.c, reader/commands/explain*.c */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <check.h>

#include "reader/array.h"
#include "reader/commands/explain.h"
#include "reader/maps/snapshot_sum.h"
#include "tests/unit/suites.h"

#define S 1000000000ULL

static struct snapshot snapshot;
static struct process process;
static char text[4096];

static void start(void)
{
	static const struct hb_program none;
	const char listed[HB_COMM_LEN] = "vim";

	memset(&snapshot, 0, sizeof(snapshot));
	snapshot.exact = snapshot.complete = true;
	snapshot.taken_at = 10000 * S;
	snapshot.offset_ns = 1700000000 * S;
	snapshot.meta.rule = HB_RULE_ANY;
	snapshot.meta.hook = HB_METHOD_FENTRY;
	snapshot.meta.loaded_at = snapshot.meta.updated_at = snapshot.meta.changed_at = 1000 * S;
	ck_assert_int_eq(snapshot_add_program(&snapshot, listed, &none), 0);
	process = (struct process){.pid = (uint32_t)getpid(), .comm = "vim"};
	strcpy(process.input, "/dev/null");
}

static void end(void)
{
	snapshot_release(&snapshot);
}

static void add_record(uint64_t beats, uint64_t last_beat, uint64_t last_key)
{
	struct hb_process record = {
		.start = 2000 * S,
		.beats = beats,
		.last_beat = last_beat * S,
		.last_key = last_key * S,
		.command = "vim",
	};
	uint32_t pid = process.pid;

	ck_assert_int_eq(snapshot_add_process(&snapshot, &pid, &record), 0);
	ck_assert_int_eq(snapshot_sum(&snapshot), 0);
}

static void add_terminal(int descriptor)
{
	process.terminals[process.terminal_count].descriptor = descriptor;
	strcpy(process.terminals[process.terminal_count++].name, "pts/7");
}

static void write_by(int (*writer)(FILE *stream, const void *data), const char *name,
		     const char *blind)
{
	struct explanation explanation = {
		.snapshot = &snapshot,
		.pin_dir = HB_PIN_DIR,
		.blind = blind,
		.name = name,
		.count = 1,
		.processes = &process,
	};
	FILE *stream = fmemopen(text, sizeof(text), "w");

	ck_assert_ptr_nonnull(stream);
	ck_assert_int_eq(writer(stream, &explanation), 0);
	fclose(stream);
}

static void explain(const char *blind)
{
	write_by(explain_write_details, NULL, blind);
}

static void explain_name(const char *name)
{
	write_by(explain_write_table, name, NULL);
}

static void explain_in_json(const char *blind)
{
	write_by(explain_write_json, NULL, blind);
}

static void ck_says(const char *part)
{
	ck_assert_msg(strstr(text, part), "no '%s' in: %s", part, text);
}

static void ck_says_not(const char *part)
{
	ck_assert_msg(!strstr(text, part), "'%s' in: %s", part, text);
}

START_TEST(test_counts)
{
	char line[128];

	add_record(3, 9940, 9000);
	add_terminal(0);
	add_terminal(2);
	explain(NULL);
	snprintf(line, sizeof(line), "vim (pid %d) counts.\n", getpid());
	ck_assert_int_eq(strncmp(text, line, strlen(line)), 0);
	ck_says("Its command name, vim, is on the list of watched programs.");
	ck_says("Its descriptor 0 is terminal pts/7.\n");
	ck_says("Its descriptor 2 is terminal pts/7.\n");
	ck_says("The hook is fentry, the rule any: ");
	ck_says("It has had 3 beats.");
	ck_says("Last beat: 1m ago, at 2023-11-15T00:59:00Z.");
	ck_says("Last key: 16m ago, at 2023-11-15T00:43:20Z.");
	snprintf(
		line, sizeof(line),
		"from its last key: `hb-read idle 30m --pid %d` will report idle from 2023-11-15T01:13:20Z.",
		getpid());
	ck_says(line);
	ck_says_not("not a terminal");
	ck_says_not("no terminal");
}
END_TEST

START_TEST(test_idle_by_now)
{
	add_record(0, 0, 0);
	explain(NULL);
	ck_says("It has had no beat yet.");
	ck_says("It has read no key yet.");
	ck_says("counts from its start");
	ck_says("reports idle since 2023-11-14T23:16:40Z.");
	ck_says("Its descriptor 0 is /dev/null, which is not a terminal.");
	ck_says("It has no terminal open");
}
END_TEST

START_TEST(test_not_listed)
{
	strcpy(process.comm, "vim.basic");
	add_terminal(0);
	explain(NULL);
	ck_says("vim.basic (pid ");
	ck_says(") does not count.");
	ck_says("Its command name, vim.basic, is not on the list of watched programs.");
	ck_says("  To watch it, run:\n"
		"      sudo mkdir -p /etc/activity-heartbeat/heartbeat.conf.d\n"
		"      echo 'Programs=+vim.basic' | sudo tee /etc/activity-heartbeat/heartbeat.conf.d/zz-watch-vim.basic.conf\n"
		"      sudo hb-load\n");
	ck_says_not("idle");
}
END_TEST

START_TEST(test_without_record)
{
	explain(NULL);
	ck_says(") does not count.");
	ck_says("Its command name, vim, is on the list of watched programs, but it has no record.");
	ck_says("The next collection of a running hb-read gives it one.");
	snapshot.stats[HB_STAT_REFUSED_PROCESSES] = 9;
	explain(NULL);
	ck_says("The map of processes was full 9 times: its keys count for its control group");
	ck_says_not("The next collection");
}
END_TEST

START_TEST(test_renamed)
{
	add_record(1, 9940, 0);
	strcpy(process.comm, "a\033[1mb");
	explain(NULL);
	ck_says("a?[1mb (pid ");
	/* It counts under the name that it was judged by until the hook or a collection sees that. */
	ck_says("Its command name, vim, is on the list");
	ck_says("It has had 1 beat.");
}
END_TEST

START_TEST(test_what_cannot_be_seen)
{
	add_record(1, 9940, 0);
	snapshot.meta.hook = HB_METHOD_TRACEPOINT;
	explain(NULL);
	ck_says_not("32-bit");
	ck_says("It has read no key yet.");
	process.is_32bit = true;
	explain(NULL);
	ck_says("It is a 32-bit program, which this hook does not see.");
	snapshot.meta.hook = HB_METHOD_FENTRY;
	explain(NULL);
	ck_says_not("32-bit");

	snapshot.meta.rule = HB_RULE_STDIN;
	add_terminal(4);
	explain(NULL);
	ck_says("Its keys come through descriptor 4: they are activity, but no heartbeats by this rule");
	snapshot.meta.rule = HB_RULE_KEYS;
	explain(NULL);
	ck_says_not("no heartbeats");

	process.descriptors_known = -EACCES;
	explain("the hooks are gone");
	ck_says("You may not see its descriptors");
	ck_says("Nothing is seen at the moment: the hooks are gone.");
	ck_says("It is unknown whether it is idle: the hooks are gone.");
}
END_TEST

START_TEST(test_opened)
{
	add_record(0, 0, 0);
	snapshot.processes[0].record.opened_at = 3000 * S;
	explain(NULL);
	ck_says("counts from the start of its program at a terminal");
	snapshot.meta.changed_at = 4000 * S;
	explain(NULL);
	ck_says("counts from the last change of what is watched");
}
END_TEST

START_TEST(test_any_program)
{
	static const struct hb_program none;
	const char any[HB_COMM_LEN] = HB_ANY_PROGRAM;

	ck_assert_int_eq(snapshot_add_program(&snapshot, any, &none), 0);
	strcpy(process.comm, "bash");
	explain(NULL);
	ck_says(") does not count.");
	ck_says("Every program is watched (*) from its first key on.");
	ck_says_not("hb-load --programs");
	add_record(1, 9940, 9940);
	strcpy(snapshot.processes[0].record.command, "bash");
	explain(NULL);
	ck_says(") counts.");
	ck_says("Every program that reads a key is watched (*), and bash has.");
}
END_TEST

START_TEST(test_32bit)
{
	process.is_32bit = true;
	add_record(1, 9940, 0);
	snapshot.processes[0].record.flags = HB_PROCESS_32BIT;
	snapshot.meta.hook = HB_METHOD_TRACEPOINT;
	explain(NULL);
	ck_says("It is unknown whether it is idle: a 32-bit program runs, vim (pid ");
}
END_TEST

START_TEST(test_kernel_thread)
{
	process.is_kernel_thread = true;
	explain(NULL);
	ck_says(") does not count.\n  It is a kernel thread");
	ck_says_not("list");
	ck_says_not("terminal");
}
END_TEST

/* The row of the table on the one process. */
static void ck_row(const char *name, const char *tty, const char *verdict)
{
	char line[160];

	explain_name(name);
	snprintf(line, sizeof(line),
		 "\n\n%*s  TTY%*s  VERDICT\n%3d  %-3s  %s\n\nFor details: hb-read explain PID\n",
		 snprintf(NULL, 0, "%d", getpid()) > 3 ? snprintf(NULL, 0, "%d", getpid()) : 3,
		 "PID", (int)strlen(tty) > 3 ? (int)strlen(tty) - 3 : 0, "", getpid(), tty,
		 verdict);
	ck_says(line);
}

START_TEST(test_table)
{
	ck_row("vim", "-", "does not count yet: it has no record");
	ck_says("vim is on the list of watched programs. Of 1 process, 0 count.\n\n");
	strcpy(process.comm, "vim.basic");
	add_terminal(4);
	ck_row("vim", "pts/7", "does not count: its command name is vim.basic");
	ck_row("vim.basic", "pts/7", "does not count");
	ck_says("vim.basic is not on the list of watched programs. Of 1 process, 0 count.\nTo watch it, run:\n    sudo mkdir");
	process.is_kernel_thread = true;
	ck_row("vim.basic", "pts/7", "does not count: it is a kernel thread");
	process.is_kernel_thread = false;
	add_record(0, 0, 0);
	ck_row("vim", "pts/7", "counts: no key yet");
	ck_says("vim is on the list of watched programs. Of 1 process, 1 counts.\n\n");
	snapshot.processes[0].record.last_key = 9000 * S;
	ck_row("vim", "pts/7", "counts: last key 16m ago");
	ck_row("vim.basic", "pts/7", "counts as vim: last key 16m ago");
	snapshot.processes[0].record.flags = HB_PROCESS_32BIT;
	ck_row("vim", "pts/7", "counts: last key 16m ago");
	snapshot.meta.hook = HB_METHOD_TRACEPOINT;
	ck_row("vim", "pts/7", "counts, but hook tracepoint cannot see a 32-bit program");
	/* What /proc hides is in the record. */
	process.terminal_count = 0;
	process.descriptors_known = -EACCES;
	ck_row("vim", "?", "counts, but hook tracepoint cannot see a 32-bit program");
	snapshot.processes[0].record.tty = 136 << 20 | 3;
	ck_row("vim", "pts/3", "counts, but hook tracepoint cannot see a 32-bit program");
	write_by(explain_write_table, "vim", "the hooks are gone");
	ck_says(" counts.\nNothing is seen at the moment: the hooks are gone.\n\n");
}
END_TEST

/* The kernel keeps 15 bytes of a name, and bytes of all kinds. */
START_TEST(test_table_of_odd_names)
{
	strcpy(process.comm, "and-on-and-on-a");
	ck_row("and-on-and-on-and-on", "-", "does not count");
	strcpy(process.comm, "\033[1mb");
	ck_row("x", "-", "does not count: its command name is ?[1mb");
	ck_row("\033[1mb", "-", "does not count");
	ck_says("?[1mb is not on the list");
	ck_says_not("\033");
}
END_TEST

START_TEST(test_table_with_any_program)
{
	static const struct hb_program none;
	const char any[HB_COMM_LEN] = HB_ANY_PROGRAM;

	ck_assert_int_eq(snapshot_add_program(&snapshot, any, &none), 0);
	strcpy(process.comm, "bash");
	ck_row("bash", "-", "does not count yet: it has read no key");
	ck_says("Every program is watched (*) from its first key on. Of 1 process, 0 count.\n\n");
	ck_says_not("To watch it");
}
END_TEST

static void list_busy(const char *name)
{
	char(*listed)[HB_COMM_LEN] =
		array_append(snapshot.busy_programs, snapshot.busy_program_count);

	ck_assert_ptr_nonnull(listed);
	snprintf(*listed, sizeof(*listed), "%s", name);
	snapshot.meta.busy_for = 6 * 60 * 60;
}

/* It runs, and something happened in its workspace at @since. */
static void add_work(uint64_t since)
{
	struct snapshot_busy *busy = array_append(snapshot.busy, snapshot.busy_count);

	ck_assert_ptr_nonnull(busy);
	*busy = (struct snapshot_busy){
		.record = {.pid = process.pid, .start = 9280 * S, .command = "make"},
		.group_since = since * S,
	};
}

START_TEST(test_busy)
{
	list_busy("make");
	strcpy(process.comm, "make");
	/* Not among those that run. */
	explain(NULL);
	ck_says(") does not count.\n  Its command name, make, is on the list of busy programs.\n  Its work does not count at the moment: it is stopped.\n");
	ck_says_not("watch");
	ck_says_not("terminal");
	ck_row("make", "-", "does not count: it is stopped");
	ck_says("make is on the list of busy programs: while one runs, its workspace is not idle, for at most 6 h after the last key in it.\n");
	ck_says("make is not on the list of watched programs. Of 1 process, 0 count.\n\n");
	explain_in_json(NULL);
	ck_says("\"counts\":false,\"why\":\"busy\",\"work\":\"stopped\"");
	snapshot.busy_unknown = "nobody can see it";
	explain(NULL);
	ck_says("does not count at the moment: nobody can see it.\n");
	snapshot.busy_unknown = NULL;

	add_work(9280);
	explain(NULL);
	ck_says(") counts.\n  Its command name, make, is on the list of busy programs.\n  While it runs, its workspace is not idle, for another 5 h 48 min.\n");
	ck_row("make", "-", "counts: its work does, for another 5 h 48 min");
	ck_says("make is not on the list of watched programs. Of 1 process, 1 counts.\n\n");
	explain_in_json(NULL);
	ck_says("\"counts\":true,\"why\":\"busy\",\"work\":\"counts\"");
	ck_says("\"because\":\"busy\",\"idle_seconds\":0.000,\"doubt\":null}\n");

	snapshot.taken_at = 40000 * S;
	explain(NULL);
	ck_says(") does not count.\n");
	ck_says("Its work does not count any more: in its workspace, nothing else happened for 6 h.\n");
	ck_row("make", "-", "does not count: it has worked for too long");
	explain_in_json(NULL);
	ck_says("\"counts\":false,\"why\":\"busy\",\"work\":\"over\"");
}
END_TEST

/* On both lists. */
START_TEST(test_busy_and_watched)
{
	list_busy("vim");
	add_record(3, 9940, 9000);
	add_work(9280);
	strcpy(snapshot.busy[0].record.command, "vim");
	explain(NULL);
	ck_says(") counts.\n");
	ck_says("Its command name, vim, is on the list of watched programs.\n  Its command name, vim, is on the list of busy programs.\n  While it runs, ");
	ck_says("Its idle time counts from now, because it works:");
	ck_row("vim", "-", "counts: last key 16m ago");
	explain_in_json(NULL);
	ck_says("\"why\":\"listed\",\"work\":\"counts\"");
}
END_TEST

START_TEST(test_json)
{
	char line[512];

	strcpy(process.exe, "/usr/bin/vim.basic");
	add_terminal(0);
	add_record(3, 9940, 9000);
	explain_in_json(NULL);
	snprintf(
		line, sizeof(line),
		"{\"v\":1,\"type\":\"explanation\",\"pid\":%d,\"program\":\"vim\",\"executable\":\"/usr/bin/vim.basic\",\"counts\":true,\"why\":\"listed\",\"terminals\":[{\"descriptor\":0,\"tty\":\"pts/7\"}],\"stdin\":\"/dev/null\",\"is_32bit\":false,\"hook\":\"fentry\",\"rule\":\"any\",\"beats\":3,",
		getpid());
	ck_says(line);
	ck_says("\"last_beat_ns\":1700009940000000000,\"last_beat\":\"2023-11-15T00:59:00.000000000Z\",\"last_key_ns\":1700009000000000000,");
	ck_says("\"since\":\"2023-11-15T00:43:20.000000000Z\",\"because\":\"key\",\"idle_seconds\":1000.000,\"doubt\":null}\n");
	explain_in_json("the hooks are gone");
	ck_says("\"because\":\"key\",\"idle_seconds\":null,\"doubt\":\"the hooks are gone\"}\n");
}
END_TEST

START_TEST(test_json_of_what_does_not_count)
{
	process.descriptors_known = -EACCES;
	strcpy(process.input, "");
	explain_in_json(NULL);
	ck_says("\"executable\":null,\"counts\":false,\"why\":\"no_record\",\"terminals\":null,\"stdin\":null,");
	ck_says("\"beats\":null,\"last_beat_ns\":null,\"last_beat\":null,\"last_key_ns\":null,\"last_key\":null,\"since_ns\":null,\"since\":null,\"because\":null,\"idle_seconds\":null,\"doubt\":null}\n");
	strcpy(process.comm, "bash");
	explain_in_json("the hooks are gone");
	ck_says("\"why\":\"not_listed\"");
	ck_says("\"idle_seconds\":null,\"doubt\":\"the hooks are gone\"}\n");
}
END_TEST

START_TEST(test_this_process)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	char name[64];
	char comm[HB_COMM_LEN] = {0};
	char link[PROCESS_PATH_LEN] = {0};
	struct process *processes;
	bool found = false;
	size_t count;
	int terminal;
	char pid[16];

	ck_assert_int_ge(master, 0);
	ck_assert_int_eq(grantpt(master), 0);
	ck_assert_int_eq(unlockpt(master), 0);
	ck_assert_int_eq(ptsname_r(master, name, sizeof(name)), 0);
	terminal = open(name, O_RDWR | O_NOCTTY);
	ck_assert_int_ge(terminal, 0);
	prctl(PR_GET_NAME, comm);
	ck_assert_int_gt(readlink("/proc/self/exe", link, sizeof(link) - 1), 0);

	snprintf(pid, sizeof(pid), "%d", getpid());
	ck_assert_int_eq(process_find(pid, &processes, &count), 0);
	ck_assert_uint_eq(count, 1);
	process = processes[0];
	free(processes);
	ck_assert_str_eq(process.comm, comm);
	ck_assert_str_eq(process.exe, link);
	ck_assert_int_eq(process.descriptors_known, 0);
	ck_assert(process.is_32bit == (sizeof(void *) == 4));
	ck_assert(!process.is_kernel_thread);
	for (size_t i = 0; i < process.terminal_count; i++) {
		/* The master is not one. */
		ck_assert_int_ne(process.terminals[i].descriptor, master);
		if (process.terminals[i].descriptor != terminal)
			continue;
		ck_assert_str_eq(process.terminals[i].name, name + strlen("/dev/"));
		found = true;
	}
	ck_assert(found);
	close(terminal);
	close(master);
}
END_TEST

START_TEST(test_find)
{
	const uint32_t me = (uint32_t)getpid();
	char name[64];
	struct process *processes;
	size_t count;

	/* The kernel keeps 15 bytes of a longer name. */
	snprintf(name, sizeof(name), "hbx%u-and-on-and-on", me % 1000000);
	ck_assert_int_eq(prctl(PR_SET_NAME, name), 0);
	ck_assert_int_eq(process_find(name, &processes, &count), 0);
	ck_assert_uint_eq(count, 1);
	ck_assert_uint_eq(processes[0].pid, me);
	free(processes);
	ck_assert_int_eq(process_find("no program has such a name", &processes, &count), 0);
	ck_assert_uint_eq(count, 0);
	free(processes);
	ck_assert_int_eq(process_find("2147483647", &processes, &count), 0);
	ck_assert_uint_eq(count, 0);
	free(processes);
}
END_TEST

Suite *explain_suite(void)
{
	Suite *suite = suite_create("explain");
	TCase *tcase = tcase_create("explain");

	tcase_add_checked_fixture(tcase, start, end);
	tcase_add_test(tcase, test_counts);
	tcase_add_test(tcase, test_idle_by_now);
	tcase_add_test(tcase, test_not_listed);
	tcase_add_test(tcase, test_without_record);
	tcase_add_test(tcase, test_renamed);
	tcase_add_test(tcase, test_what_cannot_be_seen);
	tcase_add_test(tcase, test_opened);
	tcase_add_test(tcase, test_any_program);
	tcase_add_test(tcase, test_32bit);
	tcase_add_test(tcase, test_kernel_thread);
	tcase_add_test(tcase, test_table);
	tcase_add_test(tcase, test_table_of_odd_names);
	tcase_add_test(tcase, test_table_with_any_program);
	tcase_add_test(tcase, test_busy);
	tcase_add_test(tcase, test_busy_and_watched);
	tcase_add_test(tcase, test_json);
	tcase_add_test(tcase, test_json_of_what_does_not_count);
	tcase_add_test(tcase, test_this_process);
	tcase_add_test(tcase, test_find);
	suite_add_tcase(suite, tcase);
	return suite;
}
