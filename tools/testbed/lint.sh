#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lint.sh [LINTER...]: print, as TAP, what linters find in the sources, a test for each (of
# TESTS, below; a word runs those that begin with it); all versions are Debian's, the same on
# every machine. What a linter may not find has its reason: in .checkpatch.conf, in
# .clang-tidy, or here.

# Functions are called by names that are put together.
# shellcheck disable=SC2317
# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/common.sh"

# linter and, for the driver, kernel: the one that most will use, and the newest ("lint" is
# what clang makes of it).
TESTS='
	shellcheck
	codespell
	kernel-doc
	checkpatch
	gcc debian-stable
	sparse debian-stable
	gcc debian-backports
	clang lint
	sparse lint
	cppcheck
	clang-tidy'

# Lines of findings that are shown.
SHOWN=20

# --- what to look at -----------------------------------------------------------

# Files that match (extended regular expression) and do not match, NUL-terminated. None is
# an error: a linter that looks at nothing finds nothing.
files() # PATTERN [BUT]
{
	local list

	mapfile -d '' list < <(cd "$TOP" && list_sources ./* | sed -z 's|^\./||' |
		grep -zE "$1" | grep -zvE "${2-^$}")
	[ ${#list[@]} != 0 ] || { echo "no file to look at" >&2; return 1; }
	printf '%s\0' "${list[@]}"
}

# Shell scripts are told by their name or first line.
scripts()
{
	files '.' '/corpus/' | while IFS= read -r -d '' file; do
		[[ $file == *.sh ]] || head -c 64 "$TOP/$file" | grep -qaE '^#!.*\b(ba|da)?sh\b' || continue
		printf '%s\0' "$file"
	done
}

DRIVER='^(driver|include|selftests/kunit)/.*\.[ch]$'

# C of user space: neither what is for CBMC, which has words of its own, nor modules.
PROGRAMS='^(selftests|tools)/.*\.c$'
NO_PROGRAM='^(selftests/(cbmc|kunit)|tools/testbed/native)/'

# With the linters as root file system, beside the sources.
inside() # COMMAND...
{
	in_tree "$LINTERS" -r "$TOP" -r "$HEADERS" -r "$UAPI" -r "$HARNESS" -c "$TOP" \
		-e "STAMPS=$STAMPS" -w "$STAMPS" -- "$@"
}

# A command for the files that stdin names, so many at a time on each processor.
on_each() # FILES COMMAND...
{
	inside xargs -0 -r -n "$1" -P "$(nproc)" "${@:2}"
}

# --- text ------------------------------------------------------------------------

lint_shellcheck()
{
	scripts | on_each 8 shellcheck -x
}

# Words of the field and of mdoc, and "hasn't" as the name of a function.
lint_codespell()
{
	files '.' '/corpus/' | on_each 100 codespell --ignore-words-list=ans,nd,hasnt
}

# The files that stdin names, with exceptions of CONF. It wants to write where it runs, and
# a kernel tree's include/, if only for names in CamelCase.
checkpatch() # CONF
{
	# shellcheck disable=SC2016 # for the inner shell
	sed -z "s|^|$TOP/|" | in_tree "$LINTERS" -r "$TOP" -r "$HEADERS" \
		-r "$TOP/$1=/tmp/.checkpatch.conf" -c /tmp -- bash -c 'mkdir include && "$@"' - \
		xargs -0 -r -n 8 -P "$(nproc)" perl "$HEADERS/scripts/checkpatch.pl" --strict \
			--no-tree --root=/tmp --terse --show-types --no-summary --file
}

lint_checkpatch()
{
	files "$DRIVER" | checkpatch .checkpatch.conf
	files '\.[chS]$' "$DRIVER" | checkpatch tools/.checkpatch.conf
}

lint_kernel-doc()
{
	files "$DRIVER" | on_each 100 python3 "$HEADERS/tools/docs/kernel-doc" -none -Wall -Werror
}

# --- the driver --------------------------------------------------------------------

kernel_make() # KERNEL MODULE ARGUMENT...
{
	local kernel cc
	kernel=$(part kernels "$1")

	cc=$(<"$kernel/cc")
	# clang's kernel has headers and no symbols.
	if [ "$cc" = clang ]; then
		set -- "$@" LLVM=1 KBUILD_MODPOST_WARN=1
	else
		set -- "$@" CROSS_COMPILE="$(compiler arm64)" CC="$(compiler arm64)$cc"
	fi
	in_tree "$LINTERS" -w "$DIR" -r "$kernel/usr/src=/usr/src" -- \
		make -k -j"$(nproc)" -C "/usr/src/linux-headers-$(<"$kernel/release")" \
			M="$DIR/$1/$2" ARCH=arm64 CONFIG_DEBUG_INFO_BTF_MODULES= "${@:3}" modules 2>&1
}

# Where a module is built; KUnit's where there is KUnit.
modules_for() # KERNEL
{
	printf '%s\n' .
	[ "$1" != lint ] || printf '%s\n' selftests/kunit
}

DRIVER_SOURCES=(Kbuild dkms.conf driver include selftests/kunit)

copy_driver() # KERNEL
{
	[ -d "$DIR/$1" ] && return
	mkdir "$DIR/$1"
	(cd "$TOP" && list_sources "${DRIVER_SOURCES[@]}") |
		tar -c -C "$TOP" --no-recursion --null -T - | tar -x -C "$DIR/$1"
}

lint_gcc() # KERNEL
{
	local module log

	copy_driver "$1"
	for module in $(modules_for "$1"); do
		if log=$(kernel_make "$1" "$module" W=1 KCFLAGS=-Werror) &&
			[ -n "$(find "$DIR/$1/$module" -maxdepth 1 -name '*.ko')" ]; then
			# Of a kernel without symbols modpost knows none.
			grep -E 'warning:' <<<"$log" || true
		else
			grep -E 'error|warning:|\*\*\*' <<<"$log" || tail <<<"$log"
		fi
	done
}

lint_clang() # KERNEL
{
	lint_gcc "$@"
}

# Sparse says nothing by its exit status. Compiled as before, so that only it has to run. What newer headers have and it does not know:
# __typeof_unqual__, and strlen() of a literal as a constant.
lint_sparse() # KERNEL
{
	local log checked there
	local sparse="sparse -D__typeof_unqual__=__typeof__ '-D__builtin_strlen(s)=(sizeof(s)-1)'"

	copy_driver "$1"
	log=$(for module in $(modules_for "$1"); do
		kernel_make "$1" "$module" W=1 KCFLAGS=-Werror C=2 CHECK="$sparse" || true
	done)
	grep -E '(warning|error):|\*\*\*' <<<"$log" || true
	checked=$(grep -c '^ *CHECK ' <<<"$log" || true)
	there=$(modules_for "$1" | sed 's/^\.$/driver/' | (cd "$DIR/$1" && xargs -I{} find {} \
		-name '*.c' ! -name '*.mod.c' ! -path '*/probes/*') | wc -l)
	[ "$checked" = "$there" ] || echo "looked at $checked files of $there"
}

# --- user space ----------------------------------------------------------------------

# As the Makefiles compile them.
flags() # FILE
{
	echo -std=gnu11 -Wall -Wno-gnu-variable-sized-type-not-at-end
	[[ $1 == tools/testbed/preload/* ]] || echo -D_GNU_SOURCE
	case $1 in
	selftests/*)
		echo --target=aarch64-linux-gnu -Iselftests/lib -Iselftests/kvm -Iinclude/uapi \
			-Itools/npu-facts -isystem "$HARNESS" -isystem "$UAPI/arm64/include" ;;
	tools/ascend-vfio/*)
		echo '-DVERSION="0"' ;;
	tools/testbed/l2/* | tools/testbed/npu/*)
		echo -Itools/npu-facts ;;
	esac
}

# What was found clean is not looked at again before it, or something that it includes, has
# changed: for all of them the analyser takes minutes.
tidy() # FILE
{
	local flags stamp log

	mapfile -t flags < <(flags "$1" | tr ' ' '\n')
	stamp=$STAMPS/$({
		clang -E -C "${flags[@]}" "$1" 2>/dev/null
		printf '%s\n' "${flags[@]}"
		cat .clang-tidy
		clang-tidy --version
	} | sha256sum | cut -c1-32)
	if [ -e "$stamp" ]; then
		touch "$stamp"
	elif log=$(clang-tidy --quiet --warnings-as-errors='*' "$1" -- "${flags[@]}" 2>&1); then
		: >"$stamp"
	else
		printf '%s\n' "$log"
		return 1
	fi
}

lint_clang-tidy()
{
	find "$STAMPS" -type f -mtime +30 -delete
	# shellcheck disable=SC2016 # for the inner shell
	files "$PROGRAMS" "$NO_PROGRAM" | on_each 1 bash -c "
		$(declare -p HARNESS UAPI); $(declare -f flags tidy)"'; tidy "$1"' tidy
}

# Not: that it could look longer, for a note; and that void has no size, which it has in
# GNU C, as the kernel uses it.
lint_cppcheck()
{
	files "$PROGRAMS" "$NO_PROGRAM" | inside xargs -0 cppcheck --quiet -j "$(nproc)" \
		--error-exitcode=1 --enable=warning,performance,portability --inline-suppr \
		--std=c11 --template='{file}:{line}: {severity}:{id}: {message}' \
		--suppress=normalCheckLevelMaxBranches --suppress=arithOperationsOnVoidPointer \
		--suppress="*:$HARNESS/*" -D_GNU_SOURCE -D__linux__ -D__GNUC__=14 -D__aarch64__ \
		-D__x86_64__ '-DVERSION="0"' -Iselftests/lib -Iselftests/kvm -Iinclude/uapi \
		-Itools/npu-facts "-I$HARNESS"
}

# --- main ------------------------------------------------------------------------------

NR=0 FAILED=0

# All that a verdict depends on: every file, or those of the driver that copy_driver() takes, and
# the linters and headers, whose paths tell which they are.
inputs() # LINTER [KERNEL]
{
	printf '%s\n' "$LINTERS" "$UAPI" "$HARNESS" "$HEADERS"
	if [ -n "${2-}" ]; then
		part kernels "$2"
		checksums "${DRIVER_SOURCES[@]}" tools/testbed/{common,lint}.sh
	else
		checksums . .checkpatch.conf tools/.checkpatch.conf .clang-tidy
	fi
}

# Clean is what ends well and says nothing.
run() # LINTER [KERNEL]
{
	local output status=0 verdict text="lint: $*"

	verdict=lint-$(key_of "$*" "$(inputs "$@")")
	if is_known_good "$verdict"; then
		printf 'ok %d %s\n# known from an earlier run, of these very files\n' "$((NR += 1))" "$text"
		return
	fi
	set +e
	output=$(set -e; "lint_$1" "${@:2}" 2>&1)
	status=$?
	set -e
	if [ $status = 0 ] && [ -z "$output" ]; then
		keep_as_good "$verdict"
		printf 'ok %d %s\n' "$((NR += 1))" "$text"
		return
	fi
	FAILED=1
	printf 'not ok %d %s\n' "$((NR += 1))" "$text"
	# Not head, which would end sed by SIGPIPE, and with it this script.
	printf '%s\n' "${output:-it ended with status $status}" |
		sed -n "s|$DIR/[^/]*/||g; s|$TOP/||g; s/^/# /; 1,${SHOWN}p"
	[ "$(wc -l <<<"$output")" -le $SHOWN ] || echo "# and $(($(wc -l <<<"$output") - SHOWN)) more lines"
}

main()
{
	local tests word test

	tests=$(for word in "${@:-}"; do
		awk -v word="$word" 'NF && index($1 " " $2, word) == 1 { print $1, $2 }' <<<"$TESTS"
	done)
	[ -n "$tests" ] || die "no such linter: there are $(awk 'NF { print $1 }' <<<"$TESTS" | uniq | paste -sd' ')"
	LINTERS=$(part fetch lint)
	UAPI=$(part fetch uapi)
	HARNESS=$(part fetch harness)
	HEADERS=$(part kernels lint)
	HEADERS+=/usr/src/linux-headers-$(<"$HEADERS/release")
	STAMPS=$CACHE/lint-clean
	mkdir -p "$STAMPS"
	DIR=$(mktemp -d "$CACHE/.lint.XXXXXX")
	trap 'rm -rf "$DIR"' EXIT
	echo "1..$(wc -l <<<"$tests")"
	while read -ra test; do
		run "${test[@]}" </dev/null
	done <<<"$tests"
	return $FAILED
}

main "$@"; exit
