#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# probes.sh: print, as TAP, whether the driver's compile probes follow the kernel's
# headers. The driver is built again and again in one directory, nothing is cleaned, and
# only mm.h changes: as when somebody applies driver/kvm's patch to the kernel of this
# very release, or takes it back. The changed file is older than all that was built, so
# that no time stamp gives it away.

# Functions are called by result().
# shellcheck disable=SC2317
# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/common.sh"

# A kernel with the patch.
KERNEL=lts-6.1
PATCH=$TOP/driver/kvm/0001-KVM-arm64-Map-device-memory-Normal-NC-6.1.y.patch
# What is said, and so compiled in, only where the headers lack the flag.
NOTICE='lacks VM_ALLOW_ANY_UNCACHED'

# The header without what the patch adds to it.
unpatched_header() # DIRECTORY
{
	mkdir -p "$1/include/linux"
	cp "$HEADERS/include/linux/mm.h" "$1/include/linux/"
	awk '/^diff --git / { on = / b\/include\/linux\/mm\.h$/ } on' "$PATCH" >"$1/mm.patch"
	in_tree "$TOOLS" -w "$1" -- patch -R -s -p1 -d "$1" -i "$1/mm.patch" >&2
	touch -d 2001-01-01 "$1/include/linux/mm.h"
}

build() # [in_tree's options]
{
	in_tree "$TOOLS" -w "$DIR" -r "$KERNEL_DIR/usr/src=/usr/src" "$@" -- \
		make -s -C "/usr/src/linux-headers-$RELEASE" M="$DIR/src" ARCH=arm64 \
			CROSS_COMPILE="$(compiler arm64)" CC="$(compiler arm64)$(<"$KERNEL_DIR/cc")" \
			CONFIG_DEBUG_INFO_BTF_MODULES= modules >"$DIR/log" 2>&1 ||
	{
		sed 's/^/# /' "$DIR/log"
		echo "Bail out! the driver does not build"
		exit 1
	}
}

NR=0 FAILED=0

result() # TEXT COMMAND...
{
	local text=$1 not=''
	shift

	"$@" || { not='not '; FAILED=1; }
	printf '%sok %d %s\n' "$not" "$((NR += 1))" "$text"
}

has_flag()
{
	grep -qx '#define ASCEND_HAVE_ANY_UNCACHED 1' "$DIR/src/driver/compat/probed.h" &&
		! grep -q "$NOTICE" "$DIR/src/ascend_vfio_pci.ko"
}

lacks_flag()
{
	! grep -q '#define ASCEND_HAVE_ANY_UNCACHED' "$DIR/src/driver/compat/probed.h" &&
		grep -q "$NOTICE" "$DIR/src/ascend_vfio_pci.ko"
}

built()
{
	(cd "$DIR/src" && stat -c '%n %y' driver/compat/probed.h driver/main.o ascend_vfio_pci.ko)
}

probe()
{
	local before

	DIR=$(mktemp -d "$CACHE/.probes.XXXXXX")
	trap 'rm -rf "$DIR"' EXIT
	mkdir "$DIR/src"
	# Without what a build left here.
	tar -c -C "$TOP" --exclude='.*' --exclude='*.o' --exclude='*.ko' --exclude='probed.h*' \
		Kbuild dkms.conf driver include | tar -x -C "$DIR/src"
	unpatched_header "$DIR/unpatched"

	echo 1..4
	build
	result "patched headers: probed.h and the module have the flag" has_flag
	before=$(built)
	build
	result "the same headers: nothing is built again" test "$before" = "$(built)"
	build -r "$DIR/unpatched/include/linux/mm.h=/usr/src/linux-headers-$RELEASE/include/linux/mm.h"
	result "patch taken back, same release, older file: neither has it" lacks_flag
	build
	result "patch applied again: both have it" has_flag
	return "$FAILED"
}

main()
{
	local inputs

	TOOLS=$(part fetch tools)
	KERNEL_DIR=$(part kernels "$KERNEL")
	RELEASE=$(<"$KERNEL_DIR/release")
	HEADERS=$KERNEL_DIR/usr/src/linux-headers-$RELEASE
	mkdir -p "$CACHE"
	inputs=$(checksums Kbuild dkms.conf driver include tools/testbed/{probes,common}.sh)
	once "probes-$(key_of "$TOOLS" "$KERNEL_DIR" "$inputs")" probe
}

main; exit
