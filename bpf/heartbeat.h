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

#define HB_ABI_VERSION 2

#define HB_PIN_DIR "/sys/fs/bpf/heartbeat"

/* Pins, relative to the pin directory. A map's name is the last component of its pin. */
#define HB_PIN_CONSIDERED_PIDS "considered_pids"
#define HB_PIN_PROCESSES       "processes"
#define HB_PIN_CGROUPS	       "cgroups"
#define HB_PIN_PROGRAMS	       "programs"
#define HB_PIN_BUSY_PROGRAMS   "busy_programs"
#define HB_PIN_META	       "meta"
#define HB_PIN_STATS	       "stats"
#define HB_PIN_COLLECT	       "collect"
#define HB_PIN_CONSIDERED      "considered"
#define HB_PIN_PEERS	       "peers"
#define HB_PIN_BUSY	       "busy"
#define HB_PIN_READERS	       "readers"
#define HB_PIN_OPEN	       "readers/open"
#define HB_PIN_LOST	       "readers/lost"
#define HB_PIN_EVENTS_FMT      "readers/%u/events"
#define HB_PIN_READER_FMT      "readers/%u"
#define HB_PIN_HOOKS	       "hooks"

enum {
	HB_COMM_LEN = 16,	  /* TASK_COMM_LEN: 15 bytes and a NUL */
	HB_CGROUP_NAME_LEN = 256, /* NAME_MAX and a NUL: names are never cut */
	HB_BUILD_LEN = 64,
	HB_WHY_LEN = 128,
	HB_OPTIONS_LEN = 256,

	/* Elements of the maps, and bytes of a ring. */
	HB_READERS_MAX = 32,
	HB_READERS_DEFAULT = 8,
	HB_RING_SIZE_DEFAULT = 128 * 1024,
	HB_MAX_PIDS_DEFAULT = 32768,
	HB_PROCESSES_MAX = 4096,
	HB_CGROUPS_MAX = 16384,
	HB_CGROUPS_OF_USERS_MAX = HB_CGROUPS_MAX / 2,
	HB_PROGRAMS_MAX = 1024,
	HB_BUSY_MAX = 64,
};

/*
 * Which reads are beats. A key is a read of a terminal that returned at least one byte. Activity is
 * the last key, under every rule.
 */
enum hb_rule {
	HB_RULE_STDIN = 0, /* a read(2) of descriptor 0, whatever it returns */
	HB_RULE_ANY = 1,   /* the same, and a key through any other descriptor */
	HB_RULE_KEYS = 2,  /* a key, through any descriptor */
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
	HB_BEAT_KEY = 1 << 0, /* the read was a key: a terminal returned bytes */
};

/* With this on the list, every program counts that reads a key: all of them as one program. */
#define HB_ANY_PROGRAM "*"

/*
 * processes: key __u32 pid. The considered processes: a record is the verdict itself. When a process
 * ends or runs another program, its counts are added to its program and its cgroup.
 */
struct hb_process {
	__u64 start;	       /* time when the process started */
	__u64 opened_at;       /* time when it was started at a terminal: see below */
	__u64 last_beat;       /* time of its last beat */
	__u64 last_key;	       /* time of its last key */
	__u64 beats;	       /* number of its beats */
	__u64 cgroup_id;       /* its cgroup, which is that of its first thread */
	__u64 account_id;      /* the cgroup that gets its counts: see below */
	__u64 beats_elsewhere; /* those of `beats` that were credited to earlier cgroups */
	__u64 seen;	       /* last time when it was known to be alive: judged or collected */
	__u32 uid;	       /* real user id in the initial user namespace */
	__u32 tty;	       /* controlling terminal: major << 20 | minor; 0: none */
	__u32 flags;	       /* HB_PROCESS_* */
	__u32 reserved;
	char command[HB_COMM_LEN]; /* command name under which it was judged, padded with NUL */
};

enum {
	HB_PROCESS_32BIT = 1 << 0,   /* it has 32-bit code, which hook tracepoint cannot see */
	HB_PROCESS_STALE = 1 << 1,   /* the last collection found another command name */
	HB_PROCESS_RENAMED = 1 << 2, /* it took its name itself, and was not watched before */
	HB_PROCESS_LATE = 1 << 3,    /* the map was full before: its group has earlier keys of it */
};

/*
 * opened_at is 0 if the process had no terminal when it started. Somebody starts a program by keys: a
 * process that a watched one starts has the time of that one, whose keys are known, so that what an
 * editor runs by itself keeps nothing active.
 */

