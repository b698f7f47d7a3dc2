# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
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
    oldstable    bookworm           main      amd64
    oldstable    bookworm-security  security  amd64'

APT=$CACHE/apt
LOOKUP_DAYS=7

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

# Refresh the private lists, at most once per run.
apt_update()
{
	local lock

	command -v apt-get >/dev/null ||
		die "needs apt-get: this test bed takes its parts from Debian's archive"
	mkdir -p "$CACHE/locks"
	exec {lock}>"$CACHE/locks/apt"
	flock "$lock"
	if [ ! -e "$APT/updated" ] || [ "$(stat -c %Y "$APT/updated")" -lt "$ASCEND_T0" ]; then
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

# lookup NAME COMMAND...: print what COMMAND printed not longer than LOOKUP_DAYS
# ago, or run it with fresh lists. Without network an older answer has to do.
lookup()
{
	local file=$CACHE/lookups/$1 status
	shift

	mkdir -p "$CACHE/lookups"
	if [ ! -s "$file" ] || [ -n "$(find "$file" -mtime "+$LOOKUP_DAYS")" ]; then
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
