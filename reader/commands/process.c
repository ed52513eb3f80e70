// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "bpf/lib/cleanup.h"
#include "bpf/lib/parse.h"
#include "reader/array.h"
#include "reader/commands/process.h"
#include "reader/text/tty.h"

/* PF_KTHREAD of the kernel's include/linux/sched.h, which /proc/PID/stat shows. */
enum { FLAG_KERNEL_THREAD = 0x00200000 };

enum { NAME_LEN = sizeof("/proc/4294967295/fd/2147483647") };

static void proc_name(char name[NAME_LEN], uint32_t pid, const char *file)
{
	snprintf(name, NAME_LEN, "/proc/%u/%s", pid, file);
}

/* Read the first bytes of a file as a string. Returns their number or -errno. */
static ssize_t read_start(uint32_t pid, const char *file, char *buffer, size_t size)
{
	_cleanup_close_ int fd = -EBADF;
	char name[NAME_LEN];
	ssize_t n;

	proc_name(name, pid, file);
	fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	n = read(fd, buffer, size - 1);
	if (n < 0)
		return -errno;
	buffer[n] = '\0';
	return n;
}

static int read_comm(uint32_t pid, char comm[HB_COMM_LEN])
{
	char line[HB_COMM_LEN + 1];
	ssize_t n;

	n = read_start(pid, "comm", line, sizeof(line));
	if (n <= 0)
		return -ENOENT;
	line[n - (line[n - 1] == '\n')] = '\0';
	snprintf(comm, HB_COMM_LEN, "%.*s", HB_COMM_LEN - 1, line);
	return 0;
}

static void read_link(uint32_t pid, const char *file, char path[PROCESS_PATH_LEN])
{
	char name[NAME_LEN];
	ssize_t n;

	proc_name(name, pid, file);
	n = readlink(name, path, PROCESS_PATH_LEN - 1);
	path[n > 0 ? n : 0] = '\0';
}

static bool is_32bit(uint32_t pid)
{
	char ident[EI_NIDENT + 1] = {0};

	return read_start(pid, "exe", ident, sizeof(ident)) == EI_NIDENT &&
	       memcmp(ident, ELFMAG, SELFMAG) == 0 && ident[EI_CLASS] == ELFCLASS32;
}

/* The flags come behind the name, which may contain any bytes. */
static bool is_kernel_thread(uint32_t pid)
{
	char line[256];
	unsigned int flags;
	const char *state;

	if (read_start(pid, "stat", line, sizeof(line)) <= 0)
		return false;
	state = strrchr(line, ')');
	return state && sscanf(state + 1, " %*c %*d %*d %*d %*d %*d %u", &flags) == 1 &&
	       flags & FLAG_KERNEL_THREAD;
}

static bool is_terminal(const struct stat *st, const char *path)
{
	return S_ISCHR(st->st_mode) &&
	       (tty_is_user_side(major(st->st_rdev), minor(st->st_rdev)) ||
		strncmp(path, "/dev/tty", 8) == 0 || strncmp(path, "/dev/hvc", 8) == 0);
}

static void look_at_descriptor(struct process *process, const char *number)
{
	struct process_terminal *terminal = &process->terminals[process->terminal_count];
	char path[PROCESS_PATH_LEN];
	char name[NAME_LEN];
	char file[sizeof("fd/2147483647")];
	uint64_t descriptor;
	struct stat st;

	if (parse_u64(number, 0, INT32_MAX, &descriptor) < 0)
		return;
	snprintf(file, sizeof(file), "fd/%d", (int)descriptor);
	read_link(process->pid, file, path);
	if (descriptor == 0)
		memcpy(process->input, path, sizeof(path));
	proc_name(name, process->pid, file);
	if (stat(name, &st) < 0 || !is_terminal(&st, path) ||
	    process->terminal_count == PROCESS_TERMINALS_MAX)
		return;
	terminal->descriptor = (int)descriptor;
	snprintf(terminal->name, sizeof(terminal->name), "%.*s", (int)sizeof(terminal->name) - 1,
		 strncmp(path, "/dev/", 5) == 0 ? path + 5 : path);
	process->terminal_count++;
}

