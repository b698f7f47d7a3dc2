# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # variables shared with run.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Every parser has a fuzzer, and none of them finds anything.

for parser in ../parse/*.c; do
	name=$(basename "$parser" .c)
	is "parsers: $name has a fuzzer and a corpus" \
		"$([ -f "fuzz/$name.c" ] && [ -n "$(ls "fuzz/corpus/$name")" ] && echo yes)" yes
done

if command -v "${CLANG-clang}" >/dev/null; then
	while IFS= read -r line; do
		case $line in
		'ok - '*)     pass "${line#ok - }" ;;
		'not ok - '*) fail "${line#not ok - }" ;;
		'#'*)         echo "$line" ;;
		esac
	done < <(nice make -s -k -j"$(nproc)" -C fuzz O="$O/fuzz" SECONDS="${FUZZ_SECONDS-60}" run 2>&1)
else
	fail 'parsers: fuzzed' 'clang is missing: apt-get install clang libclang-rt-dev'
fi
