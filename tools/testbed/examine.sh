#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# examine.sh TREE: say, without building anything, which of what the driver can use a kernel
# tree has, whether a patch of driver/kvm is for it, and what the driver will offer there.
# TREE is a source tree, or the headers of an installed kernel, of which less can be seen:
# /lib/modules/$(uname -r)/build. It goes by names in files, where the driver's build goes by
# the compiler; examine-test.sh compares the two.
# examine.sh --facts TREE [PATCH]: the same for scripts, as "KEY<TAB>VALUE", and as if PATCH
# were applied.
# examine.sh --files: what it reads of a tree, a file a line; --looks: and what it seeks there.

# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/common.sh"

PROBES=$TOP/driver/compat/probes
PATCHES=$TOP/driver/kvm

# Where the names are that the probes are about.
HEADERS='include/linux/mm.h include/linux/vfio.h include/linux/vfio_pci_core.h include/uapi/linux/vfio.h'

# What no header shows that a driver can see: a fact, the file and the name that show it,
# and what it is.
LOOKS='
kvm-prot   arch/arm64/include/asm/kvm_pgtable.h  KVM_PGTABLE_PROT_NORMAL_NC  stage 2 can be asked for it
kvm-attr   arch/arm64/include/asm/memory.h       MT_S2_NORMAL_NC             its memory attribute
kvm-fwb    arch/arm64/include/asm/memory.h       MT_S2_FWB_NORMAL_NC         the same with FWB
kvm-pte    arch/arm64/kvm/hyp/pgtable.c          KVM_PGTABLE_PROT_NORMAL_NC  stage 2 maps it
kvm-fault  arch/arm64/kvm/mmu.c                  VM_ALLOW_ANY_UNCACHED       a fault looks at the flag
vfio-flag  drivers/vfio/pci/vfio_pci_core.c      VM_ALLOW_ANY_UNCACHED       vfio-pci sets the flag, too
cdev       drivers/vfio/device_cdev.c            iommufd                     devices can be opened by iommufd
vf-token   drivers/vfio/pci/vfio_pci_core.c      match_token_uuid            the token of a VF, by iommufd
dma-buf    drivers/vfio/pci/vfio_pci_dmabuf.c    dma_buf                     BARs can be exported as dma-bufs'

looks()
{
	sed '/^$/d' <<<"$LOOKS"
}

