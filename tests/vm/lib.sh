# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The table of kernels, tests/vm/kernels, and where kernels and the programs of other architectures are
# kept.

# It has every hook, and stands for all of them where one has to do.
ONE_KERNEL=6.12
VM_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# The architecture of this machine, by the name that Debian has for it.
case $(uname -m) in
x86_64) OWN_ARCH=amd64 ;;
aarch64) OWN_ARCH=arm64 ;;
*) OWN_ARCH=$(uname -m) ;;
esac

# kernel_table PROGRAM [NAME] - an awk program over its lines, or over that of NAME
kernel_table() {
    awk -v name="${2-}" '/^#/ || NF == 0 || name != "" && $1 != name { next } '"$1" "$VM_DIR/kernels"
}

kernel_names() {
    kernel_table '{ print $1 }'
}

# kernel_source NAME - the release of Debian that it is from, and the package, as RELEASE/PACKAGE
kernel_source() {
    kernel_table '{ print $2 "/" $3 }' "$1" | grep . || {
        echo "${0##*/}: no kernel '$1': use $(kernel_names | paste -sd' ')" >&2
        return 1
    }
}

# kernel_arch NAME
kernel_arch() {
    kernel_table '{ print $3 ~ /arm64/ ? "arm64" : "amd64" }' "$1"
}

# kernel_options NAME - what its command line has more
kernel_options() {
    kernel_table '{ $1 = $2 = $3 = ""; print }' "$1"
}

cache_directory() {
    local cache=/var/cache
    [ -w "$cache" ] || cache=$HOME/.cache
    echo "${HB_KERNELS:-${XDG_CACHE_HOME:-$cache}/activity-heartbeat/kernels}"
}

# kernel_file RELEASE/PACKAGE - kernels of one package are one file
kernel_file() {
    echo "$(cache_directory)/$1/vmlinuz"
}

# machine_name ARCH - what compilers and the kernel call it
machine_name() {
    case $1 in
    amd64) echo x86_64 ;;
    arm64) echo aarch64 ;;
    *) echo "$1" ;;
    esac
}

# root_directory ARCH - where the packages of tests/vm/packages are unpacked. Other packages make
# another directory.
root_directory() {
    echo "$(cache_directory)/root-$1-$(cksum <"$VM_DIR/packages" | cut -d' ' -f1)"
}
