# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The table of kernels, tests/vm/kernels, and where the kernels are kept.

# It has every hook, and stands for all of them where one has to do.
ONE_KERNEL=6.12
VM_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# kernel_table PROGRAM [NAME] - an awk program over its lines, or over that of NAME
kernel_table() {
    awk -v name="${2-}" '/^#/ || NF == 0 || name != "" && $1 != name { next } '"$1" "$VM_DIR/kernels"
}

kernel_names() {
    kernel_table '{ print $1 }'
}

# kernel_release NAME - the release of Debian that it is from
kernel_release() {
    kernel_table '{ print $2 }' "$1" | grep . || {
        echo "${0##*/}: no kernel '$1': use $(kernel_names | paste -sd' ')" >&2
        return 1
    }
}

# kernel_options NAME - what its command line has more
kernel_options() {
    kernel_table '{ $1 = $2 = ""; print }' "$1"
}

# kernel_file RELEASE - kernels of one release are one file
kernel_file() {
    local cache=/var/cache
    [ -w "$cache" ] || cache=$HOME/.cache
    echo "${HB_KERNELS:-${XDG_CACHE_HOME:-$cache}/activity-heartbeat/kernels}/$1/vmlinuz"
}