files()
{
	{
		# shellcheck disable=SC2086 # words
		printf '%s\n' Makefile $HEADERS
		looks | awk '{ print $2 }'
		sed -n 's|^--- a/||p' "$PATCHES"/*.patch
	} | sort -u
}

# --- facts of $TREE ----------------------------------------------------------

# The names of kernel things in a probe: VFIO's, the VMAs', and members.
names() # PROBE
{
	sed -E '/^#include/d; s|//.*||' "$1" |
		grep -oE '(\.|->)[a-z]\w+|\b_*(vfio|vm|VFIO|VM)_\w+' | sed -E 's/^(\.|->)//' | sort -u
}

# What only has other types in some kernels, as in sysfs' header, the compiler alone can tell.
is_about_names() # PROBE
{
	# shellcheck disable=SC2086 # words
	sed -n 's/^#include <\(.*\)>/include\/\1/p' "$1" | grep -qxF -f <(printf '%s\n' $HEADERS)
}

# A macro of vfio_pci_core.h puts names together.
names_in_headers()
{
	# shellcheck disable=SC2086 # words
	(cd "$TREE" && { cat $HEADERS 2>/dev/null || true; }) |
		sed -E 's/(\w+)##size\b/\18 \116 \132 \164/g' | grep -oE '\w+' | sort -u
}

api_facts()
{
	local probe lacks there answer
	there=$(names_in_headers)

	for probe in "$PROBES"/*.c; do
		lacks=$(names "$probe" | comm -23 - <(cat <<<"$there"))
		answer=$([ -z "$lacks" ] && echo yes || echo no)
		is_about_names "$probe" || answer=unseen
		printf 'api %s\t%s\n' "$(basename "$probe" .c)" "$answer"
	done
}

look_facts()
{
	local key file name answer

	while read -r key file name _; do
		answer=no
		if [[ $file == *.c && -n $ONLY_HEADERS ]]; then
			answer=unseen
		elif grep -qsw "$name" "$TREE/$file"; then
			answer=yes
		fi
		printf '%s\t%s\n' "$key" "$answer"
	done < <(looks)
}

# All of KVM's part of it, as in Linux 6.9, nothing of it, or a part. From other facts.
kvm_fact()
{
	awk -F'\t' '
		$1 ~ /^kvm-/ && $2 != "unseen" { n++; has += $2 == "yes" }
		END { print "kvm\t" (has == n ? "yes" : has ? "part" : "no") }'
}

# Who has the bits that the patches take for what they add.
bit_facts()
{
	local prot flag
	prot=$(sed -n '/^enum kvm_pgtable_prot {/,/^}/s/^\s*\(\w*\)\s*= BIT(4),.*/\1/p' \
		"$TREE/arch/arm64/include/asm/kvm_pgtable.h" 2>/dev/null) || true
	flag=$(sed -nE -e 's/^\s*#\s*define\s+(VM_\w+)\s+(BIT\(39\)|39|0x0*8000000000(UL)?)(\s.*)?$/\1/p' \
		-e 's/^\s*DECLARE_VMA_BIT\((\w+), 39\).*/VM_\1/p' "$TREE/include/linux/mm.h" 2>/dev/null) || true
	printf 'bit-prot\t%s\n' "${prot:-free}"
	printf 'bit-flag\t%s\n' "${flag:-free}"
}

# As git applies it: without fuzz.
try_patch() # PATCH [OPTION...]
{
	patch -p1 -d "$TREE" -F0 --dry-run -f "${@:2}" -i "$1" -r - 2>&1
}

# The files of a tree that a patch is not for.
failing() # PATCH
{
	{ try_patch "$1" || true; } | awk '
		/^checking file / { file = $3 }
		/^can.t find file / { print "no such file" }
		/hunks? FAILED/ { print file }'
}

patch_facts()
{
	local patch answer

	need patch patch
	for patch in "$PATCHES"/*.patch; do
		if [ -n "$ONLY_HEADERS" ]; then
			answer=unseen
		elif try_patch "$patch" >/dev/null; then
			answer=applies
		elif try_patch "$patch" -R >/dev/null; then
			answer=applied
		else
			answer="fails: $(failing "$patch" | paste -sd' ')"
		fi
		printf 'patch %s\t%s\n' "${patch##*/}" "$answer"
	done
}

version()
{
	if [ -s "$TREE/include/config/kernel.release" ]; then
		cat "$TREE/include/config/kernel.release"
	else
		awk '$2 == "=" && /^(VERSION|PATCHLEVEL|SUBLEVEL|EXTRAVERSION) / { v[$1] = $3 }
			END { print v["VERSION"] "." v["PATCHLEVEL"] "." v["SUBLEVEL"] v["EXTRAVERSION"] }' \
			"$TREE/Makefile"
	fi
}

facts()
{
	local seen

	printf 'version\t%s\n' "$VERSION"
	printf 'headers-only\t%s\n' "${ONLY_HEADERS:-no}"
	api_facts
	seen=$(look_facts)
	printf '%s\n' "$seen"
	kvm_fact <<<"$seen"
	bit_facts
}

# --- in words ----------------------------------------------------------------

