#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# kernels.sh NAME: print the directory of a cached kernel for L1, which holds
#   Image                 what QEMU boots
#   release arch cc       its release string, architecture, compiler (file each)
#   usr/lib/modules/REL   modules, with modules.dep
#   usr/src/...           headers and kbuild programs: mount it on /usr/src
# kernels.sh --list: print the names.

# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=tools/testbed/apt.sh
. "$TESTBED/apt.sh"

# name, how it is made, architecture, then by kind:
#   debian: the role (apt.sh) whose linux-image-ARCH is taken
KERNELS='
    debian-stable      debian  arm64  stable
    debian-backports   debian  arm64  backports'

list()
{
	awk 'NF { print $1 }' <<<"$KERNELS"
}

# --- Debian's own, prebuilt --------------------------------------------------

# linux-image-arm64 -> the packages that hold image, modules, headers, kbuild.
debian_packages() # ARCH ROLE
{
	local arch=$1 role=$2 version image headers parts package

	version=$(newest "$role" "linux-image-$arch:$arch")
	image=$(field "linux-image-$arch:$arch=$version" Depends | grep -oE "linux-image-[0-9][^ ]*")
	headers=${image/image/headers}
	# Since 7.x linux-image- is empty and depends on two packages.
	parts=$(field "$image:$arch=$version" Depends |
		grep -oE 'linux-(base|binary|modules)-[0-9][^ ]*' || echo "$image")
	for package in $parts "$headers"; do
		printf '%s:%s=%s\n' "$package" "$arch" "$version"
	done
	# The common headers are for all; kbuild's programs run on this machine.
	field "$headers:$arch=$version" Depends |
		grep -oE 'linux-(headers-[^ ]+-common|kbuild-[^ ,]+)' |
		sed "s/\$/:amd64=$version/"
}

make_debian() # PACKAGES DIRECTORY
{
	local dir=$2 tools kernel release arch

	tools=$("$TESTBED/fetch.sh" tools)
	# shellcheck disable=SC2086 # one word per package
	unpack "$dir" $1
	kernel=$(find "$dir/usr/lib/modules" -mindepth 1 -maxdepth 1)
	release=${kernel##*/}
	arch=${release##*-}
	# Where it lies depends on the age of the packaging.
	mv "$(find "$dir/boot" "$kernel" -maxdepth 1 -name 'vmlinuz*' 2>/dev/null | head -1)" \
		"$dir/Image"
	rm -rf "${dir:?}/boot" "${dir:?}/usr/share"
	rm -f "$dir"/usr/src/linux-kbuild-*
	# kbuild's programs beside the headers: one directory to mount.
	mv "$dir"/usr/lib/linux-kbuild-* "$dir/usr/src/"
	find "$dir/usr/src" -maxdepth 2 -type l -lname '*/lib/linux-kbuild-*' | while read -r link; do
		ln -sfn "$(readlink "$link" | sed 's|.*/lib/|../|')" "$link"
	done
	say "$NAME: $release: indexing modules"
	in_tree "$tools" -w "$dir" -- depmod -b "$dir/usr" "$release"
	printf '%s\n' "$release" >"$dir/release"
	printf '%s\n' "$arch" >"$dir/arch"
	sed -nE 's/^CC = .*(gcc-[0-9]+)$/\1/p' \
		"$dir/usr/src/linux-headers-$release/.kernelvariables" >"$dir/cc"
	[ -s "$dir/cc" ] || die "$release: its headers name no compiler"
}

# --- main --------------------------------------------------------------------

get()
{
	local recipe

	recipe=$(awk -v name="$NAME" '$1 == name { $1 = ""; print substr($0, 2) }' <<<"$KERNELS")
	[ -n "$recipe" ] || die "unknown kernel '$NAME': there are $(list | paste -sd' ')"
	get_packages "kernel-$NAME" "$recipe"
}

case ${1---help} in
--list)
	list ;;
--help)
	sed -n '/^# kernels.sh/,/^$/s/^# \?//p' "$0" ;;
*)
	NAME=$1
	get ;;
esac
