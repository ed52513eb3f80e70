// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The configuration, and what it makes of the options: bpf/lib/config*.c, option_table.c */
#define _GNU_SOURCE /* nftw */
#include <errno.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <check.h>

#include "bpf/lib/config.h"
#include "loader/options.h"
#include "reader/http/listen.h"
#include "reader/options.h"
#include "tests/unit/capture.h"
#include "tests/unit/suites.h"

enum { FILE_MAX = 64 * 1024 };

static char dir[32];
static char main_file[64];
static char dropins[64];
static char message[2048];
static struct config config;
static struct load_options loads;
static struct read_options reads;

static void setup(void)
{
	strcpy(dir, "/tmp/hb-config-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(main_file, sizeof(main_file), "%s/heartbeat.conf", dir);
	snprintf(dropins, sizeof(dropins), "%s/heartbeat.conf.d", dir);
	message[0] = '\0';
	capture_messages(message, sizeof(message));
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static void teardown(void)
{
	capture_messages(NULL, 0);
	config_free(&config);
	config_free(&loads.config);
	config_free(&reads.config);
	nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void write_text(const char *path, const char *text)
{
	FILE *stream = fopen(path, "w");

	ck_assert_ptr_nonnull(stream);
	fputs(text, stream);
	fclose(stream);
	ck_assert_int_eq(chmod(path, 0644), 0);
}

/* A drop-in file. */
static void drop_in(const char *name, const char *text)
{
	char path[128];

	mkdir(dropins, 0755);
	snprintf(path, sizeof(path), "%s/%s", dropins, name);
	write_text(path, text);
}

/* The effective settings of @name, like `value (where);` for each, without the directory. */
static const char *effective(const char *name)
{
	static char text[1024];

	text[0] = '\0';
	for (size_t i = 0; i < config.count; i++) {
		const struct config_setting *setting = &config.settings[i];
		const char *where = setting->where;

		if (!setting->effective || strcmp(setting->key->name, name) != 0)
			continue;
		if (strncmp(where, dir, strlen(dir)) == 0)
			where += strlen(dir) + 1;
		sprintf(text + strlen(text), "%s (%s);", setting->value, where);
	}
	return text;
}

static int load_options(int argc, ...)
{
	static char words[16][64];
	char *argv[17] = {words[0]};
	va_list args;

	strcpy(words[0], "hb-load");
	va_start(args, argc);
	for (int i = 1; i <= argc; i++)
		argv[i] = strcpy(words[i], va_arg(args, const char *));
	va_end(args);
	config_free(&loads.config);
	return load_options_parse(argc + 1, argv, dir, &loads);
}

START_TEST(test_no_file)
{
	ck_assert_int_eq(config_read(&config, "/nonexistent"), 0);
	ck_assert_str_eq(effective("Rule"), "any (default);");
	ck_assert_str_eq(effective("Group"), " (default);");
	ck_assert_int_eq(rmdir(dir), 0);
	ck_assert_int_eq(load_options(0), 1);
	ck_assert_uint_eq(loads.rule, HB_RULE_ANY);
	ck_assert_uint_eq(loads.programs.count, 10);
	ck_assert_int_eq(mkdir(dir, 0755), 0);
}
END_TEST

START_TEST(test_syntax)
{
	write_text(main_file,
		   "# a comment\n; another\n\n  Rule = keys \r\n\tHook=tracepoint\nGroup=4242\n"
		   "Programs=vim nano,ed , \"tmux: server\"\tless\nReaders=3");
	ck_assert_msg(config_read(&config, dir) == 0, "%s", message);
	ck_assert_str_eq(effective("Rule"), "keys (heartbeat.conf:4);");
	ck_assert_str_eq(effective("Hook"), "tracepoint (heartbeat.conf:5);");
	ck_assert_str_eq(effective("Group"), "4242 (heartbeat.conf:6);");
	ck_assert_str_eq(effective("Programs"),
			 "vim,nano,ed , \"tmux: server\",less (heartbeat.conf:7);");
	ck_assert_str_eq(effective("Readers"), "3 (heartbeat.conf:8);");
	ck_assert_int_eq(load_options(0), 1);
	ck_assert_uint_eq(loads.rule, HB_RULE_KEYS);
	ck_assert_int_eq(loads.hook, HB_METHOD_TRACEPOINT);
	ck_assert_uint_eq(loads.gid, 4242);
	ck_assert_uint_eq(loads.readers, 3);
	ck_assert_uint_eq(loads.programs.count, 5);
	ck_assert(names_have(&loads.programs, "tmux: server"));
}
END_TEST

START_TEST(test_drop_ins)
{
	write_text(main_file, "Rule=stdin\nPrograms=+joe\n");
	drop_in("20-b.conf", "Programs=+zsh +fish\nRule=keys\n");
	drop_in("10-a.conf", "Programs=+bash\nRule=any\n");
	drop_in(".hidden.conf", "Rule=bad\n");
	drop_in("30-c.conf~", "Rule=bad\n");
	drop_in("README", "Rule=bad\n");
	drop_in(".conf", "Rule=bad\n");
	ck_assert_msg(config_read(&config, dir) == 0, "%s", message);
	ck_assert_str_eq(effective("Rule"), "keys (heartbeat.conf.d/20-b.conf:2);");
	ck_assert_str_eq(effective("Programs"), HB_PROGRAMS_DEFAULT
			 " (default);+joe (heartbeat.conf:2);+bash (heartbeat.conf.d/10-a.conf:1);"
			 "+zsh,+fish (heartbeat.conf.d/20-b.conf:1);");
	ck_assert_int_eq(load_options(0), 1);
	ck_assert_uint_eq(loads.programs.count, 14);
	ck_assert(names_have(&loads.programs, "fish"));
}
END_TEST

START_TEST(test_replaced_and_reset)
{
	write_text(main_file, "Programs=+joe\nGroup=0\nRule=keys\nListen=127.0.0.1:1 [::1]:1\n");
	drop_in("a.conf", "Programs=vim\nGroup=\nRule=\nListen=127.0.0.1:2 unix:/run/x\n");
	drop_in("b.conf", "Programs=+ed\n");
	ck_assert_int_eq(config_read(&config, dir), 0);
	ck_assert_str_eq(effective("Programs"), "vim (heartbeat.conf.d/a.conf:1);"
						"+ed (heartbeat.conf.d/b.conf:1);");
	ck_assert_str_eq(effective("Group"), " (default);");
	ck_assert_str_eq(effective("Rule"), "any (default);");
	ck_assert_str_eq(effective("Listen"), "127.0.0.1:2 (heartbeat.conf.d/a.conf:4);"
					      "unix:/run/x (heartbeat.conf.d/a.conf:4);");
	ck_assert_int_eq(load_options(0), 1);
	ck_assert_ptr_null(loads.group);
	ck_assert_uint_eq(loads.rule, HB_RULE_ANY);
	drop_in("c.conf", "Programs=\n");
	ck_assert_int_eq(load_options(0), 1);
	ck_assert_uint_eq(loads.programs.count, 10);
}
END_TEST

START_TEST(test_options_override)
{
	write_text(main_file, "Programs=vim\nRule=keys\nGroup=0\nReaders=3\n");
	ck_assert_int_eq(load_options(2, "--rule", "stdin"), 1);
	ck_assert_uint_eq(loads.rule, HB_RULE_STDIN);
	ck_assert_str_eq(loads.group, "0");
	ck_assert_uint_eq(loads.programs.count, 1);
	ck_assert_int_eq(load_options(4, "--programs", "+ed", "--programs=+joe", "check"), 1);
	ck_assert_uint_eq(loads.programs.count, 3);
	ck_assert_uint_eq(loads.rule, HB_RULE_KEYS);
	config_free(&config);
	config = loads.config;
	loads.config = (struct config){0};
	ck_assert_str_eq(effective("Programs"),
			 "vim (heartbeat.conf:1);+ed (--programs);+joe (--programs);");
	ck_assert_int_eq(load_options(2, "--programs", "ed"), 1);
	ck_assert_uint_eq(loads.programs.count, 1);
	ck_assert(names_have(&loads.programs, "ed"));
	/* Something wrong in the file is reported even if an option overrides it. */
	write_text(main_file, "Rule=key\n");
	ck_assert_int_eq(load_options(2, "--rule", "any"), -EINVAL);
	ck_assert_ptr_nonnull(strstr(message, "heartbeat.conf:1: Rule=key: give one of"));
	/* But unloading must always work. */
	ck_assert_int_eq(load_options(1, "unload"), 1);
}
END_TEST

static int read_options(const char *word, const char *option, const char *argument)
{
	char words[4][64] = {"hb-read"};
	char *argv[] = {words[0], strcpy(words[1], word), strcpy(words[2], option),
			strcpy(words[3], argument), NULL};
	int r;

	config_free(&reads.config);
	r = read_options_parse(option[0] == '\0' ? 2 : 4, argv, dir, &reads);
	return r;
}

START_TEST(test_busy)
{
	ck_assert_int_eq(load_options(0), 1);
	ck_assert_uint_eq(loads.busy.count, 0);
	ck_assert_uint_eq(loads.busy_for, 6 * 60 * 60);
	write_text(main_file, "Busy=make cargo\nBusyFor=90m\n");
	drop_in("a.conf", "Busy=+claude pytest\n");
	ck_assert_int_eq(load_options(0), 1);
	ck_assert_uint_eq(loads.busy.count, 4);
	ck_assert(names_have(&loads.busy, "pytest"));
	ck_assert_uint_eq(loads.busy_for, 90 * 60);
	ck_assert_int_eq(load_options(2, "--busy", ""), 1);
	ck_assert_uint_eq(loads.busy.count, 0);
	drop_in("b.conf", "Busy=\nBusyFor=\n");
	ck_assert_int_eq(load_options(0), 1);
	ck_assert_uint_eq(loads.busy.count, 0);
	ck_assert_uint_eq(loads.busy_for, 6 * 60 * 60);
	drop_in("c.conf", "Busy=*\n");
	ck_assert_int_eq(load_options(0), -EINVAL);
	ck_assert_ptr_nonnull(strstr(message, "c.conf:1: Busy=*: *: some program always runs"));
	drop_in("c.conf", "BusyFor=0\n");
	ck_assert_int_eq(load_options(0), -EINVAL);
	ck_assert_ptr_nonnull(strstr(message, "c.conf:1: BusyFor=0: give a time from 1s to 366d"));
}
END_TEST

START_TEST(test_listen)
{
	write_text(main_file, "Rule=keys\nListen=127.0.0.1:1 unix:/run/x\n");
	ck_assert_int_eq(read_options("serve", "", ""), 1);
	ck_assert_uint_eq(reads.listen_count, 2);
	ck_assert_str_eq(reads.listen[1], "unix:/run/x");
	ck_assert(!reads.listen_default);
	ck_assert_int_eq(read_options("serve", "--listen", "none"), 1);
	ck_assert(reads.listen_none);
	ck_assert_uint_eq(reads.listen_count, 0);
	drop_in("a.conf", "Listen=none\n");
	ck_assert_int_eq(read_options("serve", "", ""), 1);
	ck_assert(reads.listen_none);
	drop_in("b.conf", "Listen=\n");
	ck_assert_int_eq(read_options("serve", "", ""), 1);
	ck_assert(reads.listen_default);
	drop_in("c.conf", "Listen=nowhere\n");
	ck_assert_int_eq(read_options("serve", "", ""), -EINVAL);
	ck_assert_ptr_nonnull(strstr(message, "c.conf:1: Listen=nowhere: expected ADDR:PORT"));
	/* Commands that have no use for it work. */
	ck_assert_int_eq(read_options("list", "", ""), 1);
}
END_TEST

static const struct {
	const char *text;
	const char *message; /* after the directory */
} bad[] = {
	{"Rul=any", "/heartbeat.conf:1: unknown key \"Rul\"; the closest is Rule\n"},
	{"\nprograms=vim",
	 "/heartbeat.conf:2: unknown key \"programs\"; the closest is Programs\n"},
	{"Program=vim", "/heartbeat.conf:1: unknown key \"Program\"; the closest is Programs\n"},
	{"Redears=1", "/heartbeat.conf:1: unknown key \"Redears\"; the closest is Readers\n"},
	{"=any", "/heartbeat.conf:1: unknown key \"\"; the closest is"},
	{"Rule any", "/heartbeat.conf:1: Rule any: write Key=value, for example Rule=keys\n"},
	{"[Heartbeat]",
	 "/heartbeat.conf:1: [Heartbeat]: there are no sections: remove this line\n"},
	{"Rule=any # all",
	 "/heartbeat.conf:1: Rule=any # all: move the comment to a line of its own"},
	{"Rule=a\x1b", "/heartbeat.conf:1: Rule: remove the control character"},
	{"Rule=bad", "/heartbeat.conf:1: Rule=bad: give one of: stdin, any, keys\n"},
	{"Readers=99", "/heartbeat.conf:1: Readers=99: give a number from 1 to 32\n"},
	{"Group=no-such-group", "/heartbeat.conf:1: Group=no-such-group: no such group; create it"},
	{"Programs=/bin/vim",
	 "/heartbeat.conf:1: Programs=/bin/vim: /bin/vim: give a program's name"},
	{"Programs=vim*", "/heartbeat.conf:1: Programs=vim*: vim*: there are no wildcards"},
	{"Programs=vim +joe",
	 "/heartbeat.conf:1: Programs=vim,+joe: +joe: a + adds the whole list"},
	{"Programs=+", "/heartbeat.conf:1: Programs=+: an empty program name"},
	{"Programs=vim \\", "/heartbeat.conf:1: Programs=vim,\\: \\: a name with unusual"},
};

/* One line, with the file and the number of the line. */
START_TEST(test_bad)
{
	char expected[256];

	write_text(main_file, bad[_i].text);
	ck_assert_int_eq(load_options(0), -EINVAL);
	snprintf(expected, sizeof(expected), "%s%s", dir, bad[_i].message);
	ck_assert_msg(strstr(message, expected), "%s", message);
}
END_TEST

START_TEST(test_untrusted)
{
	char link[80];

	write_text(main_file, "Rule=any\n");
	ck_assert_int_eq(chmod(main_file, 0666), 0);
	ck_assert_int_eq(load_options(0), -EINVAL);
	ck_assert_msg(strstr(message, "(mode 0666): chmod go-w "), "%s", message);
	ck_assert_int_eq(chmod(main_file, 0644), 0);
	ck_assert_int_eq(chmod(dir, 0777), 0);
	ck_assert_int_eq(load_options(0), -EINVAL);
	ck_assert_msg(strstr(message, "(mode 0777): chmod go-w "), "%s", message);
	ck_assert_int_eq(chmod(dir, 0755), 0);
	drop_in("a.conf", "Rule=keys\n");
	ck_assert_int_eq(chmod(dropins, 0775), 0);
	ck_assert_int_eq(load_options(0), -EINVAL);
	ck_assert_msg(strstr(message, "(mode 0775): chmod go-w "), "%s", message);
	ck_assert_int_eq(chmod(dropins, 0755), 0);
	ck_assert_int_eq(load_options(0), 1);

	snprintf(link, sizeof(link), "%s/link.conf", dropins);
	ck_assert_int_eq(mkfifo(link, 0644), 0);
	ck_assert_int_eq(load_options(0), -EINVAL);
	ck_assert_msg(strstr(message, "link.conf cannot be read: it is not a file"), "%s", message);
	unlink(link);
	ck_assert_int_eq(symlink("/dev/zero", link), 0);
	ck_assert_int_eq(load_options(0), -EINVAL);
	ck_assert_msg(strstr(message, "link.conf cannot be read: it is not a file"), "%s", message);
	unlink(link);
	ck_assert_int_eq(symlink("/nonexistent/x", link), 0);
	ck_assert_int_eq(load_options(0), -EINVAL);
	ck_assert_msg(strstr(message, "link.conf is a symbolic link to nowhere"), "%s", message);
	unlink(link);
	ck_assert_int_eq(symlink(main_file, link), 0);
	ck_assert_int_eq(load_options(0), 1);
}
END_TEST

START_TEST(test_sizes)
{
	char *text = malloc(FILE_MAX + 2);

	memset(text, '#', FILE_MAX + 1);
	text[FILE_MAX] = '\0';
	write_text(main_file, text);
	ck_assert_int_eq(load_options(0), 1);
	text[FILE_MAX] = '#';
	text[FILE_MAX + 1] = '\0';
	write_text(main_file, text);
	ck_assert_int_eq(load_options(0), -EINVAL);
	ck_assert_msg(strstr(message, "has more than 65536 bytes"), "%s", message);
	free(text);
}
END_TEST

static bool has_option(const struct option_table *table, const char *name)
{
	for (const struct option_entry *option = table->options; option->name; option++) {
		if (strcmp(option->name, name) == 0)
			return true;
	}
	return false;
}

/* The table knows the defaults of the programs, and each key has a meaning. */
START_TEST(test_keys)
{
	for (const struct config_key *key = config_keys; key->name; key++)
		ck_assert_msg(has_option(&load_option_table, key->option) ||
				      has_option(&read_option_table, key->option),
			      "%s: no program has --%s", key->name, key->option);
	ck_assert_str_eq(config_find("listen")->standard, LISTEN_DEFAULT);
	ck_assert_int_eq(atoi(config_find("readers")->standard), HB_READERS_DEFAULT);
	ck_assert_ptr_null(config_find("verbose"));
}
END_TEST

Suite *config_suite(void)
{
	Suite *suite = suite_create("config");
	TCase *tcase = tcase_create("config");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_no_file);
	tcase_add_test(tcase, test_syntax);
	tcase_add_test(tcase, test_drop_ins);
	tcase_add_test(tcase, test_replaced_and_reset);
	tcase_add_test(tcase, test_options_override);
	tcase_add_test(tcase, test_busy);
	tcase_add_test(tcase, test_listen);
	tcase_add_loop_test(tcase, test_bad, 0, (int)(sizeof(bad) / sizeof(bad[0])));
	tcase_add_test(tcase, test_untrusted);
	tcase_add_test(tcase, test_sizes);
	tcase_add_test(tcase, test_keys);
	suite_add_tcase(suite, tcase);
	return suite;
}
