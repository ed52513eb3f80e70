// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Watches reads of descriptor 0 and of terminals on the whole machine, and counts the heartbeats of
 * the programs on the list. README.md explains how it works and what each file does. stubs.bpf.h
 * lists the hooks.
 *
 * All of this is one translation unit, because it shares the maps. Functions that take only numbers
 * are not static: the verifier checks such a function once, not at each call.
 */
#include "bpf/stubs.bpf.h"
#include "bpf/read.bpf.h"
#include "bpf/tty.bpf.h"
#include "bpf/lifetime.bpf.h"
#include "bpf/iterators.bpf.h"
#include "bpf/peers.bpf.h"
#include "bpf/busy.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
