/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Defines the iterator `peers`, which tells a server who its clients are.
 *
 * For each unix socket of the process that reads the file it prints a line: the descriptor, and the id
 * of the cgroup in which the socket was made. The kernel makes an accepted socket when the client
 * calls connect(2), in the client's context, so that is the client's cgroup at that moment. No pid is
 * involved, which could be reused, and no namespace: the client may be in others, or gone.
 */
#ifndef HB_PEERS_BPF_H
#define HB_PEERS_BPF_H

#include "bpf/kernel.h"

/* Descriptors that are looked at: what they print has to fit into the 32 KiB of the file's buffer. */
#define PEERS_MAX 1024

struct peer_walk {
	struct seq_file *seq;
	struct file **files;
};

static long print_peer(u32 descriptor, struct peer_walk *walk)
{
	struct cgroup *cgroup;
	struct socket *socket;
	struct sock *sock;
	struct file *file;

	if (bpf_probe_read_kernel(&file, sizeof(file), walk->files + descriptor) < 0 || !file)
		return 0;
	if ((BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return 0;
	socket = BPF_CORE_READ(file, private_data);
	sock = BPF_CORE_READ(socket, sk);
	if (BPF_CORE_READ(sock, __sk_common.skc_family) != AF_UNIX)
		return 0;
	cgroup = BPF_CORE_READ(sock, sk_cgrp_data.cgroup);
	BPF_SEQ_PRINTF(walk->seq, "%u %llu\n", descriptor, BPF_CORE_READ(cgroup, kn, id));
	return 0;
}

/* It goes over `meta` because that has one element: so it runs once. */
SEC("iter/bpf_map_elem")
int peers(struct bpf_iter__bpf_map_elem *ctx)
{
	struct peer_walk walk = {.seq = ctx->meta->seq};
	struct fdtable *table;
	u32 count;

	/* Without CONFIG_SOCK_CGROUP_DATA nobody knows. */
	if (!ctx->value || !bpf_core_field_exists(((struct sock *)0)->sk_cgrp_data))
		return 0;
	table = BPF_CORE_READ(bpf_get_current_task_btf(), files, fdt);
	walk.files = BPF_CORE_READ(table, fd);
	count = BPF_CORE_READ(table, max_fds);
	bpf_loop(count < PEERS_MAX ? count : PEERS_MAX, print_peer, &walk, 0);
	return 0;
}

#endif
