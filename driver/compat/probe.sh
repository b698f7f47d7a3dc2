#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# probe.sh HEADER KERNEL PROBES COMPILER [FLAG...]
#
# Compiles every PROBES/*.c against the kernel that is being built for, and
# prints the text of HEADER: which of them did. Called by Kbuild at every build, which
# replaces HEADER only if the text is another one: so nothing may be in it but answers.
# Needs nothing but POSIX tools and the compiler.

set -u

header=$1 kernel=$2 probes=$3
shift 3

compiles() {
	source=$1
	shift
	"$@" -Werror=implicit-function-declaration \
		-Werror=incompatible-pointer-types -Werror=int-conversion \
		-fsyntax-only "$source" >"$header.log" 2>&1
}

fail() {
	echo "$header: $1" >&2
	echo "$header: this is a fault of the build environment or of this driver, not of your kernel's version" >&2
	exit 1
}

trap 'rm -f "$header.log"' EXIT
if ! compiles "$probes/control_pass.c" "$@"; then
	cat "$header.log" >&2
	fail "a probe that must compile does not; the compiler's words are above. Are the headers of $kernel and its compiler installed?"
fi
if compiles "$probes/control_fail.c" "$@"; then
	fail "a probe that must not compile does"
fi

echo "/* Made by probe.sh */"
for source in "$probes"/*.c; do
	name=${source##*/}
	name=${name%.c}
	case $name in
	control_*) continue ;;
	esac
	macro=ASCEND_HAVE_$(printf %s "$name" | tr '[:lower:]' '[:upper:]')
	if compiles "$source" "$@"; then
		echo "#define $macro 1"
	else
		echo "/* $macro: no */"
	fi
done
