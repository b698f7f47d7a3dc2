#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# dkms.sh install       install the driver with DKMS for every kernel here that has headers, in
#                       the place of any other version of it; again, it does what is missing
# dkms.sh remove        remove every version; again, it does nothing
# dkms.sh sources DIR   copy there what DKMS builds from, and no more
#
# Runs on the machine that the driver is for, as root (but for sources).

set -euo pipefail
shopt -s inherit_errexit nullglob
export LC_ALL=C

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

say()
{
	printf '%s\n' "$*"
}

die()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# dkms.conf is the one place for these.
conf() # VARIABLE
{
	sed -n "s/^$1=\"\(.*\)\"\$/\1/p" "$TOP/dkms.conf"
}

NAME=$(conf PACKAGE_NAME)
VERSION=$(conf PACKAGE_VERSION)
SOURCE=/usr/src/$NAME-$VERSION
TREE=/var/lib/dkms/$NAME

# --- what DKMS builds from ---------------------------------------------------

# Not what a build has left here, nor what the driver is not made of.
sources() # DIR
{
	local file mode

	cd "$TOP"
	find Kbuild dkms.conf LICENSE driver include -type f \( -name '*.[ch]' -o -name '*.sh' \
		-o ! -path '*/*' \) ! -name probed.h | while IFS= read -r file; do
		mode=644
		[[ $file != *.sh ]] || mode=755
		install -D -m $mode "$file" "$1/$file"
	done
}

# --- what is here -------------------------------------------------------------

# Versions that DKMS knows. "source" tells them from DKMS's own links, kernel-RELEASE-ARCH.
versions()
{
	local link

	for link in "$TREE"/*/source; do
		link=${link%/source}
		[[ ${link##*/} == kernel-* ]] || printf '%s\n' "${link##*/}"
	done
}

kernels_with_headers()
{
	local dir

	for dir in /lib/modules/*/build; do
		[ ! -e "$dir/Makefile" ] || { dir=${dir%/build}; printf '%s\n' "${dir##*/}"; }
	done
}

# Why DKMS would not build for a kernel, which it does not say; or nothing.
obstacle() # KERNEL
{
	if ! [[ $1 =~ $(conf BUILD_EXCLUSIVE_KERNEL) ]]; then
		say "too old, the driver needs Linux 6.1 or later"
	elif ! grep -qE "^$(conf BUILD_EXCLUSIVE_CONFIG)=[ym]" "/lib/modules/$1/build/.config"; then
		say "built without vfio-pci-core ($(conf BUILD_EXCLUSIVE_CONFIG)), which the driver is a part of"
	fi
}

# The version that dkms.conf names.
is() # STATE KERNEL
{
	dkms status "$NAME/$VERSION" -k "$2" | grep -qE ": ($1)"
}

# A package's files are not ours to replace.
refuse_if_packaged()
{
	local dir owner

	for dir in /usr/src/"$NAME"-*/; do
		owner=$({ dpkg-query -S "${dir}dkms.conf" || rpm -qf "${dir}dkms.conf"; } 2>/dev/null) ||
			continue
		die "the package ${owner%%:*} has the driver here: upgrade or remove that"
	done
}

prepare()
{
	[ "$(id -u)" = 0 ] || die "must be run as root"
	command -v dkms >/dev/null ||
		die "dkms is missing: apt-get install dkms, or dnf install dkms"
	refuse_if_packaged
}

# --- steps ----------------------------------------------------------------------

forget() # VERSION
{
	say "removing version $1"
	dkms remove "$NAME/$1" --all >/dev/null
	rm -rf "/usr/src/$NAME-$1"
}

# DKMS may know a version whose source is another by now.
add()
{
	local new

	new=$(mktemp -d "/usr/src/.$NAME.XXXXXX")
	chmod 755 "$new"
	sources "$new"
	if [ -e "$TREE/$VERSION/source" ] && diff -r "$new" "$SOURCE" >/dev/null 2>&1; then
		rm -r "$new"
		return
	fi
	[ ! -e "$TREE/$VERSION" ] || forget "$VERSION"
	rm -rf "$SOURCE"
	mv -T "$new" "$SOURCE"
	dkms add "$NAME/$VERSION" >/dev/null
}

build() # KERNEL
{
	say "building version $VERSION for $1"
	dkms build "$NAME/$VERSION" -k "$1" >/dev/null && return
	tail -n 30 "$TREE/$VERSION/build/make.log" >&2 || true
	forget "$VERSION" >&2
	die "it does not build for $1 (see above); what was installed before is as it was"
}

# The kernels to install for; says which are left out.
choose()
{
	local kernel why

	for kernel in $(kernels_with_headers); do
		why=$(obstacle "$kernel")
		if [ -z "$why" ]; then
			printf '%s\n' "$kernel"
		else
			say "not for $kernel: $why" >&2
		fi
	done
}

# Modules in an initramfs are copies.
update_early()
{
	local files=(/etc/ascend-vfio/early.d/*)

	[ ${#files[@]} != 0 ] || return 0
	say "NPUs are bound in the initramfs, making that anew"
	if command -v update-initramfs >/dev/null; then
		update-initramfs -u -k all
	else
		dracut --force --regenerate-all
	fi
}

last_words() # KERNEL...
{
	local running loaded=/sys/module/$NAME/version

	running=$(uname -r)
	if [[ " $* " != *" $running "* ]] && [ -d "/lib/modules/$running" ]; then
		say "not for the running kernel, $running: install its headers and try again, or reboot into one of: $*"
	elif [ -r "$loaded" ] && [ "$(<"$loaded")" != "$VERSION" ]; then
		say "version $(<"$loaded") is loaded: unbind its devices, then modprobe -r $NAME, or reboot"
	fi
}

cmd_install()
{
	local kernels kernel old changed=''

	prepare
	mapfile -t kernels < <(choose)
	[ ${#kernels[@]} != 0 ] ||
		die "no kernel here that it can be built for has headers: apt-get install linux-headers-arm64 (or -amd64), or dnf install kernel-devel"
	add
	for kernel in "${kernels[@]}"; do
		is 'built|installed' "$kernel" || build "$kernel"
	done
	# Not before the new one is known to build, nor after: DKMS would not put a lower
	# version in the place of a higher.
	for old in $(versions); do
		[ "$old" = "$VERSION" ] || forget "$old"
	done
	for old in /usr/src/"$NAME"-*/; do
		[ "$old" = "$SOURCE/" ] || rm -r "$old"
	done
	for kernel in "${kernels[@]}"; do
		if ! is installed "$kernel"; then
			dkms install "$NAME/$VERSION" -k "$kernel" >/dev/null
			changed=yes
		fi
		say "version $VERSION is installed for $kernel"
	done
	[ -z "$changed" ] || update_early
	last_words "${kernels[@]}"
}

cmd_remove()
{
	local version dir any=''

	prepare
	for version in $(versions); do
		forget "$version"
		any=yes
	done
	for dir in /usr/src/"$NAME"-*/; do
		rm -r "$dir"
	done
	rm -rf "$TREE"
	if [ -z "$any" ]; then
		say "DKMS has no $NAME"
	else
		update_early
	fi
}

case ${1-} in
install) cmd_install ;;
remove) cmd_remove ;;
sources) sources "$(realpath -m "${2:?}")" ;;
*) sed -n '/^# dkms.sh/,/^$/s/^# \?//p' "$0"; exit 2 ;;
esac
