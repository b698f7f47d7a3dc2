#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# roots.sh NAME: print the directory of a cached root file system, or of packages to install
# in one, which is made first if need be. In a root, unlike in a tree of fetch.sh, packages
# were installed as on a real machine, maintainer scripts and all; copy it, then use in_root().
#   debian12, debian13    a machine that the driver is installed on: dkms, headers of its
#                         release's kernel, what makes its initramfs
#   build                 a machine that packages are made on, .deb and .rpm (Debian 12); it has
#                         what debian12 has, too, as rpm is where RPM packages are tried
#   kernels12, kernels13  another kernel for each, as a directory of packages: its headers and
#                         its image, of the cloud flavour, which is small

# Functions are called by names that are put together.
# shellcheck disable=SC2317
# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=tools/testbed/apt.sh
. "$TESTBED/apt.sh"

HOST='dkms linux-headers-amd64 initramfs-tools zstd openssl'
# What ascend-vfio is linked with.
HOST+=' libpci3 libkmod2 libjson-c5'

BUILD='build-essential debhelper dh-dkms lintian rpm cpio pkg-config'
BUILD+=' libpci-dev libkmod-dev libjson-c-dev'

KERNEL='linux-headers-cloud-amd64 linux-image-cloud-amd64'

# Kind, role and architecture, then packages.
recipe()
{
	case $1 in
	debian12)  echo "root oldstable amd64 $HOST" ;;
	debian13)  echo "root stable amd64 $HOST" ;;
	build)     echo "root oldstable amd64 $HOST $BUILD" ;;
	kernels12) echo "debs oldstable amd64 $KERNEL" ;;
	kernels13) echo "debs backports amd64 $KERNEL" ;;
	*)         sed -n '/^# roots.sh/,/^$/s/^# \?//p' "$0" >&2; exit 2 ;;
	esac
}

# --- what they are made of ----------------------------------------------------

# For the cache's key: mmdebstrap takes what is newest when it runs.
root_packages() # ROLE ARCH PACKAGE...
{
	local package

	for package in "${@:3}"; do
		printf '%s\n' "$package:$2=$(newest "$1" "$package:$2")"
	done
}

# A kernel's own packages, and the names its compiler has: what else they need is in the root.
debs_packages() # ROLE ARCH PACKAGE...
{
	resolve "$@" | grep -E '^linux-(image|headers|kbuild|base|binary|modules)\b|^(gcc|cpp)-[0-9]+-for-host:'
}

# --- making them -----------------------------------------------------------------

# The machine's archives, suites of the role.
role_sources() # ROLE ARCH
{
	local suite

	awk -v role="$1" '$1 == role { print $2 }' <<<"$SUITES" | while read -r suite; do
		grep " $suite main\$" "$APT/sources.list" || true
	done | sed "s/arch=[^ ]*/arch=$2/"
}

# In namespaces of its own, so that what it mounts and starts is gone when it ends, however
# it does: or else whoever clears up after it would do that to the machine's /dev and /sys.
make_root() # PACKAGES DIRECTORY
{
	local role=${ROW[1]} arch=${ROW[2]} log=${2%/*}/log

	[ "$(id -u)" = 0 ] || die "a root file system is made as root: try sudo"
	need mmdebstrap mmdebstrap
	role_sources "$role" "$arch" >"${2%/*}/sources"
	unshare --mount --pid --fork --kill-child mmdebstrap --quiet \
		--mode=root --variant=apt --architectures="$arch" --aptopt='APT::Install-Recommends "0"' \
		--dpkgopt=force-unsafe-io \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/info/*' \
		--include="$(tr ' ' ',' <<<"${ROW[*]:3}")" "$(suite "$role")" "$2" - \
		<"${2%/*}/sources" >"$log" 2>&1 || { cat "$log" >&2; return 1; }
	# What is installed later comes with its manual pages.
	rm "$2"/etc/dpkg/dpkg.cfg.d/99mmdebstrap
}

make_debs() # PACKAGES DIRECTORY
{
	# shellcheck disable=SC2086 # one word per package
	(cd "$2" && apt download ${1//:all=/=})
}

# What dpkg is at, once a minute.
progress() # ENTRY
{
	local log

	# It must not hold the terminal when it is left behind.
	while sleep 60 >/dev/null 2>&1; do
		for log in "$CACHE/.new.$1".*/files/var/log/dpkg.log; do
			[ ! -s "$log" ] || say "$1: $(tail -n 1 "$log" | cut -d' ' -f3-)"
		done
	done
}

# All of it is parsed before it runs: it takes minutes, and the file may be edited meanwhile.
main()
{
	read -ra ROW < <(recipe "$1") || exit 2
	progress "root-$1" &
	PROGRESS=$!
	trap 'kill "$PROGRESS"' EXIT
	get_packages "root-$1" "${ROW[*]}"
}

main "${1-}"; exit
