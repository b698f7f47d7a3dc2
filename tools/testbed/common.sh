# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What all scripts of the test bed share: messages, the cache, the sandbox that
# unpacked Debian packages run in. Sourced, never run.

set -euo pipefail
shopt -s inherit_errexit
export LC_ALL=C
umask 022

TESTBED=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# Read by the scripts that source this one.
# shellcheck disable=SC2034
TOP=$(cd "$TESTBED/../.." && pwd)
# What the simulator, the selftests and the reader of results all know.
# shellcheck disable=SC2034
FACTS=$TOP/tools/npu-facts
CACHE=${ASCEND_CACHE:-${XDG_CACHE_HOME:-${HOME:-/var/tmp}/.cache}/ascend_vfio_pci}
ME=${0##*/}

# --- messages: all on stderr, stdout belongs to results ---------------------

say()
{
	local now

	printf -v now '%(%s)T' -1
	printf '[%4ds] %s\n' "$((now - ASCEND_T0))" "$*" >&2
}

warn()
{
	printf '%s: warning: %s\n' "$ME" "$*" >&2
}

die()
{
	printf '%s: %s\n' "$ME" "$*" >&2
	exit 1
}

# One clock for a whole run: children inherit it.
: "${ASCEND_T0:=$(date +%s)}"
export ASCEND_T0

# --- compilers ---------------------------------------------------------------

# The prefix of their names, by what kbuild calls the architecture.
compiler() # ARCH
{
	case $1 in
	arm64) echo aarch64-linux-gnu- ;;
	x86)   echo x86_64-linux-gnu- ;;
	*)     die "no compiler for architecture '$1'" ;;
	esac
}

# --- programs of an unpacked tree -------------------------------------------

# From "readelf -d" of many files: all that FILE needs, directly or not.
needed_by() # FILE
{
	awk -v program="$1" '
		/^File: / { n = split($2, path, "/"); file = path[n] }
		/\(NEEDED\)/ { gsub(/[][]/, "", $NF); needs[file] = needs[file] " " $NF }
		function visit(f,   i, n, list) {
			n = split(needs[f], list, " ")
			for (i = 1; i <= n; i++)
				if (!seen[list[i]]++) {
					print list[i]
					visit(list[i])
				}
		}
		END { visit(program) }'
}

# --- packages of the host ----------------------------------------------------

# need COMMAND PACKAGE: the host lacks COMMAND: install the package that has it.
need()
{
	local sudo=()

	command -v "$1" >/dev/null && return 0
	command -v apt-get >/dev/null ||
		die "$1 is missing and this is no Debian: install what holds it ($2 in Debian)"
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null ||
			die "$1 is missing: as root, run 'apt-get install $2'"
		sudo=(sudo)
	fi
	say "installing the host package $2 (apt-get install $2)"
	local opts=(-y --no-install-recommends)
	"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install "${opts[@]}" "$2" \
		>/dev/null 2>&1 </dev/null ||
	{
		# The usual cause on a fresh machine: no lists, or old ones.
		"${sudo[@]}" apt-get update >&2 </dev/null
		"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install "${opts[@]}" "$2" \
			>&2 </dev/null
	} || die "could not install $2: install it by hand, then try again"
}

# --- cache -------------------------------------------------------------------
#
# $CACHE/NAME-KEY/files is an entry's content, KEY a hash of all it depends on.
# An entry is made under another name and renamed when complete, so it is there
# whole or not at all; beside the content lies a manifest, so that damage done
# later is noticed. flock keeps two runs from making one entry twice.

# Hash of the arguments, short enough for a file name.
key_of()
{
	printf '%s\0' "$@" | sha256sum | cut -c1-16
}

# What the manifest records. Size and mtime, not content: checking the whole
# cache must not take longer than starting a test.
manifest()
{
	(cd "$1" && find . -printf '%P\t%y\t%l\t%m' \
		\( -type f -printf '\t%s\t%T@\n' -o -printf '\n' \) | sort) | sha256sum
}

cache_intact()
{
	[ -f "$1/manifest" ] &&
		[ "$(manifest "$1/files" 2>/dev/null)" = "$(<"$1/manifest")" ]
}

