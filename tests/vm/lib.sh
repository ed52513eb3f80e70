# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What the programs of tests/vm share: where kernels are kept, and the table of them.

# The one that stands for all where one has to do: it has every hook.
ONE_KERNEL=6.12
VM_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

kernels_dir() {
    local cache=/var/cache
    [ -w "$cache" ] || cache=$HOME/.cache
    echo "${HB_KERNELS:-${XDG_CACHE_HOME:-$cache}/activity-heartbeat/kernels}"
}

# The names of the matrix, in the order of the file.
kernel_names() {
    sed -nE 's/^([^#[:space:]]+).*/\1/p' "$VM_DIR/kernels"
}

# kernel_field NAME NUMBER - of the line of NAME: 2 the release, 3 the command line
kernel_field() {
    awk -v name="$1" -v number="$2" '
        $1 == name { found = 1; for (i = number; i <= (number == 2 ? 2 : NF); i++) printf "%s ", $i }
        END { exit !found }' "$VM_DIR/kernels" | sed 's/ $//'
}

kernel_release() {
    if ! kernel_names | grep -qxF -e "$1"; then
        echo "${0##*/}: no kernel '$1': use $(kernel_names | paste -sd' ')" >&2
        return 1
    fi
    kernel_field "$1" 2
}

# Kernels of one release are one file.
kernel_file() {
    echo "$(kernels_dir)/$(kernel_release "$1")/vmlinuz"
}

# is_refused KERNEL - hb-load has to refuse it
is_refused() {
    grep -qE "^${1//./\\.} +\|" "$VM_DIR/expected"
}
