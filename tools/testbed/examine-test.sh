#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# examine-test.sh: print, as TAP, whether examine.sh says what is so: of a kernel's APIs, what
# the compiler said when the driver was built for it; of Debian's sources, what is known of
# them; of trees made from those, patched, with a piece missing or with a bit that is
# somebody else's, what follows.

# Functions are called by result().
# shellcheck disable=SC2317
# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/common.sh"

# Those that the other tests of the host need, too.
KERNELS='lts-6.1 debian-stable debian-backports'
PATCH=0001-KVM-arm64-Map-device-memory-Normal-NC

examine()
{
	"$TESTBED/examine.sh" "$@"
}

NR=0 FAILED=0

result() # TEXT COMMAND...: which prints what is wrong
{
	local wrong
	wrong=$("${@:2}" 2>&1) || wrong=${wrong:-it failed}

	printf '%sok %d %s\n' "${wrong:+not }" "$((NR += 1))" "$1"
	[ -z "$wrong" ] || { FAILED=1; printf '# %s\n' "${wrong//$'\n'/$'\n# '}"; }
}

# --- against the compiler ------------------------------------------------------

# What names do not tell is not compared; of all others both must speak.
same_as_compiler() # KERNEL
{
	local kernel driver seen unseen
	kernel=$(part kernels "$1")
	driver=$(part build driver "$1")
	seen=$(examine --facts "$kernel/usr/src/linux-headers-$(<"$kernel/release")" |
		sed -nE '/^api control_/!s/^api (\w+)\t/\1 /p' | sort)
	unseen=$(sed -n 's/ unseen$/ /p' <<<"$seen")

	diff <(sed -nE -e 's/^#define ASCEND_HAVE_(\w+) 1$/\1 yes/p' \
		-e 's/^\/\* ASCEND_HAVE_(\w+): no \*\/$/\1 no/p' "$driver/probed.h" |
		tr '[:upper:]' '[:lower:]' | grep -vF "${unseen:-none}" | sort) \
		<(grep -v ' unseen$' <<<"$seen")
}

# --- of sources ----------------------------------------------------------------

# Facts of a tree, "KEY=VALUE", that are not so.
facts() # TREE PATCH FACT...
{
	examine --facts "$1" ${2:+"$2"} | tr '\t' = |
		grep -vxf - <(printf '%s\n' "${@:3}") | sed 's/^/not so: /' || true
}

# The report says TEXT.
says() # TREE TEXT
{
	examine "$1" | grep -F -- "$2" >/dev/null || printf 'does not say: %s\n' "$2"
}

# A copy of what is read of TREE, changed by SED in FILE.
changed() # TREE FILE SED
{
	local new file
	new=$(mktemp -d "$DIR/XXXXXX")

	for file in $FILES; do
		[ ! -e "$1/$file" ] || (cd "$1" && cp --parents "$file" "$new")
	done
	sed -i "$3" "$new/$2"
	! cmp -s "$1/$2" "$new/$2" || die "$2: nothing was changed by $3"
	printf '%s\n' "$new"
}

# Each of the pieces of KVM's part: without it the driver would promise too much.
without_a_piece() # TREE
{
	local file name

	examine --looks | grep '^kvm-' | while read -r _ file name _; do
		says "$(changed "$1" "$file" "s/\<$name\>/gone/g")" DANGER
	done
}

of_sources() # DIRECTORY
{
	local old=$1/linux-source-6.1 stable=$1/linux-source-6.12 newest kernel
	local asm=arch/arm64/include/asm/kvm_pgtable.h
	newest=$(find "$1" -mindepth 1 -maxdepth 1 | sort -V | tail -1)
	kernel=$(part kernels debian-stable)

	result '6.1: nothing of it' facts "$old" '' 'api any_uncached=no' kvm=no vfio-flag=no cdev=no
	result '6.1: its patch applies' says "$old" "$PATCH-6.1.y.patch: applies"
	result '6.1: that of 6.6 does not' says "$old" "$PATCH-6.6.y.patch: fails: arch/arm64/kvm/mmu.c"
	result '6.1: what to do' says "$old" "with driver/kvm/$PATCH-6.1.y.patch"
	result '6.1, patched: all but vfio-pci' facts "$old" "$TOP/driver/kvm/$PATCH-6.1.y.patch" \
		'api any_uncached=yes' kvm=yes vfio-flag=no
	result '6.12: all' facts "$stable" '' 'api any_uncached=yes' kvm=yes vfio-flag=yes cdev=yes
	result '6.12: write combining' says "$stable" 'Write combining on arm64: yes.'
	result 'newest: all' facts "$newest" '' 'api any_uncached=yes' kvm=yes vfio-flag=yes cdev=yes \
		vf-token=yes dma-buf=yes
	result 'newest: write combining' says "$newest" 'Write combining on arm64: yes.'
	result '6.12 without a piece: danger' without_a_piece "$stable"
	result '6.12 without the flag' says "$(changed "$stable" include/linux/mm.h s/VM_ALLOW_ANY/VM_NO/)" \
		'KVM has a part of it, without VM_ALLOW_ANY_UNCACHED'
	result 'bit 4 is taken where the patch goes: it fails' says \
		"$(changed "$old" "$asm" '/PROT_DEVICE\t.*= BIT(3)/a KVM_PGTABLE_PROT_DBM = BIT(4),')" \
		"$PATCH-6.1.y.patch: fails: $asm"
	result 'bit 4 is taken elsewhere: do not' says \
		"$(changed "$old" "$asm" '/PROT_SW3\t.*= BIT(58)/a KVM_PGTABLE_PROT_DBM = BIT(4),')" 'DO NOT'
	result 'bit 39 is taken: do not' says \
		"$(changed "$old" include/linux/mm.h '/^#define VM_NONE/a #define VM_MINE 0x8000000000')" 'DO NOT'
	result 'no vfio-pci-core as in 6.1' says \
		"$(changed "$old" include/linux/vfio_pci_core.h s/vfio_pci_core_init_dev/old/)" 'does not run here'
	result 'headers only' says "$kernel/usr/src/linux-headers-$(<"$kernel/release")" \
		'yes, by its headers'
}

examine_all() # SOURCES
{
	local kernel
	FILES=$(examine --files)
	DIR=$(mktemp -d "$CACHE/.examine.XXXXXX")
	trap 'rm -rf "$DIR"' EXIT

	# What is said while they are built is no test's.
	for kernel in $KERNELS; do
		part build driver "$kernel" >/dev/null
	done
	echo 1..19
	for kernel in $KERNELS; do
		result "$kernel: APIs as the compiler finds them" same_as_compiler "$kernel"
	done
	of_sources "$1"
	return "$FAILED"
}

main()
{
	local kernel sources inputs
	sources=$(part fetch sources)
	inputs=$(part fetch tools)

	mkdir -p "$CACHE"
	for kernel in $KERNELS; do
		inputs+=" $(part kernels "$kernel")"
	done
	inputs+=" $(checksums Kbuild dkms.conf driver include tools/testbed)"
	once "examine-$(key_of "$sources" "$inputs")" examine_all "$sources"
}

main; exit
