#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kernels.sh NAME: print the directory of a cached kernel for L1, which holds
#   Image                 what QEMU boots, whatever the architecture calls it
#   release arch cc       its release string, architecture as kbuild calls it, compiler
#                         (file each)
#   usr/lib/modules/REL   modules, with modules.dep
#   usr/src/...           headers and kbuild programs: mount it on /usr/src
#                         "lint" is one that nobody boots: headers as clang prepares them,
#                         and the scripts to check sources with
# kernels.sh --list [ARCH]: print the names, of all or of those for arm64 or amd64.
# kernels.sh --promises: print what must be seen on them (table, below).
# OWN_TREE: the kernel source tree (arm64) that the kernel "own" is built from, patched with
# KVM_PATCH if that is given, with pages of OWN_PAGES (4K, the default, or 64K).

# Functions are called by names that are put together.
# shellcheck disable=SC2317
# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=tools/testbed/apt.sh
. "$TESTBED/apt.sh"

# kernels/promises as "KERNEL<TAB>KEY<TAB>VALUE", of passes "passes PLAN" being the key; of
# reasons for skips "skips<TAB>PROGRAM<TAB>WHERE<TAB>REASON".
table()
{
	awk -v OFS='\t' '
		/^#/ || !NF { next }
		!/^\t/ { section = $1; name = $2; next }
		{ text = $0; sub(/^\t[^\t]+\t+/, "", text) }
		section == "kernel" { print name, $1, text }
		section == "skips" { sub(/^[^\t]+\t+/, "", text); print section, $1, $2, text }
		section == "passes" && $1 != "columns" {
			for (i = 2; i <= NF; i++)
				if ($i != "-")
					print column[i], "passes " $1, $i
		}
		$1 == "columns" { for (i = 2; i <= NF; i++) column[i] = column[i] ($i == "-" ? "" : $i) }' \
		"$TESTBED/kernels/promises"
	[ -z "${OWN_TREE-}" ] || own_table
}

list() # [ARCH]
{
	table | awk -F'[\t ]' -v arch="${1-}" \
		'$2 == "made" && (arch == "" || arch == $4) { print $1 }'
}

# --- Debian's own, prebuilt --------------------------------------------------

# linux-image-arm64 -> the packages that hold image, modules, headers, kbuild.
debian_packages() # ARCH ROLE
{
	local arch=$1 role=$2 version image headers parts package

	version=$(newest "$role" "linux-image-$arch:$arch")
	image=$(field "linux-image-$arch:$arch=$version" Depends | grep -oE "linux-image-[0-9][^ ]*")
	headers=${image/image/headers}
	# Since 7.x linux-image- is empty and depends on what holds its parts.
	parts=$(field "$image:$arch=$version" Depends |
		grep -oE 'linux-(base|binary|modules)-[0-9][^ ]*' || echo "$image")
	for package in $parts "$headers"; do
		printf '%s:%s=%s\n' "$package" "$arch" "$version"
	done
	# The common headers are for all; kbuild's programs run on this machine.
	field "$headers:$arch=$version" Depends |
		grep -oE 'linux-(headers-[^ ]+-common|kbuild-[^ ,]+)' |
		sed "s/\$/:amd64=$version/"
}

