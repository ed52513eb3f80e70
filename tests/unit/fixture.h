/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A report to fill by hand, and a tree of directories that stand for control groups.
 *
 * Use fixture_make_tree() and fixture_remove_tree() as an unchecked fixture, fixture_start() and
 * fixture_end() as a checked one. Times are given in seconds of boot time.
 */
#ifndef HB_TESTS_FIXTURE_H
#define HB_TESTS_FIXTURE_H

#include <stdint.h>

#include "reader/maps/report.h"

#define S	  1000000000ULL
#define CONTAINER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define SCOPE	  "/pod/cri-containerd-" CONTAINER ".scope"

enum { NOW = 10000, LOADED = 1000, HIDDEN = 4242 };

extern char fixture_root[];
extern struct report fixture_report;
extern struct cgroup_tree *fixture_tree; /* of the directories below fixture_root */

void fixture_make_tree(void);
void fixture_remove_tree(void);
void fixture_start(void);
void fixture_end(void);

/* The id of the control group with @path, which must exist. */
uint64_t fixture_id(const char *path);

void add_process(uint32_t pid, const char *command, uint64_t started, uint64_t beat, uint64_t key,
		 uint64_t cgroup);
void add_cgroup(uint64_t id, const char *name, uint64_t beat, uint64_t key);
void add_program(const char *name, uint64_t beat);

void ck_has(const char *text, const char *part);
void ck_has_not(const char *text, const char *part);

#endif