# What comes of facts: whether the driver runs, and what it offers.
verdict()
{
	awk -F'\t' '
		{ fact[$1] = $2 }
		$1 ~ /^patch / && $2 == "applies" { fits = substr($1, 7) }
		END {
			runs = fact["api control_pass"] == "yes" && fact["api control_fail"] == "no"
			flag = fact["api any_uncached"] == "yes"; kvm = fact["kvm"]
			if (!runs) {
				print "The driver does not run here: it needs vfio-pci-core as Linux 6.1 has it."
				exit
			}
			print "The driver runs here and guards the registers."
			print "Devices are opened by groups" (fact["api iommufd_bind"] != "yes" ? "." : \
				", and by iommufd if that is configured.")
			if (flag && kvm == "yes" && fact["headers-only"] == "no")
				print "Write combining on arm64: yes."
			else if (flag && kvm == "yes")
				print "Write combining on arm64: yes, by its headers; whether KVM looks at the flag, only\n" \
				      "the sources show."
			else if (flag)
				print "DANGER: the flag is there, so that the driver would tell guests that write combining is\n" \
				      "safe, but KVM" (kvm == "no" ? " does not know it" : " has a part of it only") \
				      ". Complete it, or load the driver with normal_nc=0."
			else if (kvm != "no" )
				print "Write combining: no. KVM has a part of it, without VM_ALLOW_ANY_UNCACHED: add what is\n" \
				      "missing by hand, from the patch for the version that is next to it."
			else if (fact["headers-only"] != "no")
				print "Write combining: no. Whether a patch of driver/kvm applies, the sources show."
			else if (fits == "")
				print "Write combining: no, and no patch of driver/kvm applies as it is."
			else if (fact["bit-prot"] != "free" || fact["bit-flag"] != "free")
				print "Write combining: no. " fits " applies, but DO NOT: a bit\n" \
				      "that it takes is taken already. Give it another one."
			else
				print "Write combining on arm64: with driver/kvm/" fits "."
		}'
}

report() # FACTS
{
	printf 'Linux %s, %s%s\n\n' "$VERSION" "$TREE" "${ONLY_HEADERS:+ (headers only)}"
	printf 'Of what the driver can use (driver/compat/probes):\n'
	awk -F'\t' 'sub(/^api /, "") && !/^control_/ { printf "  %-58s %s\n", $1, $2 }' <<<"$1"
	printf '\nFor write combining, in arm64 KVM, and around it:\n'
	{
		looks
		echo 'bit-prot - - bit 4 of enum kvm_pgtable_prot'
		echo 'bit-flag - - bit 39 of vm_flags'
	} | while read -r key _ name what; do
		[ "$name" = - ] || what+=" ($name)"
		printf '  %-58s %s\n' "$what" "$(sed -n "s/^$key\t//p" <<<"$1")"
	done
	printf '\nPatches of driver/kvm:\n'
	sed -nE 's/^patch (.*)\t(.*)/  \1: \2/p' <<<"$1"
	printf '\n'
	verdict <<<"$1"
}

# --- main --------------------------------------------------------------------

find_tree() # TREE
{
	[ -r "$1/Makefile" ] || die "$1 is no kernel tree"
	TREE=$(cd "$1" && pwd)
	VERSION=$(version)
	# Debian has most of the headers in another place.
	if [ ! -e "$TREE/include/linux" ]; then
		TREE=$(sed -nE "s|^include .*/([^/]*-common)/Makefile$|${TREE%/*}/\1|p" "$TREE/Makefile")
	fi
	[ -r "$TREE/include/linux/mm.h" ] || die "$1 is no kernel tree: it has no include/linux/mm.h"
	ONLY_HEADERS=''
	[ -e "$TREE/mm" ] || [ -e "$TREE/arch/arm64/kvm/mmu.c" ] || ONLY_HEADERS=yes
}

# $TREE is then a copy of what is looked at, patched.
apply() # PATCH
{
	local file copy
	copy=$(mktemp -d)
	# shellcheck disable=SC2064 # as it is now
	trap "rm -rf '$copy'" EXIT

	need patch patch
	while read -r file; do
		[ ! -e "$TREE/$file" ] || (cd "$TREE" && cp --parents "$file" "$copy")
	done < <(files)
	TREE=$copy
	patch -s -p1 -f -d "$TREE" -i "$1" >&2 || die "$1 does not apply"
}

case ${1---help} in
--files)
	files ;;
--looks)
	looks ;;
--facts)
	find_tree "$2"
	[ -z "${3-}" ] || apply "$3"
	facts ;;
--*)
	sed -n '/^# examine.sh/,/^$/s/^# \?//p' "$0" ;;
*)
	find_tree "$1"
	report "$(facts; patch_facts)" ;;
esac