static int look_at_descriptors(struct process *process)
{
	const struct dirent *entry;
	char name[NAME_LEN];
	DIR *dir;

	proc_name(name, process->pid, "fd");
	dir = opendir(name);
	if (!dir)
		return -errno;
	while ((entry = readdir(dir)))
		look_at_descriptor(process, entry->d_name);
	closedir(dir);
	return 0;
}

static int read_process(uint32_t pid, struct process *process)
{
	*process = (struct process){.pid = pid};
	if (read_comm(pid, process->comm) < 0)
		return -ENOENT;
	read_link(pid, "exe", process->exe);
	process->is_32bit = is_32bit(pid);
	process->is_kernel_thread = is_kernel_thread(pid);
	process->descriptors_known = look_at_descriptors(process);
	return 0;
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool goes_by(uint32_t pid, const char *name)
{
	char comm[HB_COMM_LEN];
	char path[PROCESS_PATH_LEN];

	if (read_comm(pid, comm) == 0 && strncmp(comm, name, HB_COMM_LEN - 1) == 0)
		return true;
	read_link(pid, "exe", path);
	if (path[0] != '\0' && strcmp(base_of(path), name) == 0)
		return true;
	/* The first string is the name that the process was started with. */
	return read_start(pid, "cmdline", path, sizeof(path)) > 0 &&
	       strcmp(base_of(path), name) == 0;
}

/* Append process @pid, unless it has ended. */
static int add_process(uint32_t pid, struct process **found, size_t *count)
{
	struct process *next = array_append(*found, *count);

	if (!next)
		return -ENOMEM;
	if (read_process(pid, next) < 0)
		--*count;
	return 0;
}

int process_find(const char *name, struct process **found, size_t *count)
{
	const struct dirent *entry;
	uint64_t pid;
	DIR *dir;
	int r = 0;

	*found = NULL;
	*count = 0;
	if (parse_u64(name, 1, INT32_MAX, &pid) == 0)
		return add_process((uint32_t)pid, found, count);
	dir = opendir("/proc");
	if (!dir)
		return -errno;
	while (r == 0 && (entry = readdir(dir))) {
		if (parse_u64(entry->d_name, 1, INT32_MAX, &pid) == 0 &&
		    goes_by((uint32_t)pid, name))
			r = add_process((uint32_t)pid, found, count);
	}
	closedir(dir);
	return r;
}

static bool is_found(const struct process *found, size_t count, uint32_t pid)
{
	for (size_t i = 0; i < count; i++) {
		if (found[i].pid == pid)
			return true;
	}
	return false;
}

/* Whatever /proc shows. The pids are those of the initial namespace. */
static bool is_alive(uint32_t pid)
{
	return kill((pid_t)pid, 0) == 0 || errno == EPERM;
}

static bool is_for(uint32_t pid, const char *command, const char *name)
{
	uint64_t number;

	if (parse_u64(name, 1, INT32_MAX, &number) == 0)
		return pid == number;
	return strncmp(command, name, HB_COMM_LEN - 1) == 0;
}

/* Append process @pid, called @command, if @name is for it and it is not there. */
static int add_hidden(const char *name, uint32_t pid, const char command[HB_COMM_LEN],
		      struct process **found, size_t *count)
{
	struct process *next;

	if (!is_for(pid, command, name) || is_found(*found, *count, pid) || !is_alive(pid))
		return 0;
	next = array_append(*found, *count);
	if (!next)
		return -ENOMEM;
	*next = (struct process){.pid = pid, .descriptors_known = -EACCES};
	memcpy(next->comm, command, sizeof(next->comm));
	return 0;
}

int process_find_hidden(const char *name, const struct snapshot *snapshot, struct process **found,
			size_t *count)
{
	int r = 0;

	for (size_t i = 0; i < snapshot->process_count && r == 0; i++)
		r = add_hidden(name, snapshot->processes[i].pid,
			       snapshot->processes[i].record.command, found, count);
	for (size_t i = 0; i < snapshot->busy_count && r == 0; i++)
		r = add_hidden(name, snapshot->busy[i].record.pid, snapshot->busy[i].record.command,
			       found, count);
	return r;
}

bool process_proc_hides(void)
{
	char comm[HB_COMM_LEN];

	/* Process 1 always lives. */
	return read_comm(1, comm) < 0;
}
