// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What hb-read gives up: reader/confine.c, bpf/lib/capabilities.c. Each test is a process of its own. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <check.h>
#include <linux/bpf.h>

#include "bpf/lib/capabilities.h"
#include "reader/confine.h"
#include "tests/unit/suites.h"

/* Valgrind and sanitizers make system calls of their own, in the name of the process. */
static bool is_instrumented(void)
{
	const char *preloaded = getenv("LD_PRELOAD");

#ifdef __SANITIZE_ADDRESS__
	return true;
#endif
	return preloaded && strstr(preloaded, "vgpreload");
}

static const enum command commands[] = {COMMAND_READ,	COMMAND_SERVE, COMMAND_LIST,
					COMMAND_STATUS, COMMAND_IDLE,  COMMAND_EXPLAIN};

static long sys_bpf(int command)
{
	union bpf_attr attr = {0};

	return syscall(SYS_bpf, command, &attr, sizeof(attr));
}

static long try_execve(void)
{
	char *const arguments[] = {"true", NULL};

	return execve("/bin/true", arguments, arguments + 1);
}

static long try_execveat(void)
{
	char *const arguments[] = {"true", NULL};

	return syscall(SYS_execveat, AT_FDCWD, "/bin/true", arguments, arguments + 1, 0);
}

static long try_network(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}

static long try_packets(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0);
}

static long try_netlink(void)
{
	return socket(AF_NETLINK, SOCK_RAW, 0);
}

static long try_map_create(void)
{
	return sys_bpf(BPF_MAP_CREATE);
}

static long try_map_update(void)
{
	return sys_bpf(BPF_MAP_UPDATE_ELEM);
}

static long try_map_delete(void)
{
	return sys_bpf(BPF_MAP_DELETE_ELEM);
}

static long try_map_freeze(void)
{
	return sys_bpf(BPF_MAP_FREEZE);
}

static long try_prog_load(void)
{
	return sys_bpf(BPF_PROG_LOAD);
}

static long try_prog_test_run(void)
{
	return sys_bpf(BPF_PROG_TEST_RUN);
}

static long try_prog_by_id(void)
{
	return sys_bpf(BPF_PROG_GET_FD_BY_ID);
}

static long try_pin(void)
{
	return sys_bpf(BPF_OBJ_PIN);
}

static long try_write_file(void)
{
	return open("/dev/null", O_WRONLY);
}

static long try_make_file(void)
{
	return open("/tmp/hb-confine", O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
}

static long try_truncate_file(void)
{
	return open("/dev/null", O_RDONLY | O_TRUNC);
}

static long try_make_directory(void)
{
	return mkdir("/tmp/hb-confine", 0700);
}

static long try_rename(void)
{
	return rename("/tmp/hb-confine", "/tmp/hb-confine2");
}

static long try_chmod(void)
{
	return chmod("/tmp", 01777);
}

static long try_mount(void)
{
	return mount("none", "/tmp", "tmpfs", 0, NULL);
}

static long try_unshare(void)
{
	return unshare(CLONE_NEWUSER);
}

static long try_clone_into_namespace(void)
{
	return syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);
}

static long try_clone3(void)
{
	return syscall(SYS_clone3, NULL, 0);
}

static long try_ptrace(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static long try_kill(void)
{
	return kill(getpid(), SIGURG);
}

static long try_keys(void)
{
	return ioctl(STDIN_FILENO, TIOCSTI, "x");
}

static long try_write_and_run(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0) == MAP_FAILED
		       ? -1
		       : 0;
}

static long try_make_runnable(void)
{
	static _Alignas(4096) char page[4096];

	return mprotect(page, sizeof(page), PROT_READ | PROT_EXEC);
}

static long try_perf_event(void)
{
	return syscall(SYS_perf_event_open, NULL, 0, 0, -1, 0);
}

static long try_setuid(void)
{
	return syscall(SYS_setresuid, getuid(), getuid(), getuid());
}

static long try_another_filter(void)
{
	return prctl(PR_SET_SECCOMP, 2, NULL, 0, 0);
}

static long try_dumpable(void)
{
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

#define FORBIDDEN(name)           \
	{                         \
#name, try_##name \
	}
static const struct {
	const char *name;
	long (*try)(void);
} forbidden[] = {
	FORBIDDEN(execve),
	FORBIDDEN(execveat),
	FORBIDDEN(network),
	FORBIDDEN(packets),
	FORBIDDEN(netlink),
	FORBIDDEN(map_create),
	FORBIDDEN(map_update),
	FORBIDDEN(map_delete),
	FORBIDDEN(map_freeze),
	FORBIDDEN(prog_load),
	FORBIDDEN(prog_test_run),
	FORBIDDEN(prog_by_id),
	FORBIDDEN(pin),
	FORBIDDEN(write_file),
	FORBIDDEN(make_file),
	FORBIDDEN(truncate_file),
	FORBIDDEN(make_directory),
	FORBIDDEN(rename),
	FORBIDDEN(chmod),
	FORBIDDEN(mount),
	FORBIDDEN(unshare),
	FORBIDDEN(clone_into_namespace),
	FORBIDDEN(clone3),
	FORBIDDEN(ptrace),
	FORBIDDEN(kill),
	FORBIDDEN(keys),
	FORBIDDEN(write_and_run),
	FORBIDDEN(make_runnable),
	FORBIDDEN(perf_event),
	FORBIDDEN(setuid),
	FORBIDDEN(another_filter),
	FORBIDDEN(dumpable),
};

/*
 * Run @child, which exits with 0 if all is well, in a process that is confined for @command: Check itself
 * would not get far there.
 */
static int run_confined(enum command command, int (*child)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (confine(command, 0) < 0)
			_exit(100);
		_exit(child());
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status), "ended by signal %d", WTERMSIG(status));
	return WEXITSTATUS(status);
}

