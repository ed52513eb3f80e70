// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ways - get keys from a terminal in each way that there is
 *
 * The tests copy it under a name that is listed, or not, with hb-load --programs. It makes a
 * pseudo-terminal, types on it itself, and in the end prints `PID KEYS TIME`: how many keys it got,
 * and when it typed the last one (CLOCK_BOOTTIME, ns). Exit status 77: the kernel has no such way.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <linux/io_uring.h>

enum { SKIPPED = 77, NS_PER_S = 1000000000, NS_PER_MS = 1000000, INTERRUPT_EACH_US = 3000 };
enum { END_OF_FILE = 4 /* ^D */, RESTARTED_LATE_MS = 10 };

/* Of one key; -errno. */
typedef long (*way)(void);

static struct {
	int fd;
	bool shared;	    /* the terminal is at 0 and 2 too */
	bool hold;	    /* end at SIGUSR1 */
	bool alone;	    /* the leader ends */
	const char *thread; /* what its thread is called */
	unsigned int late_ms;
	const char *way;
	unsigned long count;
	char *child; /* the program that reads instead */
} options;

static int typist = -1;
static volatile uint64_t typed_at;
static unsigned long keys;
static volatile sig_atomic_t interruptions;

static int die(const char *what)
{
	fprintf(stderr, "ways: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int skip(const char *what)
{
	fprintf(stderr, "ways: %s: %s\n", what, strerror(errno));
	exit(SKIPPED);
}

static void type(char key)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	typed_at = (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
	if (write(typist, &key, 1) != 1)
		die("typing");
}

/* --- Ways ---------------------------------------------------------------------------------- */

static char key_read;
static struct iovec key_vector = {.iov_base = &key_read, .iov_len = 1};

static long result(long r)
{
	return r < 0 ? -errno : r;
}

static long way_read(void)
{
	return result(read(options.fd, &key_read, 1));
}

static long way_readv(void)
{
	return result(readv(options.fd, &key_vector, 1));
}

/* At -1, the current position, and with a flag: nothing else can do this call's work. */
static long way_preadv2(void)
{
	return result(preadv2(options.fd, &key_vector, 1, -1, RWF_HIPRI));
}

static long way_splice(void)
{
	static int ends[2] = {-1, -1};
	long r;

	if (ends[0] < 0 && pipe(ends) < 0)
		die("pipe");
	r = result(splice(options.fd, NULL, ends[1], NULL, 1, 0));
	if (r == -EINVAL) {
		errno = EINVAL;
		skip("splice from a terminal");
	}
	if (r > 0 && readv(ends[0], &key_vector, 1) != 1)
		die("pipe");
	return r;
}

static struct {
	int fd;
	struct io_uring_params params;
	uint8_t *rings;
	struct io_uring_sqe *entries;
} uring = {.fd = -1};

static void open_uring(void)
{
	size_t size;
	void *memory;

	uring.fd = (int)syscall(SYS_io_uring_setup, 1, &uring.params);
	if (uring.fd < 0)
		skip("io_uring");
	size = uring.params.cq_off.cqes + uring.params.cq_entries * sizeof(struct io_uring_cqe);
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, uring.fd,
		      IORING_OFF_SQ_RING);
	if (memory == MAP_FAILED)
		die("io_uring ring");
	uring.rings = memory;
	memory = mmap(NULL, sizeof(struct io_uring_sqe), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_POPULATE, uring.fd, IORING_OFF_SQES);
	if (memory == MAP_FAILED)
		die("io_uring entries");
	uring.entries = memory;
}

static uint32_t *uring_word(uint32_t offset)
{
	return (uint32_t *)(void *)(uring.rings + offset);
}

static long read_by_uring(uint8_t flags)
{
	const struct io_uring_cqe *completions;
	uint32_t head;

	if (uring.fd < 0)
		open_uring();
	memset(uring.entries, 0, sizeof(*uring.entries));
	uring.entries->opcode = IORING_OP_READ;
	uring.entries->flags = flags;
	uring.entries->fd = options.fd;
	uring.entries->addr = (uintptr_t)&key_read;
	uring.entries->len = 1;
	uring.entries->off = (uint64_t)-1;
	*uring_word(uring.params.sq_off.array) = 0;
	__atomic_fetch_add(uring_word(uring.params.sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, uring.fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		return -errno;
	completions = (const void *)(uring.rings + uring.params.cq_off.cqes);
	head = *uring_word(uring.params.cq_off.head);
	while (__atomic_load_n(uring_word(uring.params.cq_off.tail), __ATOMIC_ACQUIRE) == head)
		;
	__atomic_store_n(uring_word(uring.params.cq_off.head), head + 1, __ATOMIC_RELEASE);
	return completions[head & *uring_word(uring.params.cq_off.ring_mask)].res;
}

static long way_uring(void)
{
	return read_by_uring(0);
}

/* By a thread of the kernel that belongs to the process. */
static long way_uring_worker(void)
{
	return read_by_uring(IOSQE_ASYNC);
}

#ifdef __x86_64__
static void refused(int signal)
{
	(void)signal;
	_exit(SKIPPED);
}
#endif

/* The 32-bit system call, from a 64-bit program. Kernels without it send SIGSEGV. */
static long way_int80(void)
{
#ifdef __x86_64__
	static char *low;
	long r = 3; /* read */

	if (!low) {
		signal(SIGSEGV, refused);
		low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
		if (low == MAP_FAILED)
			die("memory");
	}
	__asm__ volatile("int $0x80"
			 : "+a"(r)
			 : "b"((long)options.fd), "c"(low), "d"(1L)
			 : "memory", "r8", "r9", "r10", "r11");
	return r;
#else
	errno = ENOSYS;
	return skip("int $0x80");
#endif
}

/* --- The terminal -------------------------------------------------------------------------- */

/* Set its lines: one at a time as cooked, else keys as they come. */
static void set_terminal(bool cooked, bool blocks)
{
	struct termios mode;

	if (tcgetattr(options.fd, &mode) < 0)
		die("terminal");
	if (!cooked)
		cfmakeraw(&mode);
	mode.c_lflag &= (tcflag_t)~ECHO;
	if (tcsetattr(options.fd, TCSANOW, &mode) < 0 ||
	    fcntl(options.fd, F_SETFL, blocks ? O_RDWR : O_RDWR | O_NONBLOCK) < 0)
		die("terminal");
}

static void open_terminal(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	int terminal;
	int kept;

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		die("pseudo-terminal");
	terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
	if (terminal < 0)
		die("terminal");
	/* Out of the way of the descriptor that is asked for. */
	typist = fcntl(master, F_DUPFD_CLOEXEC, 100);
	kept = fcntl(terminal, F_DUPFD_CLOEXEC, 100);
	close(master);
	close(terminal);
	if (dup2(kept, options.fd) < 0 ||
	    (options.shared && (dup2(kept, 0) < 0 || dup2(kept, 2) < 0)))
		die("descriptor");
}

/* --- What to do ---------------------------------------------------------------------------- */

static void count_interruption(int signal)
{
	(void)signal;
	interruptions++;
}

/*
 * Let signals come to the calling thread, until it is told to stop: one alone might come before the
 * read that it is for. With SA_RESTART the read that is hit goes on by itself.
 */
static void interrupt_thread(int flags)
{
	struct sigaction action = {.sa_handler = count_interruption, .sa_flags = flags};
	struct itimerval often = {.it_interval.tv_usec = INTERRUPT_EACH_US,
				  .it_value.tv_usec = INTERRUPT_EACH_US};
	sigset_t alarm;

	sigaction(SIGALRM, &action, NULL);
	/* Blocked elsewhere, so that it finds the thread that reads. */
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	pthread_sigmask(SIG_UNBLOCK, &alarm, NULL);
	if (setitimer(ITIMER_REAL, &often, NULL) < 0)
		die("timer");
}

static void interrupt_no_more(void)
{
	static const struct itimerval never;

	if (setitimer(ITIMER_REAL, &never, NULL) < 0)
		die("timer");
}

static void *type_late(void *unused)
{
	struct timespec delay = {.tv_sec = options.late_ms / 1000,
				 .tv_nsec = options.late_ms % 1000 * NS_PER_MS};

	(void)unused;
	for (unsigned long i = 0; i < options.count; i++) {
		nanosleep(&delay, NULL);
		type('k');
	}
	return NULL;
}

static void expect(long expected, long actual)
{
	if (actual == expected)
		return;
	fprintf(stderr, "ways: %s returned %ld, not %ld\n", options.way, actual, expected);
	exit(1);
}

/* Reads that bring no key. */
static bool run_keyless(void)
{
	bool end = strcmp(options.way, "end-of-file") == 0;
	bool interrupted = strcmp(options.way, "interrupted") == 0;
	bool again = strcmp(options.way, "again") == 0;

	if (!end && !interrupted && !again)
		return false;
	set_terminal(end, !again);
	if (interrupted)
		interrupt_thread(0);
	for (unsigned long i = 0; i < options.count; i++) {
		if (end)
			type(END_OF_FILE);
		expect(end ? 0 : interrupted ? -EINTR : -EAGAIN, way_read());
	}
	if (interrupted)
		interrupt_no_more();
	return true;
}

static void run_keys(void)
{
	static const struct {
		const char *name;
		way get;
	} ways[] = {
		{"read", way_read},	{"readv", way_readv},	 {"preadv2", way_preadv2},
		{"splice", way_splice}, {"uring", way_uring},	 {"uring-worker", way_uring_worker},
		{"int80", way_int80},	{"restarted", way_read},
	};
	bool restarted = strcmp(options.way, "restarted") == 0;
	pthread_t late;
	way get = NULL;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (strcmp(options.way, ways[i].name) == 0)
			get = ways[i].get;
	}
	if (!get) {
		fprintf(stderr, "ways: there is no way '%s'\n", options.way);
		exit(2);
	}
	set_terminal(false, true);
	if (restarted && options.late_ms == 0)
		options.late_ms = RESTARTED_LATE_MS;
	if (options.late_ms > 0)
		pthread_create(&late, NULL, type_late, NULL);
	if (restarted)
		interrupt_thread(SA_RESTART);
	for (unsigned long i = 0; i < options.count; i++) {
		if (options.late_ms == 0)
			type('k');
		expect(1, get());
		keys++;
	}
	if (restarted)
		interrupt_no_more();
	if (restarted && interruptions == 0) {
		fputs("ways: no read was interrupted\n", stderr);
		exit(1);
	}
	if (options.late_ms > 0)
		pthread_join(late, NULL);
}

/* Another program gets the keys. */
static void run_child(void)
{
	char *const arguments[] = {options.child, NULL};
	int status;
	pid_t pid;

	set_terminal(false, true);
	pid = fork();
	if (pid == 0) {
		execv(options.child, arguments);
		_exit(errno == ENOEXEC ? SKIPPED : 127);
	}
	if (pid < 0)
		die("fork");
	for (unsigned long i = 0; i < options.count; i++)
		type('k');
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		fprintf(stderr, "ways: %s ended with status %d\n", options.child, status);
		exit(WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED ? SKIPPED : 1);
	}
	keys = options.count;
}

static void run(void)
{
	sigset_t set;
	int signal;

	if (options.child)
		run_child();
	else if (!run_keyless())
		run_keys();
	printf("%d %lu %llu\n", getpid(), keys, (unsigned long long)typed_at);
	fflush(stdout);
	if (!options.hold)
		return;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigwait(&set, &signal);
}

static void *run_in_thread(void *unused)
{
	(void)unused;
	if (prctl(PR_SET_NAME, options.thread) < 0)
		die("name");
	run();
	exit(0);
}

static const char usage[] =
	"usage: ways [OPTION]... WAY COUNT\n"
	"Get COUNT keys from a terminal of its own, by read, readv, preadv2, splice, uring,\n"
	"uring-worker, int80, restarted (read); or make reads that bring none: end-of-file, again,\n"
	"interrupted; or let PROGRAM read it: child PROGRAM.\n"
	"  --fd N         the terminal is at descriptor N, not 0\n"
	"  --shared       and at 0 and 2\n"
	"  --thread NAME  in a thread of that name\n"
	"  --alone        whose leader has ended\n"
	"  --late-ms N    type each key N ms after the one before, not ahead of the read\n"
	"  --hold         in the end wait for SIGUSR1\n";

static void parse(int argc, char *argv[])
{
	static const struct option long_options[] = {
		{"fd", required_argument, NULL, 'f'},
		{"shared", no_argument, NULL, 's'},
		{"thread", required_argument, NULL, 't'},
		{"alone", no_argument, NULL, 'a'},
		{"late-ms", required_argument, NULL, 'l'},
		{"hold", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "+", long_options, NULL)) != -1) {
		switch (option) {
		case 'f':
			options.fd = atoi(optarg);
			break;
		case 's':
			options.shared = true;
			break;
		case 't':
			options.thread = optarg;
			break;
		case 'a':
			options.alone = true;
			break;
		case 'l':
			options.late_ms = (unsigned int)strtoul(optarg, NULL, 10);
			break;
		case 'h':
			options.hold = true;
			break;
		default:
			fputs(usage, stderr);
			exit(2);
		}
	}
	if (argc - optind < 2 || (options.alone && !options.thread) ||
	    (strcmp(argv[optind], "child") == 0) != (argc - optind == 3)) {
		fputs(usage, stderr);
		exit(2);
	}
	options.way = argv[optind];
	options.count = strtoul(argv[argc - 1], NULL, 10);
	options.child = argc - optind == 3 ? argv[optind + 1] : NULL;
}

int main(int argc, char *argv[])
{
	pthread_t thread;
	sigset_t end;

	parse(argc, argv);
	sigemptyset(&end);
	sigaddset(&end, SIGUSR1);
	sigaddset(&end, SIGALRM);
	sigprocmask(SIG_BLOCK, &end, NULL);
	open_terminal();
	if (!options.thread) {
		run();
		return 0;
	}
	errno = pthread_create(&thread, NULL, run_in_thread, NULL);
	if (errno != 0)
		die("thread");
	if (options.alone)
		syscall(SYS_exit, 0); /* of this thread alone */
	pthread_join(thread, NULL);
	return 0;
}
