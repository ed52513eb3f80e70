/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A report to fill by hand, which has the records of some control groups.
 *
 * Use fixture_start() and fixture_end() as a checked fixture. Times are given in seconds of boot
 * time.
 */
#ifndef HB_TESTS_FIXTURE_H
#define HB_TESTS_FIXTURE_H

#include <stdint.h>

#include "reader/maps/report.h"

#define S	  1000000000ULL
#define CONTAINER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define SCOPE	  "/pod/cri-containerd-" CONTAINER ".scope"

/* UNRECORDED: the id of a control group that found the map full. */
enum { NOW = 10000, LOADED = 1000, UNRECORDED = 4242 };

extern struct report fixture_report;

void fixture_start(void);
void fixture_end(void);

/* The id of the control group with @path, which must have a record. */
uint64_t fixture_id(const char *path);

/* The record of that control group. It moves when another one is added. */
struct hb_cgroup *fixture_cgroup(const char *path);

/* Add a control group to the one with @id; it has a higher id. Returns its id. */
uint64_t add_cgroup(uint64_t parent, const char *name);

/*
 * Add a process in @cgroup whose program was started at a terminal at @opened, or at none (0).
 * Returns its record, which moves when another one is added.
 */
struct hb_process *add_process(uint32_t pid, const char *command, uint64_t opened, uint64_t key,
			       uint64_t cgroup);

/* Add a program on the list, with what ended processes of it did. */
void add_program(const char *name, uint64_t opened, uint64_t key);

void ck_has(const char *text, const char *part);
void ck_has_not(const char *text, const char *part);

#endif