/* Returns 0, or the number of the call that does not fail with EPERM. */
static int try_all(void)
{
	int number = 0;

	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
		number++;
		if (forbidden[i].try() != -1 || errno != EPERM)
			return number;
	}
	return 0;
}

START_TEST(test_forbidden)
{
	int status;

	if (is_instrumented())
		return;
	status = run_confined(commands[_i], try_all);
	ck_assert_int_ne(status, 100);
	ck_assert_msg(status == 0, "%s is not forbidden", status ? forbidden[status - 1].name : "");
}
END_TEST

/* What each command does. The call that fails is the line number in the child's status. */
#define WORKS(condition)                          \
	do {                                      \
		if (!(condition))                 \
			_exit(__LINE__ % 90 + 1); \
	} while (0)

static int use_common(void)
{
	int pair[2];
	void *memory;
	pid_t pid;

	WORKS(open("/proc/self/stat", O_RDONLY | O_CLOEXEC) >= 0);
	WORKS(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0);
	WORKS(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 && errno == EPERM);
	memory = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	WORKS(memory != MAP_FAILED);
	WORKS(mprotect(memory, 4096, PROT_READ) == 0);
	WORKS(munmap(memory, 1 << 20) == 0);
	WORKS(sys_bpf(BPF_MAP_LOOKUP_ELEM) < 0 && errno != EPERM);
	WORKS(kill(getpid(), 0) == 0);
	WORKS(prctl(PR_SET_NAME, "confined") == 0);
	pid = fork();
	if (pid == 0)
		_exit(7);
	WORKS(pid > 0);
	WORKS(waitpid(pid, NULL, 0) == pid);
	return 0;
}

/* A library that is loaded later: this is how the name of a user may be found. */
static int load_library(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	void *memory;

	WORKS(fd >= 0);
	memory = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	WORKS(memory != MAP_FAILED);
	return 0;
}

START_TEST(test_allowed)
{
	if (is_instrumented())
		return;
	ck_assert_int_eq(run_confined(commands[_i], use_common), 0);
	ck_assert_int_eq(run_confined(commands[_i], load_library), 0);
}
END_TEST

/* 0: the event loop is allowed; 1: it is not; 2: in part. */
static int use_loop(void)
{
	struct epoll_event event;
	int allowed = 0;

	allowed += epoll_wait(-1, &event, 1, 0) < 0 && errno != EPERM;
	allowed += accept4(-1, NULL, NULL, 0) < 0 && errno != EPERM;
	allowed += unlink("/nonexistent/hb") < 0 && errno != EPERM;
	return allowed == 3 ? 0 : allowed == 0 ? 1 : 2;
}

START_TEST(test_loop)
{
	bool loop = commands[_i] == COMMAND_READ || commands[_i] == COMMAND_SERVE;

	if (is_instrumented())
		return;
	ck_assert_int_eq(run_confined(commands[_i], use_loop), loop ? 0 : 1);
}
END_TEST

#ifdef __x86_64__
/* The same calls by the numbers that 32-bit programs use, where they mean something else. */
static int use_other_abi(void)
{
	int result;

	/* getpid() of i386, 20, is writev() here. */
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory", "r8", "r9", "r10", "r11");
	return result > 0;
}

static int use_x32(void)
{
	return syscall(0x40000000 | SYS_getpid) < 0 && errno == EPERM ? 0 : 1;
}

START_TEST(test_other_abis)
{
	pid_t pid;
	int status;

	if (is_instrumented())
		return;
	ck_assert_int_eq(run_confined(COMMAND_SERVE, use_x32), 0);
	pid = fork();
	if (pid == 0) {
		confine(COMMAND_SERVE, 0);
		_exit(use_other_abi());
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	/* SIGSEGV: a kernel that runs no 32-bit programs. */
	ck_assert(WTERMSIG(status) == SIGSYS || WTERMSIG(status) == SIGSEGV);
}
END_TEST
#endif

static int has_no_rights(void)
{
	for (unsigned int i = 0; i <= CAP_LAST_CAP; i++)
		WORKS(!capabilities_have(i));
	return 0;
}

START_TEST(test_capabilities)
{
	pid_t pid;
	int status;

	ck_assert_int_eq(run_confined(commands[_i], has_no_rights), 0);
	pid = fork();
	if (pid == 0) {
		bool had = capabilities_have(CAP_CHOWN);

		if (capabilities_keep(CAPABILITY(CHOWN) | CAPABILITY(BPF)) < 0 ||
		    capabilities_have(CAP_CHOWN) != had || capabilities_have(CAP_SYS_ADMIN))
			_exit(1);
		/* For good. */
		if (capabilities_keep(0) < 0 || capabilities_keep(UINT64_MAX) < 0 ||
		    capabilities_have(CAP_CHOWN))
			_exit(2);
		_exit(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 3);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

Suite *confine_suite(void)
{
	const int count = (int)(sizeof(commands) / sizeof(commands[0]));
	Suite *suite = suite_create("confine");
	TCase *tcase = tcase_create("confine");

	tcase_add_loop_test(tcase, test_forbidden, 0, count);
	tcase_add_loop_test(tcase, test_allowed, 0, count);
	tcase_add_loop_test(tcase, test_loop, 0, count);
	tcase_add_loop_test(tcase, test_capabilities, 0, count);
#ifdef __x86_64__
	tcase_add_test(tcase, test_other_abis);
#endif
	suite_add_tcase(suite, tcase);
	return suite;
}