make_debian() # PACKAGES DIRECTORY
{
	local dir=$2 kernel release

	TOOLS=$(part fetch tools)
	# shellcheck disable=SC2086 # one word per package
	unpack "$dir" $1
	kernel=$(find "$dir/usr/lib/modules" -mindepth 1 -maxdepth 1)
	release=${kernel##*/}
	# Where it lies depends on the age of the packaging.
	mv "$(find "$dir/boot" "$kernel" -maxdepth 1 -name 'vmlinuz*' 2>/dev/null | head -1)" \
		"$dir/Image"
	rm -rf "${dir:?}/boot" "${dir:?}/usr/share"
	rm -f "$dir"/usr/src/linux-kbuild-*
	# kbuild's programs beside the headers: one directory to mount.
	mv "$dir"/usr/lib/linux-kbuild-* "$dir/usr/src/"
	find "$dir/usr/src" -maxdepth 2 -type l -lname '*/lib/linux-kbuild-*' | while read -r link; do
		ln -sfn "$(readlink "$link" | sed 's|.*/lib/|../|')" "$link"
	done
	say "$NAME: $release: indexing modules"
	in_tree "$TOOLS" -w "$dir" -- depmod -b "$dir/usr" "$release"
	printf '%s\n' "$release" >"$dir/release"
	sed -nE 's/^override ARCH = (.*)/\1/p' \
		"$dir/usr/src/linux-headers-$release/.kernelvariables" >"$dir/arch"
	sed -nE 's/^CC = .*(gcc-[0-9]+)$/\1/p' \
		"$dir/usr/src/linux-headers-$release/.kernelvariables" >"$dir/cc"
	[ -s "$dir/arch" ] || die "$release: its headers name no architecture"
	[ -s "$dir/cc" ] || die "$release: its headers name no compiler"
}

# --- somebody's own source tree -----------------------------------------------

# As table() has it: what must be seen follows from what examine.sh finds in the tree. Where
# the flag is that the driver goes by, KVM must act on it. The fewest tests that must pass are
# what passes on every other kernel for arm64.
own_table()
{
	local facts wc opens=group plain=device ours=device
	facts=$("$TESTBED/examine.sh" --facts "$OWN_TREE" ${KVM_PATCH:+"$KVM_PATCH"})
	fact() { sed -n "s/^$1\t//p" <<<"$facts"; }

	wc=$(fact 'api any_uncached')
	[ "$wc" = no ] || ours=normal-nc
	[ "$(fact vfio-flag)" = no ] || plain=$ours
	[ "$(fact cdev)" = no ] || opens+=,iommufd
	printf 'own\t%s\t%s\n' made "source arm64 - $OWN_TREE own ${KVM_PATCH-}" \
		pages "${OWN_PAGES:-4K}" opens "$opens" wc "$wc" \
		vfio-wc "$(fact vfio-flag)" sr-iov yes vf-token "$(fact vf-token)" \
		dma-buf "$(fact dma-buf)" \
		fwb "ascend_vfio_pci=$ours vfio-pci=$plain sysfs=device ram=cached" \
		stage2 "ascend_vfio_pci=$ours ascend_vfio_pci,normal_nc=0=device vfio-pci=$plain sysfs=device ram=cached"
	OWN_TREE='' table | awk -F'\t' -v OFS='\t' '
		$2 == "made" { arm64[$1] = $3 ~ /^[a-z]+ arm64 / }
		arm64[$1] && $2 == "kunit" { kunit = $3 }
		arm64[$1] && $2 ~ /^passes / && (!($2 in least) || $3 < least[$2]) { least[$2] = $3 }
		END {
			print "own", "kunit", kunit
			for (plan in least)
				print "own", plan, least[plan]
		}'
}

# FILE without the options that the tree does not know, with the pages that are asked for;
# prints where that is.
own_config() # FILE
{
	local new=$ASCEND_ANSWERS/own-${1##*/}

	mkdir -p "$ASCEND_ANSWERS"
	find "$OWN_TREE" -name 'Kconfig*' -type f -exec cat {} + |
		sed -nE 's/^(menu)?config (\w+).*/CONFIG_\2=y/p' | grep -xFf - "$1" |
		sed "s/^CONFIG_ARM64_4K_PAGES=/CONFIG_ARM64_${OWN_PAGES:-4K}_PAGES=/" >"$new"
	printf '%s\n' "$new"
}

# --- built here from a source package ----------------------------------------

source_packages() # ARCH ROLE PACKAGE...
{
	source_package "$2" "$3"
}

# What the kernel is made from besides its source, given twice: as a hash for the
# recipe, and when it is built.
source_inputs() # CONFIG [PATCH]
{
	local file patch=${2-}

	for file in "$TESTBED/kernels/common.config" "$TESTBED/kernels/$1.config"; do
		if [ "$1" = own ]; then own_config "$file"; else printf '%s\n' "$file"; fi
	done
	[[ $patch == /* ]] || patch=${2:+$TOP/driver/kvm/$2}
	[ -z "$patch" ] || printf '%s\n' "$patch"
}

# make, for kernel sources in $SRC with objects in $OBJ.
kernel_make() # TARGET...
{
	in_tree "$TOOLS" -w "$SRC" -w "$OBJ" -c "$SRC" -- \
		make -s -j"$(nproc)" O="$OBJ" ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- \
			CC=aarch64-linux-gnu-gcc-14 HOSTCC=gcc-14 "$@"
}

configure_kernel() # FRAGMENT
{
	local missing

	kernel_make KCONFIG_ALLCONFIG="$1" allnoconfig
	# What the kernel does not know, or has no dependency for, it drops silently.
	missing=$(grep -E '^CONFIG_' "$1" | grep -vxFf "$OBJ/.config" || true)
	[ -z "$missing" ] ||
		die "$NAME: the configuration did not take $(paste -sd' ' <<<"$missing"): see ${1##*/}, tools/testbed/kernels"
}

# What building modules needs, in one directory as if built in the source tree:
# sources that are read, and what the build generated. No objects.
keep_headers() # HEADERS
{
	mkdir -p "$1"
	(cd "$SRC" && find arch/arm64 -name include -type d -print0 |
		xargs -0 sh -c 'find Makefile include scripts arch/arm64/Makefile* \
			arch/arm64/Kbuild* "$@" \( -type f -o -type l \) ! -name "*.o" -print0' sh |
		sort -zu | tar -c --null --no-recursion -T -) | tar -x -C "$1"
	(cd "$OBJ" && find .config Module.symvers include/config include/generated \
		arch/arm64/include/generated scripts \
		\( -type f -o -type l \) ! -name '*.o' ! -name '.*.cmd' -print0 |
		tar -c --null --no-recursion -T -) | tar -x -C "$1"
	rm -rf "$1"/scripts/{dtc/include-prefixes,kconfig,package}
}

make_source() # PACKAGES DIRECTORY
{
	local package=$1 dir=$2 inputs release

	SRC=$dir/build/src OBJ=$dir/build/obj
	mapfile -t inputs < <(source_inputs "${ROW[@]:4}")
	TOOLS=$(part fetch tools)
	mkdir -p "$SRC" "$OBJ"
	unpack_source "$package" "$SRC"
	if [ ${#inputs[@]} = 3 ]; then
		in_tree "$TOOLS" -w "$SRC" -r "${inputs[2]}" -- \
			patch -s -p1 -d "$SRC" -i "${inputs[2]}"
	fi
	cat "${inputs[@]:0:2}" >"$OBJ/fragment.config"
	# A name of its own: a driver built for one kernel must not load on another.
	printf 'CONFIG_LOCALVERSION="-%s"\n' "$NAME" >>"$OBJ/fragment.config"
	configure_kernel "$OBJ/fragment.config"
	say "$NAME: building the kernel from ${package%%[:=]*}: takes minutes"
	kernel_make Image modules
	release=$(<"$OBJ/include/config/kernel.release")
	keep_headers "$dir/usr/src/linux-headers-$release"
	kernel_make INSTALL_MOD_PATH="$OBJ/install" modules_install
	mkdir -p "$dir/usr/lib"
	mv "$OBJ/install/lib/modules" "$dir/usr/lib/"
	rm -f "$dir/usr/lib/modules/$release"/{build,source}
	mv "$OBJ/arch/arm64/boot/Image" "$dir/Image"
	rm -rf "$dir/build"
	printf '%s\n' "$release" >"$dir/release"
	echo arm64 >"$dir/arch"
	echo gcc-14 >"$dir/cc"
}

# --- for make lint, with clang -------------------------------------------------

# As in kernels/promises, where it is not, as nothing runs on it.
LINT='prepared arm64 backports linux-source source-newest'

prepared_packages() # ARCH ROLE PACKAGE...
{
	source_package "$2" "$3"
}

# What a module is compiled with, as LLVM=1 configures it, without a kernel.
make_prepared() # PACKAGES DIRECTORY
{
	local dir=$2 headers release

	SRC=$dir/build/src OBJ=$dir/build/obj
	TOOLS=$(part fetch lint)
	mkdir -p "$SRC" "$OBJ"
	unpack_source "$1" "$SRC"
	cat "$TESTBED"/kernels/{common,"${ROW[4]}"}.config >"$OBJ/fragment.config"
	kernel_make LLVM=1 CC=clang KCONFIG_ALLCONFIG="$OBJ/fragment.config" allnoconfig
	kernel_make LLVM=1 CC=clang modules_prepare
	: >"$OBJ/Module.symvers"
	release=$(<"$OBJ/include/config/kernel.release")
	headers=$dir/usr/src/linux-headers-$release
	keep_headers "$headers"
	# kernel-doc.
	mkdir -p "$headers"/tools/{docs,lib}
	cp "$SRC/tools/docs/kernel-doc" "$headers/tools/docs/"
	cp -r "$SRC/tools/lib/python" "$headers/tools/lib/"
	rm -rf "$dir/build"
	printf '%s\n' "$release" >"$dir/release"
	echo arm64 >"$dir/arch"
	echo clang >"$dir/cc"
}

# --- main --------------------------------------------------------------------

get()
{
	local recipe inputs

	# How it is made.
	read -ra ROW < <({ table; printf 'lint\tmade\t%s\n' "$LINT"; } | awk -F'\t' -v name="$NAME" '$1 == name && $2 == "made" { print $3 }') ||
		die "unknown kernel '$NAME': there are $(list | paste -sd' ')"
	recipe=${ROW[*]}
	if [ "${ROW[0]}" != debian ]; then
		mapfile -t inputs < <(source_inputs "${ROW[@]:4}")
		# Comments make no other kernel (but "# CONFIG_X is not set" is none).
		recipe+=" $({
			sed -E '/^# CONFIG_/!{ /^(#|$)/d }' "${inputs[@]}"
			declare -f kernel_make configure_kernel keep_headers
		} | sha256sum | cut -c1-16)"
	fi
	if [ "$NAME" = own ]; then
		cache_get kernel-own "$(key_of "$recipe" "$(manifest "$OWN_TREE")")" \
			make_source "$OWN_TREE"
	else
		get_packages "kernel-$NAME" "$recipe"
	fi
}

# All of it is parsed before it runs: a build takes minutes, and the file may be edited
# or updated meanwhile.
main()
{
	case $1 in
	--list)
		list "${2-}" ;;
	--promises)
		table ;;
	--help)
		sed -n '/^# kernels.sh/,/^$/s/^# \?//p' "$0" ;;
	*)
		NAME=$1
		get ;;
	esac
}

main "${@:---help}"; exit
