/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Says how much the clients of an address may see. */
#ifndef HB_READER_ACCESS_H
#define HB_READER_ACCESS_H

enum access {
	ACCESS_ANYBODY, /* what report_coarsen() leaves */
	ACCESS_MEMBER,	/* everything: they may read the maps */
	ACCESS_SELF,	/* their own workspace, as home_report() shows it */
};

#endif
