# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A private apt: knows Debian's suites, downloads packages, installs nothing and
# never touches the machine's own lists. Sourced after common.sh.
#
# Nothing is pinned: what is newest in a suite is taken, remembered for a week
# (so that a second run starts at once and needs no network), then looked up again.

# The one place that names releases. role: what the other scripts ask for;
# suites: where that is, the machine's mirror having what it has of them.
#   role         suite              archive   architectures
SUITES='
    stable       trixie             main      amd64,arm64
    stable       trixie-updates     main      amd64,arm64
    stable       trixie-security    security  amd64,arm64
    backports    trixie-backports   main      amd64,arm64
    oldstable    bookworm           main      amd64,arm64
    oldstable    bookworm-security  security  amd64,arm64'

# Of its own for other suites, as another version of this test bed may share the cache.
APT=$CACHE/apt-$(key_of "$SUITES")
LOOKUP_MINUTES=10080
UPDATE_MINUTES=60

# The first suite of a role, as apt-get -t takes it.
suite()
{
	awk -v role="$1" '$1 == role { print $2; exit }' <<<"$SUITES"
}

# --- set-up ------------------------------------------------------------------

# Lines "LABEL URI SOURCES-FILE" of the machine's own Debian archives.
machine_archives()
{
	# The names in $() are apt's, not the shell's.
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)|$(SOURCESENTRY)' \
		'Created-By: Packages' | awk -F'|' '
		$1 == "Debian" { sub(/:[0-9]+$/, "", $4); print $2 "|" $3 "|" $4 }' | sort -u
}

# Keyrings to verify with: the ones the machine's sources name and Debian's own.
keyrings()
{
	{
		grep -hiPo '^Signed-By:\s*\K/\S+|signed-by=\K[^] ]+' "$@" 2>/dev/null || true
		ls /usr/share/keyrings/debian-archive-keyring.[gp]?p 2>/dev/null || true
	} | tr ',' '\n' | sort -u | while read -r ring; do
		[ ! -r "$ring" ] || printf '%s\n' "$ring"
	done | paste -sd,
}

apt_sources()
{
	local archives main security rings options suite archive arch uri

	archives=$(machine_archives)
	if [ -z "$archives" ] && [ "$(id -u)" = 0 ]; then
		# A container image without package lists.
		apt-get update >&2
		archives=$(machine_archives)
	fi
	main=$(awk -F'|' '$1 == "Debian" { print $2; exit }' <<<"$archives")
	security=$(awk -F'|' '$1 == "Debian-Security" { print $2; exit }' <<<"$archives")
	[ -n "$main" ] ||
		die "apt knows no Debian archive: add one to its sources and run 'apt-get update' as root"
	[ -n "$security" ] ||
		warn "apt knows no Debian security archive: going without security updates"
	mapfile -t files < <(cut -d'|' -f3 <<<"$archives" | sort -u)
	rings=$(keyrings "${files[@]}")

	while read -r _ suite archive arch; do
		[ -n "$suite" ] || continue
		uri=$main
		[ "$archive" = main ] || uri=$security
		[ -n "$uri" ] || continue
		options="arch=$arch target=Packages"
		[ -z "$rings" ] || options+=" signed-by=$rings"
		printf 'deb [%s] %s %s main\n' "$options" "$uri" "$suite"
	done <<<"$SUITES"
}

apt_conf()
{
	cat <<-CONF
	Dir::Etc::SourceList "$APT/sources.list";
	Dir::Etc::SourceParts "/dev/null";
	Dir::Etc::Preferences "/dev/null";
	Dir::Etc::PreferencesParts "/dev/null";
	Dir::State "$APT/state";
	Dir::State::Lists "$APT/state/lists";
	Dir::State::status "$APT/status";
	Dir::Cache "$APT/cache";
	Dir::Cache::Archives "$APT/cache/archives";
	Dir::Cache::pkgcache "pkgcache.bin";
	Dir::Cache::srcpkgcache "";
	Dir::Log "$APT/log";
	#clear APT::Architectures;
	APT::Architecture "amd64";
	APT::Architectures { "amd64"; "arm64"; };
	#clear APT::Update::Pre-Invoke;
	#clear APT::Update::Post-Invoke;
	#clear APT::Update::Post-Invoke-Success;
	#clear DPkg::Pre-Install-Pkgs;
	#clear DPkg::Pre-Invoke;
	#clear DPkg::Post-Invoke;
	APT::Sandbox::User "root";
	APT::Default-Release "";
	APT::Install-Recommends "0";
	APT::Install-Suggests "0";
	APT::Get::AllowUnauthenticated "0";
	Acquire::Languages "none";
	Acquire::Retries "3";
	CONF
}

apt()
{
	apt-get -c "$APT/apt.conf" -qq "$@"
}

aptcache()
{
	apt-cache -c "$APT/apt.conf" "$@"
}

# Refresh the private lists, unless that was done a moment ago.
apt_update()
{
	local lock

	command -v apt-get >/dev/null ||
		die "needs apt-get: this test bed takes its parts from Debian's archive"
	mkdir -p "$CACHE/locks"
	exec {lock}>"$CACHE/locks/apt"
	flock "$lock"
	if [ -z "$(find "$APT/updated" -mmin "-$UPDATE_MINUTES" 2>/dev/null)" ]; then
		say "looking up the newest packages"
		rm -f "$APT/updated"
		mkdir -p "$APT"/{state/lists/partial,cache/archives/partial,log}
		: >"$APT/status"
		apt_sources >"$APT/sources.list"
		apt_conf >"$APT/apt.conf"
		apt update >&2 </dev/null
		aptcache gencaches >/dev/null
		touch "$APT/updated"
	fi
	exec {lock}>&-
}

