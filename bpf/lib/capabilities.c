// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bpf/lib/capabilities.h"
#include "bpf/lib/log.h"

static struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};

bool capabilities_have(unsigned int number)
{
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};

	if (syscall(SYS_capget, &header, data) < 0)
		return false;
	return data[CAP_TO_INDEX(number)].effective & CAP_TO_MASK(number);
}

int capabilities_keep(uint64_t set)
{
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
	uint32_t some = 0;

	if (syscall(SYS_capget, &header, data) < 0)
		return log_errno(-errno, "cannot read the capabilities of this process");
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		some |= data[i].permitted | data[i].inheritable;
		data[i].permitted &= (uint32_t)(set >> (32 * i));
		data[i].effective &= data[i].permitted;
		data[i].inheritable = 0;
	}
	/* This clears the ambient ones, too, which are never more than the permitted and inheritable ones. */
	if (some && syscall(SYS_capset, &header, data) < 0)
		return log_errno(-errno, "cannot give up capabilities");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return log_errno(-errno, "cannot set no_new_privs");
	return 0;
}
