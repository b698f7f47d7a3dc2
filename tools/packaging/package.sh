#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# package.sh deb    make ascend-vfio-pci-dkms and ascend-vfio as Debian packages
# package.sh rpm    the same as RPM packages
# O: where they go, and what is built on the way (default: obj/ here). Names them at the end.
# The version is dkms.conf's, what changed is README's "Releases".

set -euo pipefail
shopt -s inherit_errexit nullglob
export LC_ALL=C

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOP=$(cd "$HERE/../.." && pwd)
O=$(realpath -m "${O:-$HERE/obj}")
# Of a make that has called this, for which O is another.
unset MAKEFLAGS MFLAGS
export -n O
NAME=ascend-vfio-pci
VERSION=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"$/\1/p' "$TOP/dkms.conf")
AUTHORS=$(sed -n 's/^MODULE_AUTHOR("\(.*\)");$/\1/p' "$TOP/driver/main.c")

die()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# What packages are built from, in one directory, as it is in a release's archive.
assemble() # DIR
{
	rm -rf "$1"
	mkdir -p "$1"
	(cd "$TOP" && find Kbuild dkms.conf LICENSE README.md driver include tools/ascend-vfio \
		tools/packaging -name obj -prune -o -type f ! -name '*.o' ! -name '*.cmd' \
		! -name probed.h -print0 | tar -c --null -T -) | tar -x -C "$1"
}

# README's releases as "VERSION DATE TEXT" a line, newest first.
changes()
{
	awk '/^## / { on = $0 == "## Releases" }
		on && /^- \*\*[0-9]/ { if (text != "") print text; text = $0
			gsub(/^- \*\*|\*\* \(|\):/, " ", text); item = 1; next }
		on && item && /^  / { text = text $0; next }
		{ item = 0 }
		END { if (text != "") print text }' "$TOP/README.md" | tr -s ' ' | sed 's/^ //' |
		grep "" || die "README.md names no release"
}

# What is built has been written down as released.
check_changes()
{
	local newest

	newest=$(changes | head -n 1)
	[ "${newest%% *}" = "$VERSION" ] ||
		die "dkms.conf says version $VERSION, but the newest of README's Releases is ${newest%% *}"
}

# --- Debian ----------------------------------------------------------------------

debian_changelog()
{
	local version date text

	changes | while read -r version date text; do
		printf '%s (%s) unstable; urgency=medium\n\n' "$NAME" "$version"
		fold -s -w 76 <<<"$text" | sed 's/ *$//; 1s/^/  * /; 2,$s/^/    /'
		printf '\n -- %s  %s\n\n' "$AUTHORS" "$(date -u -R -d "$date")"
	done
}

make_deb()
{
	local dir=$O/deb/$NAME-$VERSION

	command -v dpkg-buildpackage >/dev/null ||
		die "dpkg-buildpackage is missing: apt-get install build-essential"
	assemble "$dir"
	cp -r "$HERE/debian" "$dir/"
	debian_changelog >"$dir/debian/changelog"
	(cd "$dir" && dpkg-checkbuilddeps) ||
		die "packages are missing (see above): install them with apt-get, then try again"
	(cd "$dir" && DEB_BUILD_OPTIONS=noautodbgsym dpkg-buildpackage --build=binary --unsigned-changes --unsigned-source)
	mv "$O"/deb/*.deb "$O/"
}

# --- RPM -------------------------------------------------------------------------

rpm_changelog()
{
	local version date text

	changes | while read -r version date text; do
		printf '* %s %s - %s-1\n- %s\n\n' "$(date -u -d "$date" '+%a %b %d %Y')" "$AUTHORS" \
			"$version" "$text"
	done
}

# RPM_OPTIONS: as --nodeps, where what it needs is there, but not as RPM packages.
make_rpm()
{
	local rpm=$O/rpm

	command -v rpmbuild >/dev/null || die "rpmbuild is missing: dnf install rpm-build"
	assemble "$rpm/$NAME-$VERSION"
	mkdir -p "$rpm"/{SOURCES,SPECS}
	tar -C "$rpm" -czf "$rpm/SOURCES/$NAME-$VERSION.tar.gz" "$NAME-$VERSION"
	{
		printf '%%global driver_version %s\n' "$VERSION"
		cat "$HERE/$NAME.spec"
		rpm_changelog
	} >"$rpm/SPECS/$NAME.spec"
	# shellcheck disable=SC2086 # words
	rpmbuild -ba ${RPM_OPTIONS-} --define "_topdir $rpm" "$rpm/SPECS/$NAME.spec"
	mv "$rpm"/RPMS/*/*.rpm "$rpm"/SRPMS/*.rpm "$O/"
}

case ${1-} in
deb | rpm)
	mkdir -p "$O"
	rm -rf "${O:?}/$1" "$O"/*."$1"
	check_changes
	"make_$1"
	rm -rf "${O:?}/$1"
	printf '%s\n' "$O"/*."$1" ;;
*)
	sed -n '/^# package.sh/,/^$/s/^# \?//p' "$0"
	exit 2 ;;
esac