# cache_get NAME KEY COMMAND...: print the directory of the entry; where it is
# missing or damaged, make it first by running COMMAND... DIRECTORY.
cache_get()
{
	local name=$1 dir=$CACHE/$1-$2 lock new
	shift 2

	if ! cache_intact "$dir"; then
		mkdir -p "$CACHE/locks"
		exec {lock}>"$CACHE/locks/$name"
		if ! flock -n "$lock"; then
			say "$name: waiting for another run that is preparing it"
			flock "$lock"
		fi
		if ! cache_intact "$dir"; then
			[ ! -e "$dir" ] || warn "cache entry ${dir##*/} is damaged, making it again"
			# Under the lock, so these are what killed runs left.
			rm -rf "$dir" "$CACHE/.new.$name".*
			new=$(mktemp -d "$CACHE/.new.$name.XXXXXX")
			chmod 755 "$new"
			mkdir "$new/files"
			# In a subshell of its own, so that its traps and
			# directory changes stay there; errexit still holds.
			("$@" "$new/files" >&2 </dev/null)
			manifest "$new/files" >"$new/manifest"
			mv -T "$new" "$dir"
			cache_prune "$name" "$dir"
		fi
		exec {lock}>&-
	fi
	touch "$dir"
	printf '%s\n' "$dir/files"
}

# Entries of this name that nobody has used for a month: superseded versions.
cache_prune()
{
	find "$CACHE" -maxdepth 1 -name "$1-????????????????" ! -path "$2" -mtime +30 \
		-exec rm -rf {} +
}

# --- verdicts ------------------------------------------------------------------
#
# What an analyser found good is not looked at again while all that it depends on is the
# same. Only good verdicts are kept, each under a key_of() of what it depends on.

VERDICTS=$CACHE/verdicts

is_known_good() # KEY
{
	touch -c "$VERDICTS/$1" 2>/dev/null && [ -e "$VERDICTS/$1" ]
}

# And forgets what nobody has asked for since a month.
keep_as_good() # KEY [FILE]: which is moved there, so that it is never there in part
{
	mkdir -p "$VERDICTS"
	if [ -n "${2-}" ]; then mv "$2" "$VERDICTS/$1"; else : >"$VERDICTS/$1"; fi
	find "$VERDICTS" -type f -mtime +30 -delete
}

# What COMMAND prints, or printed when it passed with this key.
once() # KEY COMMAND...
{
	local said status

	if is_known_good "$1"; then
		cat "$VERDICTS/$1"
		echo '# known from an earlier run, of these very files'
		return
	fi
	mkdir -p "$VERDICTS"
	said=$(mktemp "$VERDICTS/.once.XXXXXX")
	# Not in a condition, where errexit would not hold.
	set +e
	(set -e; "${@:2}") | tee "$said"
	status=$?
	set -e
	if [ $status = 0 ]; then keep_as_good "$1" "$said"; else rm "$said"; fi
	return $status
}

# --- sources -------------------------------------------------------------------

# Source files below $TOP in the given places, NUL-terminated: not what was built
# among them. Without git (a tarball), whatever is there.
list_sources() # PATH...
{
	{
		git -C "$TOP" ls-files -z -co --exclude-standard -- "$@" 2>/dev/null ||
		(cd "$TOP" && find "$@" -type f ! -name '.*' -print0)
	} | while IFS= read -r -d '' file; do
		# Tracked, but deleted in the working tree.
		[ ! -f "$TOP/$file" ] || printf '%s\0' "$file"
	done | sort -z
}

# --- parts of the test bed ---------------------------------------------------

# What scripts printed in this run, a file for each command. Children inherit it; check.sh
# removes old runs.
: "${ASCEND_ANSWERS:=$CACHE/runs/answers-$ASCEND_T0-$$}"
export ASCEND_ANSWERS

# part SCRIPT ARGUMENT...: print what fetch, kernels or build prints, the directory of
# that part. Each is asked once a run, as it takes a second of looking at sources and at
# the cache; a run needs them hundreds of times.
part()
{
	local IFS=- answer new
	answer=$ASCEND_ANSWERS/$*
	new=$answer.$BASHPID

	if [ ! -s "$answer" ]; then
		mkdir -p "$ASCEND_ANSWERS"
		# Callers may ask in a condition, where errexit does not hold.
		"$TESTBED/$1.sh" "${@:2}" >"$new" || return
		mv "$new" "$answer"
	fi
	printf '%s\n' "$(<"$answer")"
}

