// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE /* CLONE_CHILD_SETTID */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include <linux/audit.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "bpf/lib/capabilities.h"
#include "bpf/lib/log.h"
#include "reader/confine.h"

/*
 * The filter is made by hand: libseccomp would take 110 kB of memory. The kernel remembers which calls
 * are allowed whatever their arguments are, so these cost nothing; others take some 50 ns. This does not
 * compile for another architecture until it is added here.
 */
#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

enum { INSTRUCTIONS_MAX = 256 };

/* What the numbers of system calls have beside their usual bits for the ABI x32 (x86-64 only). */
static const uint32_t x32_bit = 0x40000000;

/* Whatever the arguments are, for each command. */
static const int for_all[] = {
	SYS_read,
	SYS_pread64,
	SYS_write,
	SYS_writev,
	SYS_close,
	SYS_fstat,
	SYS_newfstatat,
	SYS_statx,
	SYS_statfs,
	SYS_fstatfs,
	SYS_lseek,
	SYS_readlinkat,
	SYS_getdents64,
	SYS_faccessat,
	SYS_faccessat2,
	SYS_fcntl,
	SYS_munmap,
	SYS_mremap,
	SYS_madvise,
	SYS_brk,
	SYS_futex,
	SYS_set_robust_list,
	SYS_rseq,
	SYS_exit,
	SYS_exit_group,
	SYS_wait4,
	SYS_restart_syscall,
	SYS_rt_sigreturn,
	SYS_rt_sigprocmask,
	SYS_rt_sigaction,
	SYS_sched_yield,
	SYS_clock_gettime,
	SYS_clock_nanosleep,
	SYS_nanosleep,
	SYS_gettimeofday,
	SYS_getpid,
	SYS_gettid,
	SYS_getuid,
	SYS_geteuid,
	SYS_getgid,
	SYS_getegid,
	SYS_uname,
	SYS_sysinfo,
	SYS_getrandom,
	SYS_capget,
	SYS_capset,
	SYS_getrusage,
	SYS_prlimit64,
	SYS_sched_getaffinity,
	SYS_ppoll,
	/* The name of a user may come from a service, over a unix socket. */
	SYS_connect,
	SYS_sendto,
	SYS_sendmsg,
	SYS_recvfrom,
	SYS_recvmsg,
	SYS_shutdown,
	SYS_getsockname,
	SYS_getpeername,
	SYS_getsockopt,
	SYS_setsockopt,
#ifdef __x86_64__
	/* arm64 never had these. */
	SYS_stat,
	SYS_lstat,
	SYS_access,
	SYS_readlink,
	SYS_poll,
	SYS_time,
#endif
};

/* For the event loop: lines, HTTP, collections. */
static const int for_loop[] = {
	SYS_epoll_pwait, SYS_epoll_ctl, SYS_timerfd_create, SYS_timerfd_settime, SYS_accept4,
	SYS_flock,	 SYS_unlinkat,	SYS_setitimer,	    SYS_epoll_create1,	 SYS_eventfd2,
#ifdef __x86_64__
	SYS_epoll_wait,	 SYS_unlink,
#endif
};

static const int for_idle[] = {SYS_openat2, SYS_utimensat};
static const int for_list[] = {SYS_rt_sigtimedwait};

/* Allowed if an argument has one of these values. */
static const struct {
	int call;
	unsigned int argument;
	uint32_t values[5];
	size_t count;
} by_value[] = {
	{SYS_bpf,
	 0,
	 {BPF_MAP_LOOKUP_ELEM, BPF_MAP_LOOKUP_BATCH, BPF_OBJ_GET, BPF_OBJ_GET_INFO_BY_FD},
	 4},
	{SYS_socket, 0, {AF_UNIX}, 1},
	/* To find out whether a process lives. */
	{SYS_kill, 1, {0}, 1},
	{SYS_ioctl, 1, {TCGETS, TIOCGWINSZ}, 2},
	{SYS_prctl, 0, {PR_GET_NAME, PR_SET_NAME, PR_CAPBSET_READ, PR_SET_NO_NEW_PRIVS}, 4},
	/* fork(3), and nothing that shares memory or makes a namespace: see probe.c. */
	{SYS_clone, 0, {CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD}, 1},
};

/* Allowed unless an argument has one of these bits. */
static const struct {
	int call;
	unsigned int argument;
	uint32_t bits;
} by_bits[] = {
	{SYS_openat, 2, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC},
	{SYS_mprotect, 2, PROT_EXEC},
};

struct filter {
	struct sock_filter instructions[INSTRUCTIONS_MAX];
	unsigned short count;
	bool full;
};

