// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "reader/node.h"

void node_name(const char *chosen, char name[NODE_NAME_LEN])
{
	if (!chosen || chosen[0] == '\0')
		chosen = getenv("NODE_NAME");
	name[NODE_NAME_LEN - 1] = '\0';
	if (chosen && chosen[0] != '\0')
		snprintf(name, NODE_NAME_LEN, "%s", chosen);
	else if (gethostname(name, NODE_NAME_LEN - 1) < 0)
		name[0] = '\0';
}
