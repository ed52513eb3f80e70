/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Defines the pinned interface that the BPF programs, hb-load, hb-read and other programs share.
 *
 * README.md describes it for programs in other languages; tests/unit/test_layout.c compares the
 * two. Raise HB_ABI_VERSION with any change that an older reader or loader would misread.
 *
 * Units:
 *	time	nanoseconds of CLOCK_BOOTTIME (which continues during suspend); 0 means never
 *	pid	thread-group id in the initial pid namespace
 *	cgroup	inode number of the cgroup's directory in the version 2 hierarchy
 *
 * Include <linux/types.h> (user space) or kernel.h (BPF) first.
 */
#ifndef HEARTBEAT_H
#define HEARTBEAT_H

#define HB_ABI_VERSION 1

#define HB_PIN_DIR	"/sys/fs/bpf/heartbeat"
#define HB_PROGRAMS_ETC "/etc/activity-heartbeat/programs"

/* Pins, relative to the pin directory. A map's name is the last component of its pin. */
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

	/* Elements of the maps, and bytes of a ring. */
	HB_READERS_MAX = 32,
	HB_READERS_DEFAULT = 8,
	HB_RING_SIZE_DEFAULT = 128 * 1024,
	HB_MAX_PIDS_DEFAULT = 32768,
	HB_PROCESSES_MAX = 4096,
	HB_CGROUPS_MAX = 1024,
	HB_PROGRAMS_MAX = 1024,
};

/* Which reads are beats. */
enum hb_rule {
	HB_RULE_STDIN = 0, /* a read(2) of descriptor 0, when it is issued */
	HB_RULE_ANY = 1,   /* the same, and a read of a terminal through any other descriptor */
	HB_RULE_KEYS = 2,  /* a read of a terminal that returned at least one byte */
};

/* How the kernel reports reads. */
enum hb_method {
	HB_METHOD_TRACEPOINT = 0,
	HB_METHOD_FENTRY = 1,
};

/* considered_pids: key __u64 pid, value __u8 verdict. */
enum {
	HB_NOT_CONSIDERED = 0,
	HB_CONSIDERED = 1,
};

/* readers/<n>/events: one record per beat, of exactly this size. */
struct hb_beat {
	__u64 time;  /* when the kernel saw the read */
	__u64 seq;   /* number of the beat within its process, from 1; 0: `processes` was full */
	__u32 pid;   /* of the process that read */
	__u32 flags; /* HB_BEAT_* */
};

enum {
	HB_BEAT_KEY = 1 << 0, /* the read is known to be a key: a terminal returned bytes */
};

/*
 * processes: key __u32 pid. One record for each considered process: the record is the verdict.
 * When a process ends or runs another program, its counts are added to those of its program and
 * cgroup.
 */
struct hb_process {
	__u64 start;	       /* time when the process started */
	__u64 last_beat;       /* time of its last beat */
	__u64 last_key;	       /* time of its last key; kept only with HB_META_KEYS */
	__u64 beats;	       /* number of its beats */
	__u64 cgroup_id;       /* its cgroup at its last beat, or when it was judged */
	__u64 beats_elsewhere; /* those of `beats` that were credited to earlier cgroups */
	__u64 seen;	       /* last time when it was known to be alive: judged or collected */
	__u32 uid;	       /* real user id in the initial user namespace */
	__u32 tty;	       /* controlling terminal: major << 20 | minor; 0: none */
	char command[HB_COMM_LEN]; /* command name under which it was judged, padded with NUL */
};

/*
 * cgroups: key __u64 cgroup id. The counts of processes that ended in the cgroup or left it: add
 * those in `processes` to get the present state. A record is made at the first beat in a cgroup and
 * deleted with the cgroup.
 */
struct hb_cgroup {
	__u64 last_beat;	       /* time of the last beat */
	__u64 last_key;		       /* time of the last key */
	__u64 beats;		       /* number of beats */
	char name[HB_CGROUP_NAME_LEN]; /* of its directory, cut to fit; empty for the root */
};

/*
 * programs: key char[HB_COMM_LEN], the command name padded with NUL. The counts of processes that
 * ended: add those in `processes`.
 */
struct hb_program {
	__u64 beats;	 /* number of beats */
	__u64 last_beat; /* time of the last beat */
};

/* stats: per-CPU array of __u64, indexed by this. */
enum hb_stat {
	/* With rule keys, the tracepoint counts only reads that returned 0, and fentry none. */
	HB_STAT_STDIN_READS,	   /* reads of descriptor 0 by any process */
	HB_STAT_TTY_READS,	   /* reads of terminals by any process; hook fentry only */
	HB_STAT_REFUSED_PROCESSES, /* failed inserts into `processes` */
	HB_STAT_REFUSED_VERDICTS,  /* failed inserts into `considered_pids` */
	HB_STAT_REFUSED_CGROUPS,   /* failed inserts into `cgroups` */
	HB_STAT_COLLECTED,	   /* verdicts and records that collections deleted */
	/*
	 * Folds add the counts of a process to its program and cgroup. A snapshot is exact if both
	 * were equal before it, and if as many had begun afterwards.
	 */
	HB_STAT_FOLDS_BEGUN,
	HB_STAT_FOLDS_DONE,
	HB_STATS,
};

/* meta: one element. */
struct hb_meta {
	__u32 abi;		  /* HB_ABI_VERSION; always the first member */
	__u32 rule;		  /* enum hb_rule */
	__u32 hook;		  /* enum hb_method */
	__u32 readers;		  /* number of reader slots */
	__u64 loaded_at;	  /* time of the first load: earlier reads were not seen */
	__u64 updated_at;	  /* time of the latest load */
	__u64 ring_size;	  /* bytes of each reader's ring */
	__u32 max_pids;		  /* entries that fit into considered_pids */
	__u32 flags;		  /* HB_META_* */
	char build[HB_BUILD_LEN]; /* version of the hb-load that loaded last */
	char why_not[HB_WHY_LEN]; /* why not a better hook; empty if there is none */
};

enum {
	HB_META_KEYS = 1 << 0, /* the hook can tell keys from other reads: last_key is kept */
};

#endif
