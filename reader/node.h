/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds the name that this node goes by in answers. */
#ifndef HB_READER_NODE_H
#define HB_READER_NODE_H

enum { NODE_NAME_LEN = 256 };

/**
 * node_name - write the node's name: @chosen, or else $NODE_NAME, or else the host name
 * @chosen: may be NULL or empty, like the variable
 *
 * In a pod the host name is that of the pod: Kubernetes' downward API sets the variable. @name is
 * empty if all else fails.
 */
void node_name(const char *chosen, char name[NODE_NAME_LEN]);

#endif
