#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# fetch.sh NAME: print the directory of a cached tree of Debian packages, which is
# downloaded first if need be. Nothing is installed on the machine.

# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=tools/testbed/apt.sh
. "$TESTBED/apt.sh"

usage()
{
	cat <<-TEXT
	usage: ${0##*/} NAME
	  tools      compilers (amd64, arm64) and what building kernels needs, amd64
	  lint       tools, and what make lint looks with: clang, sparse, cppcheck..., amd64
	  qemu       newest QEMU for arm machines, amd64
	  qemu-x86   newest QEMU for x86 machines, amd64
	  guest, guest-x86  QEMU and shell tools as programs of L1, arm64 and amd64
  guest-oldstable, guest-backports  QEMU of other suites, and so of other versions
	  gnuplot    for the plot of bench.sh, amd64
	  busybox-arm64, busybox-x86  static busybox
	  cbmc       CBMC, amd64
	  tool-tests  what ascend-vfio's own tests need, amd64
	  tool-arm64, tool-x86  the libraries of ascend-vfio, and udev
	  debian-arm64, debian-x86, dracut-x86  a Debian that boots, with systemd, udev, and
	              initramfs-tools or dracut; for the disk of boot.sh
	  libvirt-arm64, libvirt-9-arm64  libvirt of Debian 13 and 12 with their QEMUs, for L1
	  dkms-arm64  dkms, compiler and headers for the kernel debian-stable, for L1
	  uapi       the newest kernel's UAPI headers: arm64/include, x86/include
	  harness    kselftest_harness.h of the newest kernel and what it includes
	  sources    what examine.sh reads of Debian's kernel sources: a directory each
	TEXT
}

BASIC='bash coreutils sed grep gawk findutils diffutils tar gzip xz-utils zstd cpio kmod make'
# gcc-12: what the headers of Debian 12's kernel name.
COMPILERS='gcc-14 gcc-12 libc6-dev gcc-14-aarch64-linux-gnu gcc-12-aarch64-linux-gnu libc6-dev-arm64-cross'
# pahole: for modules; linux-kbuild's programs are linked with libelf and libssl.
KERNEL='pahole bc bison flex libelf-dev libssl-dev patch perl rsync'

# What ascend-vfio is linked with, and what its own tests need on top of that.
TOOL='libpci-dev libkmod-dev libjson-c-dev'
TOOL_TESTS='pkg-config python3 python3-prometheus-client mandoc binutils clang libclang-rt-dev'
LINTERS="clang clang-tidy lld llvm sparse cppcheck shellcheck codespell $TOOL"

# What boots, and what makes its initramfs; e2fsprogs makes the disk and reads it, too. Named
# in full, as packages that are essential are nobody's dependencies.
DEBIAN='base-files base-passwd bash coreutils dash debianutils diffutils dpkg findutils grep gzip
	hostname init-system-helpers libc-bin login mount passwd perl-base sed tar util-linux gawk cpio zstd
	systemd-sysv udev kmod linux-base e2fsprogs libarchive13t64
	libpci3 libkmod2 libjson-c5'

LIBVIRT='libvirt-daemon libvirt-clients libxml2-utils qemu-system-arm kmod bash coreutils grep sed'

DKMS='dkms dash dpkg perl-base util-linux gcc'

# Role and architecture a thing is looked up in, then packages: of trees their
# dependencies come along. "more": beside those of a tree that is there.
recipe()
{
	# shellcheck disable=SC2086 # words, a line of them
	case $1 in
	tools)       echo "tree stable amd64 $BASIC $COMPILERS $KERNEL" ;;
	lint)        echo "more stable amd64 tools $LINTERS" ;;
	qemu)        echo "tree backports amd64 qemu-system-arm" ;;
	qemu-x86)    echo "tree backports amd64 qemu-system-x86 seabios" ;;
	guest)       echo "tree stable arm64 qemu-system-arm bash coreutils" ;;
	guest-x86)   echo "tree stable amd64 qemu-system-x86 seabios bash coreutils" ;;
	guest-oldstable) echo "tree oldstable arm64 qemu-system-arm bash coreutils" ;;
	guest-backports) echo "tree backports arm64 qemu-system-arm bash coreutils" ;;
	busybox-arm64) echo "tree stable arm64 busybox-static" ;;
	busybox-x86) echo "tree stable amd64 busybox-static" ;;
	cbmc)        echo "tree stable amd64 cbmc cadical bash coreutils" ;;
	tool-tests)  echo "tree stable amd64 $BASIC gcc-14 libc6-dev gcc-14-aarch64-linux-gnu libc6-dev-arm64-cross $TOOL $TOOL_TESTS" ;;
	tool-arm64)  echo "tree stable arm64 $TOOL udev" ;;
	tool-x86)    echo "tree stable amd64 $TOOL udev" ;;
	debian-arm64) echo "tree stable arm64" $DEBIAN initramfs-tools busybox ;;
	debian-x86)  echo "tree stable amd64" $DEBIAN initramfs-tools busybox ;;
	dracut-x86)  echo "tree stable amd64" $DEBIAN dracut ;;
	libvirt-arm64) echo "tree stable arm64 $LIBVIRT libvirt-daemon-driver-qemu libvirt-daemon-driver-nodedev" ;;
	libvirt-9-arm64) echo "tree oldstable arm64 $LIBVIRT" ;;
	dkms-arm64)  echo "tree stable arm64 $BASIC $DKMS linux-headers-$(<"$(part kernels debian-stable)/release")" ;;
	gnuplot)     echo "tree stable amd64 gnuplot-nox bash coreutils" ;;
	uapi)        echo "uapi backports amd64 linux-libc-dev" ;;
	harness)     echo "harness backports amd64 linux-source" ;;
	sources)     echo "sources $("$TESTBED/examine.sh" --files | sha256sum | cut -c1-16) linux-source oldstable stable backports" ;;
	*)           usage >&2; exit 2 ;;
	esac
}