/*
 * cgroups: key __u64 cgroup id. Every cgroup of the version 2 hierarchy, from mkdir(2) to rmdir(2),
 * which adds its counts to its parent. The counts are of processes that ended in the cgroup or left
 * it, and of removed cgroups below it: add those in `processes` to get the present state.
 *
 * A cgroup that finds the map full has no record, nor have those below it. Then its nearest ancestor
 * with a record gets the counts (hb_process.account_id), until a collection finds room. The root
 * (id 1) always has a record. The cgroups of ordinary users get half of the map at most, so that none
 * of them can keep a record from a workspace that root makes.
 */
struct hb_cgroup {
	__u64 parent_id; /* the cgroup above; 0: this is the root */
	__u64 birth;	 /* time when it was made; 0: before the first load */
	/*
	 * Latest opened_at of the processes counted here. Of a process with HB_PROCESS_32BIT that
	 * the hook could not see, it is the time when it ended.
	 */
	__u64 opened_at;
	__u64 last_beat;	       /* time of the last beat */
	__u64 last_key;		       /* time of the last key */
	__u64 beats;		       /* number of beats */
	char name[HB_CGROUP_NAME_LEN]; /* of its directory; empty for the root */
	__u32 uid; /* its owner when it was recorded, in the initial user namespace */
	__u32 reserved;
};

/*
 * programs: key char[HB_COMM_LEN], the command name padded with NUL. The counts of processes that
 * ended: add those in `processes`.
 */
struct hb_program {
	__u64 beats;	 /* number of beats */
	__u64 last_beat; /* time of the last beat */
	__u64 last_key;	 /* time of the last key */
	__u64 opened_at; /* latest opened_at */
};

/*
 * busy_programs: key char[HB_COMM_LEN], the command name padded with NUL; value __u8, 0. While such a
 * program runs, its workspace is not idle, for a limited time: hb_meta.busy_for. Busy programs are not
 * considered programs unless they are on both lists.
 *
 * busy: a pinned iterator. Each read of it gives such records, one for each process of a busy program
 * that is not stopped, frozen or dead.
 */
struct hb_busy {
	__u64 start;	  /* time when the process started */
	__u64 cgroup_id;  /* its cgroup, which is that of its first thread */
	__u64 account_id; /* the nearest cgroup, from there up, that has a record */
	__u32 pid;
	__u32 reserved;
	char command[HB_COMM_LEN]; /* padded with NUL */
};

/* stats: per-CPU array of __u64, indexed by this. Counters, but for one. */
enum hb_stat {
	/* Reads of descriptor 0 by any process; with hook tracepoint those that returned no bytes. */
	HB_STAT_STDIN_READS,
	/* Reads of terminals by any process, whatever they return. Kept by hook fentry only. */
	HB_STAT_TTY_READS,
	/* Attempts to insert a record that the map had no room for. */
	HB_STAT_REFUSED_PROCESSES,
	HB_STAT_REFUSED_VERDICTS,
	HB_STAT_REFUSED_CGROUPS,
	/* Not a counter: latest time of activity that could only be credited to the root. */
	HB_STAT_UNPLACED_AT,
	/* Entries deleted by collections. */
	HB_STAT_COLLECTED,
	/*
	 * Moves of counts from one record to another, begun and done. A snapshot is exact if all
	 * that had begun were done before it, and none began during it.
	 */
	HB_STAT_FOLDS_BEGUN,
	HB_STAT_FOLDS_DONE,
	HB_STATS,
};

/* meta: one element. */
struct hb_meta {
	__u32 abi;		  /* HB_ABI_VERSION; stays the first member for ever */
	__u32 rule;		  /* enum hb_rule */
	__u32 hook;		  /* enum hb_method */
	__u32 readers;		  /* number of slots */
	__u64 loaded_at;	  /* time of the first load: nothing before it was seen */
	__u64 updated_at;	  /* time of the latest load */
	__u64 changed_at;	  /* time of the latest load that changed rule, hook or list */
	__u64 ring_size;	  /* bytes of each ring */
	__u32 max_pids;		  /* size of considered_pids */
	__u32 busy_for;		  /* seconds that busy programs count for; 0: there are none */
	char build[HB_BUILD_LEN]; /* version of the hb-load that loaded last */
	char why_not[HB_WHY_LEN]; /* why not a better hook; empty if there is none */
	/* Options of that load which override the configuration, for a shell; HB_OPTIONS_LONG: too many. */
	char options[HB_OPTIONS_LEN];
};

#define HB_OPTIONS_LONG "..."

#endif