# For the key of a verdict: what is in source files, as list_sources() takes them.
checksums() # PATH...
{
	(cd "$TOP" && list_sources "$@" | sort -zu | xargs -0 sha256sum)
}

# --- a run -------------------------------------------------------------------

# start_run NAME: OUT is where it leaves what it makes, until all has gone well. Jobs in the
# background are ended with it.
start_run()
{
	OUT=$CACHE/runs/$1-$(date +%Y%m%d-%H%M%S)-$$
	mkdir -p "$OUT"
	trap end_run EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
}

# shellcheck disable=SC2317 # reached by the trap
end_run()
{
	local status=$? running

	trap - EXIT
	# Only what still runs: the number of what has ended may be another's by now.
	mapfile -t running < <(jobs -pr)
	[ ${#running[@]} = 0 ] || kill -TERM "${running[@]}" 2>/dev/null || true
	wait
	[ "$status" != 0 ] || rm -rf "$OUT"
	exit "$status"
}

# --- sandbox -----------------------------------------------------------------

# in_tree TREE [-w DIR[=DEST]]... [-r DIR[=DEST]]... [-e NAME=VALUE]... [-c DIR] -- COMMAND...
# Run a command with an unpacked Debian tree as its root file system: DIRs appear
# at their own place (or DEST), writable (-w) or not (-r). No network; the command
# and all it starts end with the shell that called this.
in_tree()
{
	local tree=$1 view=()
	shift
	view=(--unshare-net --unshare-pid --unshare-ipc --die-with-parent --clearenv
	      --setenv PATH /usr/bin:/usr/sbin --setenv LC_ALL C --setenv HOME /tmp
	      --ro-bind "$tree/usr" /usr --ro-bind "$tree/etc" /etc
	      --symlink usr/bin /bin --symlink usr/sbin /sbin
	      --symlink usr/lib /lib --symlink usr/lib64 /lib64
	      --dev /dev --proc /proc --tmpfs /tmp)
	exec_view "$@"
}

# in_root ROOT [-w DIR[=DEST]]... [-r DIR[=DEST]]... [-e NAME=VALUE]... [-c DIR] -- COMMAND...
# Run a command as root in a whole system's tree (roots.sh), which it may change: so
# packages can be installed there. As in_tree() otherwise; only root can do it.
in_root()
{
	local view=(--unshare-net --unshare-pid --unshare-ipc --die-with-parent --clearenv
		    --setenv PATH /usr/sbin:/usr/bin:/sbin:/bin --setenv LC_ALL C.UTF-8
		    --setenv HOME /root --setenv DEBIAN_FRONTEND noninteractive
		    --bind "$1" / --dev /dev --proc /proc --tmpfs /tmp --tmpfs /run)
	shift
	exec_view "$@"
}

# As root of an unpacked tree that may be written, as dpkg's scripts run.
as_root_of() # ROOT COMMAND...
{
	exec_bwrap --unshare-user --uid 0 --gid 0 --unshare-net --unshare-pid --unshare-ipc \
		--die-with-parent --clearenv --setenv PATH /usr/bin:/usr/sbin --setenv LC_ALL C \
		--bind "$1" / --dev /dev --proc /proc --tmpfs /tmp --tmpfs /run -- "${@:2}"
}

# The options of in_tree() and in_root(), behind what the caller has put into "view".
exec_view()
{
	while [ "$1" != -- ]; do
		case $1 in
		-w) view+=(--bind "${2%%=*}" "${2#*=}") ;;
		-r) view+=(--ro-bind "${2%%=*}" "${2#*=}") ;;
		-e) view+=(--setenv "${2%%=*}" "${2#*=}") ;;
		-c) view+=(--chdir "$2") ;;
		*) die "${FUNCNAME[1]}: unknown option $1" ;;
		esac
		shift 2
	done
	shift
	exec_bwrap "${view[@]}" -- "$@"
}

exec_bwrap()
{
	need bwrap bubblewrap
	bwrap "$@"
}
