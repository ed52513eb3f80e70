/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The pinned interface, shared by the hooks in the kernel, hb-load and hb-read.
 *
 * Everything here can be seen from outside: pin names, keys, records, units. A change that an older
 * reader or loader would misread must raise HB_ABI_VERSION.
 *
 * Units: times are nanoseconds of CLOCK_BOOTTIME (it goes on in suspend), 0 meaning never; a pid is
 * a thread-group id in the initial pid namespace; a cgroup id is the inode number of the cgroup's
 * directory in the version 2 hierarchy.
 *
 * Include <linux/types.h> (user space) or kernel.h (BPF) first.
 */
#ifndef HEARTBEAT_H
#define HEARTBEAT_H

#define HB_ABI_VERSION 1

#define HB_PIN_DIR	"/sys/fs/bpf/heartbeat"
#define HB_PROGRAMS_ETC "/etc/activity-heartbeat/programs"

/* The programs that are watched unless another list is given: names with blanks between. */
#define HB_PROGRAMS_DEFAULT "nvim nano vim ed vi emacs more less vimdiff tilde"

/* Pins, relative to the pin directory. Names of maps are the last component. */
#define HB_PIN_CONSIDERED_PIDS "considered_pids"
#define HB_PIN_PROCESSES       "processes"
#define HB_PIN_CGROUPS	       "cgroups"
#define HB_PIN_PROGRAMS	       "programs"
#define HB_PIN_META	       "meta"
#define HB_PIN_STATS	       "stats"
#define HB_PIN_COLLECT	       "collect"
#define HB_PIN_CONSIDERED      "considered"
#define HB_PIN_READERS	       "readers"
#define HB_PIN_OPEN	       "readers/open"
#define HB_PIN_LOST	       "readers/lost"
#define HB_PIN_EVENTS_FMT      "readers/%u/events"
#define HB_PIN_READER_FMT      "readers/%u"
#define HB_PIN_HOOKS	       "hooks"

enum {
	HB_COMM_LEN = 16,	  /* TASK_COMM_LEN: 15 bytes and a NUL */
	HB_CGROUP_NAME_LEN = 128, /* a container's scope takes about 90 */
	HB_BUILD_LEN = 64,
	HB_WHY_LEN = 128,

	HB_READERS_MAX = 32,
	HB_READERS_DEFAULT = 8,
	HB_RING_SIZE_DEFAULT = 128 * 1024,
	HB_MAX_PIDS_DEFAULT = 32768,
	HB_PROCESSES_MAX = 4096,
	HB_CGROUPS_MAX = 1024,
	HB_PROGRAMS_MAX = 1024,
};

/* What a beat is. */
enum hb_rule {
	HB_RULE_STDIN = 0, /* a read(2) of descriptor 0, as issued */
	HB_RULE_ANY = 1,   /* that, and a read of a terminal through any other descriptor */
	HB_RULE_KEYS = 2,  /* a read of a terminal that returned at least one byte */
};

/* How reads are seen. */
enum hb_method {
	HB_METHOD_TRACEPOINT = 0,
	HB_METHOD_FENTRY = 1,
};

/* considered_pids: key __u64 pid, value __u8. */
enum {
	HB_NOT_CONSIDERED = 0,
	HB_CONSIDERED = 1,
};

/* readers/<n>/events: one record a beat, of exactly this size. */
struct hb_beat {
	__u64 time; /* of the read, taken in the kernel */
	__u64 seq;  /* the beat's number within its process, from 1; 0 where `processes` was full */
	__u32 pid;
	__u32 flags; /* HB_BEAT_* */
};

enum {
	HB_BEAT_KEY = 1 << 0, /* known to be a key: a terminal returned bytes */
};

/*
 * processes: key __u32 pid. The considered processes: a record here is the verdict itself. When a
 * process ends or runs another program its counts are added to those of its program and cgroup.
 */
struct hb_process {
	__u64 start; /* of the process */
	__u64 last_beat;
	__u64 last_key; /* 0 too where the hook cannot tell keys: see HB_META_KEYS */
	__u64 beats;
	__u64 cgroup_id;
	__u64 beats_elsewhere; /* those of `beats` made in, and credited to, earlier cgroups */
	__u64 seen; /* last time the process was known to be alive: judged or collected */
	__u32 uid;  /* real user id, initial user namespace */
	__u32 tty;  /* controlling terminal: major << 20 | minor; 0: none */
	char command[HB_COMM_LEN];
};

/*
 * cgroups: key __u64 cgroup id. What ended processes, and those that moved on, left behind: add
 * the records of `processes` for the present state. Made at the first beat, deleted with the
 * cgroup.
 */
struct hb_cgroup {
	__u64 last_beat;
	__u64 last_key;
	__u64 beats;
	char name[HB_CGROUP_NAME_LEN]; /* of the leaf, cut to fit; empty for the root */
};

/* programs: key char[HB_COMM_LEN], zero padded. Of ended processes, like `cgroups`. */
struct hb_program {
	__u64 beats;
	__u64 last_beat;
};

/* stats: per-CPU array of __u64. */
enum hb_stat {
	HB_STAT_STDIN_READS, /* reads of descriptor 0 by anybody; rule keys: those that returned 0
			      */
	HB_STAT_TTY_READS,   /* reads of terminals by anybody, whatever they return; hook fentry */
	HB_STAT_REFUSED_PROCESSES, /* records that did not fit */
	HB_STAT_REFUSED_VERDICTS,
	HB_STAT_REFUSED_CGROUPS,
	HB_STAT_COLLECTED,   /* entries deleted by collections */
	HB_STAT_FOLDS_BEGUN, /* counts of a process being added to program and cgroup: */
	HB_STAT_FOLDS_DONE,  /* a snapshot is exact if both are equal, before and after */
	HB_STATS,
};

/* meta: one element. */
struct hb_meta {
	__u32 abi; /* stays the first member for ever */
	__u32 rule;
	__u32 hook;
	__u32 readers;
	__u64 loaded_at;  /* of the first load: what happened before was not seen */
	__u64 updated_at; /* of the latest load */
	__u64 ring_size;  /* bytes */
	__u32 max_pids;
	__u32 flags; /* HB_META_* */
	char build[HB_BUILD_LEN];
	char why_not[HB_WHY_LEN]; /* why not a better hook; empty if there is none */
};

enum {
	HB_META_KEYS = 1 << 0, /* the hook tells keys from other reads: last_key is kept */
};

#endif