# --- look-ups ----------------------------------------------------------------

# newest ROLE PACKAGE[:ARCH]: its newest version there; a suite's -updates and
# -security count as the suite.
newest()
{
	local names

	names=$(awk -v role="$1" '$1 == role { print $2 }' <<<"$SUITES" | paste -sd'|')
	aptcache madison "$2" | awk -F'|' -v suites="^($names)/" '
		{ gsub(/ /, "", $2); split($3, where, " ") }
		where[2] ~ suites && !found { print $2; found = 1 }'
}

# field PACKAGE[:ARCH]=VERSION NAME: one field of a package's record.
field()
{
	aptcache show "$1" | awk -v name="$2:" '
		$1 == name && !seen { sub(/^[^ ]+ /, ""); print; seen = 1 }'
}

# lookup MINUTES NAME COMMAND...: print what COMMAND printed not longer than MINUTES
# ago, or run it with fresh lists. Without network an older answer has to do.
lookup()
{
	local minutes=$1 file=$CACHE/lookups/$2 status
	shift 2

	mkdir -p "$CACHE/lookups"
	if [ ! -s "$file" ] || [ -n "$(find "$file" -mmin "+$minutes")" ]; then
		# Not in a condition: errexit would not hold inside.
		set +e
		(set -e; apt_update; "$@" >"$file.$$")
		status=$?
		set -e
		if [ $status = 0 ] && [ -s "$file.$$" ]; then
			mv "$file.$$" "$file"
		else
			rm -f "$file.$$"
			[ -s "$file" ] ||
				die "${file##*/}: cannot look it up in Debian's archive (see above): is the network there?"
			warn "${file##*/}: no newer look-up possible, using the one of $(date -r "$file" +%F)"
		fi
	fi
	cat "$file"
}

# get_packages ENTRY RECIPE: print the directory of a cache entry that is made of
# packages. RECIPE is words: a kind, and what the sourcing script's functions
# KIND_packages (which packages) and make_KIND (PACKAGES DIRECTORY) want to know.
get_packages()
{
	local entry=$1 recipe=$2 kind=${2%% *} name list key minutes

	name=$entry-$(key_of "$recipe")
	# A complete entry is good for a week; what has to be downloaded anyway is
	# looked up anew, as an old version may be gone from the mirror.
	for minutes in $LOOKUP_MINUTES $UPDATE_MINUTES; do
		# shellcheck disable=SC2086 # words
		list=$(lookup "$minutes" "$name" "${kind}_packages" ${recipe#* })
		key=$(key_of "$recipe" "$list" "$(declare -f "make_$kind" make_entry unpack)")
		! cache_intact "$CACHE/$entry-$key" || break
	done
	cache_get "$entry" "$key" make_entry "$entry" "make_$kind" "$list"
}

make_entry() # ENTRY FUNCTION PACKAGES DIRECTORY
{
	local packages more=''

	mapfile -t packages <<<"$3"
	[ ${#packages[@]} = 1 ] || more=" and $((${#packages[@]} - 1)) more"

	say "$1: downloading ${packages[0]}$more"
	apt_update
	"$2" "$3" "$4"
	printf '%s\n' "$3" >"${4%/*}/packages"
}

# --- download and unpack -----------------------------------------------------

# resolve ROLE ARCH PACKAGE...: "package:arch=version" for these and all that
# they depend on.
resolve()
{
	local suite
	suite=$(suite "$1")

	apt -s -y -t "$suite" -o APT::Architecture="$2" install "${@:3}" |
		sed -nE 's/^Inst ([^ :]+)(:\S+)? \((\S+) .*\[(\S+)\]\).*/\1:\4=\3/p' | sort
}

# unpack DIRECTORY PACKAGE:ARCH=VERSION...: download and unpack, laid out as a
# merged-/usr root file system (packages of before that change carry /lib, /bin).
unpack()
{
	local root=$1 debs dir
	shift

	debs=$(mktemp -d "$root/.debs.XXXXXX")
	(cd "$debs" && apt download "${@/:all=/=}")
	for dir in bin sbin lib lib64; do
		mkdir -p "$root/usr/$dir"
		ln -sfn "usr/$dir" "$root/$dir"
	done
	mkdir -p "$root/etc"
	# tar, to keep the links above: dpkg-deb -x would replace them.
	for deb in "$debs"/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" |
			tar -x -C "$root" --keep-directory-symlink --no-same-owner \
				--exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' \
				--exclude='./usr/share/locale/*' --exclude='./usr/share/info/*'
	done
	rm -rf "$debs"
}

# --- kernel sources ----------------------------------------------------------

# source_package ROLE PACKAGE: "package=version"; linux-source stands for the newest
# linux-source-X.Y there.
source_package()
{
	local version package=$2

	version=$(newest "$1" "$2:amd64")
	[ "$2" != linux-source ] ||
		package=$(field "$2:amd64=$version" Depends | grep -o 'linux-source-[0-9.]*')
	printf '%s=%s\n' "$package" "$version"
}

# unpack_source PACKAGE=VERSION DIRECTORY [PATTERN]: the kernel's source tree, or the
# files of it that match. The archive inside the package is never stored. Instead of a
# package it may be a directory that is copied.
unpack_source()
{
	local deb=$2/source.deb

	[ ! -d "$1" ] || { tar -c -C "$1" --exclude=./.git . | tar -x -C "$2"; return; }
	need xz xz-utils
	(cd "$2" && apt download "$1" && mv ./*.deb "$deb")
	dpkg-deb --fsys-tarfile "$deb" | tar -xO "./usr/src/${1%%=*}.tar.xz" | xz -dc |
		tar -x -C "$2" --strip-components=1 --wildcards "${@:3}"
	rm "$deb"
}