static void add(struct filter *filter, uint16_t code, uint32_t k, uint8_t if_true, uint8_t if_false)
{
	if (filter->count == INSTRUCTIONS_MAX)
		filter->full = true;
	else
		filter->instructions[filter->count++] =
			(struct sock_filter){code, if_true, if_false, k};
}

static void add_load(struct filter *filter, size_t offset)
{
	add(filter, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

/* The low half of an argument; nothing here has a meaning beyond 32 bits. Both are little-endian. */
static void add_load_argument(struct filter *filter, unsigned int number)
{
	add_load(filter, offsetof(struct seccomp_data, args) + number * sizeof(uint64_t));
}

static void add_return(struct filter *filter, uint32_t action)
{
	add(filter, BPF_RET | BPF_K, action, 0, 0);
}

static void add_refusal(struct filter *filter)
{
	add_return(filter, SECCOMP_RET_ERRNO | EPERM);
}

static void allow(struct filter *filter, const int *calls, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		add(filter, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)calls[i], 0, 1);
		add_return(filter, SECCOMP_RET_ALLOW);
	}
}

#define ALLOW(filter, calls) allow(filter, calls, sizeof(calls) / sizeof((calls)[0]))

static void allow_by_value(struct filter *filter)
{
	for (size_t i = 0; i < sizeof(by_value) / sizeof(by_value[0]); i++) {
		size_t count = by_value[i].count;

		add(filter, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)by_value[i].call, 0,
		    (uint8_t)(count + 3));
		add_load_argument(filter, by_value[i].argument);
		/* To the return that allows, behind the other values and the refusal. */
		for (size_t at = 0; at < count; at++)
			add(filter, BPF_JMP | BPF_JEQ | BPF_K, by_value[i].values[at],
			    (uint8_t)(count - at), 0);
		add_refusal(filter);
		add_return(filter, SECCOMP_RET_ALLOW);
	}
}

static void allow_by_bits(struct filter *filter)
{
	for (size_t i = 0; i < sizeof(by_bits) / sizeof(by_bits[0]); i++) {
		add(filter, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)by_bits[i].call, 0, 4);
		add_load_argument(filter, by_bits[i].argument);
		add(filter, BPF_JMP | BPF_JSET | BPF_K, by_bits[i].bits, 0, 1);
		add_refusal(filter);
		add_return(filter, SECCOMP_RET_ALLOW);
	}
}

/* Libraries may be loaded later, to look up the name of a user, but no memory is both written and run. */
static void allow_mmap(struct filter *filter)
{
	add(filter, BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, 5);
	add_load_argument(filter, 2);
	add(filter, BPF_ALU | BPF_AND | BPF_K, PROT_WRITE | PROT_EXEC, 0, 0);
	add(filter, BPF_JMP | BPF_JEQ | BPF_K, PROT_WRITE | PROT_EXEC, 0, 1);
	add_refusal(filter);
	add_return(filter, SECCOMP_RET_ALLOW);
}

static void build(struct filter *filter, enum command command)
{
	/* Another architecture has other numbers. */
	add_load(filter, offsetof(struct seccomp_data, arch));
	add(filter, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
	add_return(filter, SECCOMP_RET_KILL_PROCESS);
	add_load(filter, offsetof(struct seccomp_data, nr));
	add(filter, BPF_JMP | BPF_JGE | BPF_K, x32_bit, 0, 1);
	add_refusal(filter);
	if (command == COMMAND_READ || command == COMMAND_SERVE)
		ALLOW(filter, for_loop);
	ALLOW(filter, for_all);
	if (command == COMMAND_IDLE)
		ALLOW(filter, for_idle);
	if (command == COMMAND_LIST)
		ALLOW(filter, for_list);
	allow_by_value(filter);
	allow_by_bits(filter);
	allow_mmap(filter);
	add_refusal(filter);
}

static int install(struct filter *filter)
{
	struct sock_fprog program = {filter->count, filter->instructions};

	/* What sanitizers and gcov do at the end of a process is forbidden. */
#if defined(__SANITIZE_ADDRESS__) || defined(HB_COVERAGE)
	return 0;
#endif
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0)
		return 0;
	/* Without seccomp, or in a container that forbids it, the rest has to do. */
	log_debug("cannot give up system calls: %s", strerror(errno));
	return 0;
}

int confine(enum command command, uint64_t keep)
{
	static struct filter filter;
	int r;

	filter = (struct filter){.count = 0};
	build(&filter, command);
	if (filter.full)
		return log_error(-E2BIG, "cannot give up system calls: the filter is too long");
	r = capabilities_keep(keep);
	return r < 0 ? r : install(&filter);
}
