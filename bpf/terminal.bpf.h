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

/* Check the current process's open @descriptor. */
__noinline int is_terminal(u32 descriptor)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct tty_file_private *private;
	struct file **files;
	struct fdtable *table;
	struct inode *inode;
	struct file *file;

	table = task->files->fdt;
	if (!table || descriptor >= table->max_fds)
		return 0;
	files = table->fd;
	if (bpf_probe_read_kernel(&file, sizeof(file), files + descriptor) < 0 || !file)
		return 0;
	inode = BPF_CORE_READ(file, f_inode);
	if ((BPF_CORE_READ(inode, i_mode) & S_IFMT) != S_IFCHR ||
	    !is_terminal_side(BPF_CORE_READ(inode, i_rdev)))
		return 0;
	/*
	 * Recognize the tty layer, which all terminal drivers share whatever their device number:
	 * only its private data points back to the file (drivers/tty/tty_io.c, tty_add_file()).
	 */
	private = BPF_CORE_READ(file, private_data);
	return private && BPF_CORE_READ(private, file) == file;
}

#endif
