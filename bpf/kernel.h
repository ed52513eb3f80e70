/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Declares the kernel's types and constants that the BPF programs use.
 *
 * The types hold only the fields in use. libbpf finds their offsets in the running kernel's BTF at
 * load time (CO-RE), so the build needs neither the running kernel nor its BTF.
 */
#ifndef HB_KERNEL_H
#define HB_KERNEL_H

#include <stdbool.h>
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;

/* include/linux/sched.h */
#define PF_EXITING   0x00000004
#define PF_IO_WORKER 0x00000010
#define PF_KTHREAD   0x00200000
/* include/linux/sched/signal.h */
#define SIGNAL_STOP_STOPPED 0x00000001
/* include/linux/cgroup-defs.h; cleared before the tracepoint cgroup_rmdir */
#define CSS_ONLINE (1 << 1)
/* include/linux/kdev_t.h; not the encoding of stat(2) */
#define DEV_MAJOR(dev) ((dev) >> 20)
#define DEV_MINOR(dev) ((dev)&0xfffff)
/* include/uapi/linux/stat.h */
#define S_IFMT	 0170000
#define S_IFCHR	 0020000
#define S_IFSOCK 0140000
/* include/linux/socket.h */
#define AF_UNIX 1
/*
 * What system calls return when a signal interrupts them: -ERESTARTSYS (-512) to
 * -ERESTART_RESTARTBLOCK (-516), include/linux/errno.h. User space gets -EINTR, or never sees it.
 */
#define RESTART_LOWEST	-516
#define RESTART_HIGHEST -512
/* Of the version 2 hierarchy: the inode number of its root directory (fs/kernfs/mount.c). */
#define ROOT_CGROUP_ID 1
/* Levels that are climbed at most; the kernel itself has no bound (cgroup.max.depth, cgroups(7)). */
#define CGROUP_DEPTH_MAX 1024
/* Levels without a record that one collection repairs, for each process. */
#define CGROUP_LEVELS_REPAIRED 16

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	int counter;
} atomic_t;

struct tty_driver {
	int major;
	int minor_start;
};

struct tty_struct {
	struct tty_driver *driver;
	int index;
};

struct inode {
	u16 i_mode;
	u32 i_rdev;
};

struct file {
	void *private_data;
	struct inode *f_inode;
};