# --- what to download --------------------------------------------------------

tree_packages() # ROLE ARCH PACKAGE...
{
	resolve "$@"
}

# Its last line is the tree that they are added to.
more_packages() # ROLE ARCH TREE PACKAGE...
{
	local below names
	below=$(part fetch "$3")

	mapfile -t names < <(cut -d: -f1 "${below%/*}/packages")
	resolve "$1" "$2" "${@:4}" "${names[@]}" | grep -vFf <(sed 's/=.*/=/' "${below%/*}/packages")
	printf '%s\n' "$below"
}

uapi_packages() # ROLE ARCH PACKAGE
{
	printf '%s=%s\n' "$3:$2" "$(newest "$1" "$3:$2")"
}

harness_packages() # ROLE ARCH PACKAGE
{
	source_package "$1" "$3"
}

sources_packages() # HASH-OF-FILES PACKAGE ROLE...
{
	local role

	for role in "${@:3}"; do
		source_package "$role" "$2"
	done
}

# --- making each kind --------------------------------------------------------

make_tree() # PACKAGES DIRECTORY
{
	local root=$2

	# shellcheck disable=SC2086 # one word per package
	unpack "$root" $1
	# Maintainer scripts did not run: the links they would have made.
	[ ! -e "$root/usr/bin/gawk" ] || ln -sfn gawk "$root/usr/bin/awk"
	[ -e "$root/usr/bin/sh" ] || [ ! -e "$root/usr/bin/bash" ] || ln -s bash "$root/usr/bin/sh"
	# Mount point for kernel headers.
	mkdir -p "$root/usr/src"
	printf 'root:x:0:0:root:/tmp:/bin/sh\n' >"$root/etc/passwd"
}

# The two trees share files (hard links): nothing may write to one of them.
make_more() # PACKAGES DIRECTORY
{
	cp -al "${1##*$'\n'}/." "$2"
	# shellcheck disable=SC2086 # one word per package
	unpack "$2" ${1%$'\n'*}
}

make_uapi() # PACKAGES DIRECTORY
{
	local tmp=$2/tmp arch

	mkdir "$tmp"
	unpack "$tmp" "$1"
	for arch in arm64 x86; do
		mkdir -p "$2/$arch/include"
		cp -r "$tmp"/usr/include/{linux,asm-generic,mtd,rdma,scsi,sound,video,drm,misc,xen} \
			"$tmp/usr/lib/linux/uapi/$arch/asm" "$2/$arch/include"
	done
	rm -r "$tmp"
}

make_harness() # PACKAGES DIRECTORY
{
	unpack_source "$1" "$2" '*/tools/testing/selftests/kselftest*.h'
	mv "$2"/tools/testing/selftests/*.h "$2/"
	rm -r "$2/tools"
	[ -s "$2/kselftest_harness.h" ] || die "${1%%=*} has no kselftest_harness.h"
}

# Headers, which every kernel has, by their names; the rest by its folders, each once, as
# tar takes it for missing what another pattern has matched.
source_patterns()
{
	"$TESTBED/examine.sh" --files | sed -E 's|[^/]*\.c$|*|' | sort -u | awk '
		folder != "" && index($0, folder) == 1 { next }
		{ print }
		sub(/\*$/, "") { folder = $0 }'
}

make_sources() # PACKAGES DIRECTORY
{
	local package dir patterns

	mapfile -t patterns < <(source_patterns)
	for package in $1; do
		dir=$2/${package%%=*}
		mkdir "$dir"
		unpack_source "$package" "$dir" "${patterns[@]/#/${package%%=*}/}"
	done
}

# --- main --------------------------------------------------------------------

[ $# = 1 ] || { usage >&2; exit 2; }
[ "$1" != --help ] || { usage; exit; }
NAME=$1
recipe=$(recipe "$NAME")
get_packages "$NAME" "$recipe"
