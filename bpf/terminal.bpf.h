/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds out whether a descriptor is a terminal, seen from the user's side. */
#ifndef HB_TERMINAL_BPF_H
#define HB_TERMINAL_BPF_H

#include "bpf/kernel.h"

/*
 * The master side of a pseudo-terminal does not count: a terminal emulator reads from it what
 * programs write. (A background job in a `:terminal` of vim would otherwise look like keys.)
 * Masters are /dev/ptmx, 5:2 (Unix98), and all of major 2 (BSD): see
 * Documentation/admin-guide/devices.txt in the kernel.
 */
static __always_inline bool is_terminal_side(u32 device)
{
	return device != (5 << 20 | 2) && DEV_MAJOR(device) != 2;
}

/*
 * All terminal drivers share the tty layer, whatever their device number: it keeps a pointer back to
 * the file in the file's private data, which nothing else does (drivers/tty/tty_io.c,
 * tty_add_file()). This is asked first, because it turns down nearly all other files at once.
 */
static __always_inline bool is_terminal_file(struct file *file)
{
	struct tty_file_private *private = BPF_CORE_READ(file, private_data);
	struct inode *inode;

	if (!private || BPF_CORE_READ(private, file) != file)
		return false;
	inode = BPF_CORE_READ(file, f_inode);
	return (BPF_CORE_READ(inode, i_mode) & S_IFMT) == S_IFCHR &&
	       is_terminal_side(BPF_CORE_READ(inode, i_rdev));
}

/* Is the current process's open @descriptor a terminal? */
__noinline int is_terminal(u32 descriptor)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct fdtable *table = task->files->fdt;
	struct file *file;

	if (!table || descriptor >= table->max_fds)
		return 0;
	if (bpf_probe_read_kernel(&file, sizeof(file), table->fd + descriptor) < 0 || !file)
		return 0;
	return is_terminal_file(file);
}

static __always_inline u32 tty_of(struct task_struct *task)
{
	struct tty_struct *tty = BPF_CORE_READ(task, signal, tty);
	struct tty_driver *driver;

	if (!tty)
		return 0;
	driver = BPF_CORE_READ(tty, driver);
	return (u32)BPF_CORE_READ(driver, major) << 20 |
	       (u32)(BPF_CORE_READ(driver, minor_start) + BPF_CORE_READ(tty, index));
}

/*
 * Does @task, which need not be current, have a terminal: a controlling one, or one that it was
 * started on (setsid(1) takes the controlling one away)?
 */
static __noinline int has_terminal(struct task_struct *task)
{
	struct fdtable *table;
	struct file **files;
	struct file *file;

	if (BPF_CORE_READ(task, signal, tty))
		return 1;
	table = BPF_CORE_READ(task, files, fdt);
	files = BPF_CORE_READ(table, fd);
	for (u32 descriptor = 0; descriptor < 3; descriptor++) {
		if (bpf_probe_read_kernel(&file, sizeof(file), files + descriptor) == 0 && file &&
		    is_terminal_file(file))
			return 1;
	}
	return 0;
}

#endif