struct tty_file_private {
	struct tty_struct *tty;
	struct file *file;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct signal_struct {
	atomic_t live;
	unsigned int flags;
	struct tty_struct *tty;
};

struct cred {
	struct {
		u32 val;
	} uid;
};

struct pid {
	unsigned int level;
};

struct kernfs_iattrs {
	struct {
		u32 val;
	} ia_uid;
};

struct kernfs_node {
	u64 id;
	const char *name;
	struct kernfs_iattrs *iattr;
};

struct cgroup_root;
struct cgroup;

struct cgroup_subsys_state {
	struct cgroup *cgroup;
	unsigned int flags;
	struct cgroup_subsys_state *parent;
};

struct cgroup {
	struct cgroup_subsys_state self;
	struct kernfs_node *kn;
	struct cgroup_root *root;
};

struct css_set {
	struct cgroup *dfl_cgrp;
};

struct sock_common {
	unsigned short skc_family;
};

struct sock_cgroup_data {
	struct cgroup *cgroup;
};

struct sock {
	struct sock_common __sk_common;
	struct sock_cgroup_data sk_cgrp_data;
};

struct socket {
	struct sock *sk;
};

struct mm_struct {
	unsigned long task_size;
};

struct thread_info {
	u32 status; /* x86 */
};

struct task_struct {
	struct thread_info thread_info;
	unsigned int flags;
	int pid;
	int tgid;
	unsigned frozen : 1; /* with its cgroup */
	struct task_struct *group_leader;
	struct pid *thread_pid;
	u64 start_boottime;
	const struct cred *cred;
	char comm[16];
	struct files_struct *files;
	struct signal_struct *signal;
	struct css_set *cgroups;
	struct mm_struct *mm;
};

struct kiocb {
	struct file *ki_filp;
};

#if defined(__TARGET_ARCH_arm64)
struct user_pt_regs {
	u64 pstate;
};

struct pt_regs {
	struct user_pt_regs user_regs;
	u64 orig_x0;
	int syscallno;
};
#endif

#pragma clang attribute pop

/*
 * The types below are the same in all kernels, so they are not relocated: for each relocated type
 * libbpf goes through all types of the kernel, which takes a millisecond.
 */
#if defined(__TARGET_ARCH_x86)
/* arch/x86/include/uapi/asm/ptrace.h */
struct pt_regs {
	unsigned long r15, r14, r13, r12, bp, bx;
	unsigned long r11, r10, r9, r8, ax, cx, dx, si, di;
	unsigned long orig_ax;
};
#elif !defined(__TARGET_ARCH_arm64)
#error "architectures: x86, arm64"
#endif

/* The context of an iterator: 8 bytes for each argument (include/linux/bpf.h, __bpf_md_ptr). */
struct seq_file;
struct bpf_map;

struct bpf_iter_meta {
	struct seq_file *seq;
	u64 session_id;
	u64 seq_num;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

struct bpf_iter__cgroup {
	struct bpf_iter_meta *meta;
	struct cgroup *cgroup;
};

struct bpf_iter__bpf_map_elem {
	struct bpf_iter_meta *meta;
	struct bpf_map *map;
	void *key;
	void *value;
};

/*
 * The number and the first argument of a system call, from the registers that the kernel saved at
 * its entry. They stay valid until it returns. 32-bit programs use other numbers, and on x86 other
 * registers.
 */
#if defined(__TARGET_ARCH_x86)

#define SYS_READ_HOOK	     "__x64_sys_read"
#define SYS_READ_COMPAT_HOOK "__ia32_sys_read"

/* arch/x86/include/asm/thread_info.h: set for 32-bit programs, and for int $0x80 by others */
#define TS_COMPAT 0x2
/* arch/x86/include/uapi/asm/unistd.h: set for calls of the x32 ABI */
#define X32_SYSCALL_BIT 0x40000000

static __always_inline bool is_compat_call(struct task_struct *task, const struct pt_regs *regs)
{
	return task->thread_info.status & TS_COMPAT;
}

static __always_inline u32 call_number(const struct pt_regs *regs)
{
	return (u32)regs->orig_ax & ~X32_SYSCALL_BIT;
}

static __always_inline u32 call_argument(const struct pt_regs *regs)
{
	return (u32)regs->di;
}

static __always_inline u32 compat_call_argument(const struct pt_regs *regs)
{
	return (u32)regs->bx;
}

#define NR_READ	       0
#define NR_READ_COMPAT 3

#else

/* 32-bit programs enter the same function (arch/arm64/kernel/sys32.c). */
#define SYS_READ_HOOK  "__arm64_sys_read"

/* arch/arm64/include/uapi/asm/ptrace.h */
#define PSR_MODE32_BIT 0x10

static __always_inline bool is_compat_call(struct task_struct *task, const struct pt_regs *regs)
{
	return regs->user_regs.pstate & PSR_MODE32_BIT;
}

static __always_inline u32 call_number(const struct pt_regs *regs)
{
	return (u32)regs->syscallno;
}

static __always_inline u32 call_argument(const struct pt_regs *regs)
{
	return (u32)regs->orig_x0;
}

static __always_inline u32 compat_call_argument(const struct pt_regs *regs)
{
	return (u32)regs->orig_x0;
}

#define NR_READ	       63
#define NR_READ_COMPAT 3

#endif

/* Is the current process, @task, in a read(2) of descriptor 0? */
static __always_inline bool is_read_of_stdin(struct task_struct *task)
{
	const struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);

	if (is_compat_call(task, regs))
		return call_number(regs) == NR_READ_COMPAT && compat_call_argument(regs) == 0;
	return call_number(regs) == NR_READ && call_argument(regs) == 0;
}

/* The thread-group id of the current process. */
static __always_inline u32 current_pid(void)
{
	return (u32)(bpf_get_current_pid_tgid() >> 32);
}

/* Did a signal end the call before it read anything? Nobody typed then. */
static __always_inline bool was_interrupted(long result)
{
	return result >= RESTART_LOWEST && result <= RESTART_HIGHEST;
}

/* /sys/kernel/tracing/events/syscalls/sys_exit_read/format */
struct read_exit_args {
	u64 common;
	long syscall;
	long result;
};

#endif
