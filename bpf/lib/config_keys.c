// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <linux/types.h>

#include "bpf/heartbeat.h"
#include "bpf/lib/config.h"
#include "bpf/lib/names.h"

/* A new key needs a row here, its option in one of the programs, and a paragraph in heartbeat.conf.5. */
const struct config_key config_keys[] = {
	{"Programs", "programs", CONFIG_NAMES, HB_PROGRAMS_DEFAULT},
	{"Rule", "rule", CONFIG_ONE, "any"},
	{"Hook", "hook", CONFIG_ONE, "auto"},
	{"Busy", "busy", CONFIG_NAMES, ""},
	{"BusyFor", "busy-for", CONFIG_ONE, "6h"},
	{"Group", "group", CONFIG_ONE, ""},
	{"Readers", "readers", CONFIG_ONE, "8"},
	{"Listen", "listen", CONFIG_MANY, "127.0.0.1:9090"},
	{"Node", "node", CONFIG_ONE, ""},
	{.name = NULL},
};
