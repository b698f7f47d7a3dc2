#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# build.sh WHAT [KERNEL]: print the directory of something built from this source
# tree (cached by the content of its sources), building it first if need be.
#   build.sh driver KERNEL     ascend_vfio_pci.ko against the kernel's headers, probed.h, and
#                              ascend_vfio_kunit.ko where the kernel has KUnit
#   build.sh selftests KERNEL  the selftests, static, for the kernel's architecture
#   build.sh base KERNEL       base.cpio: init, busybox and modules, for L1
#   build.sh vmlinux KERNEL    vmlinux: an amd64 kernel, out of its bzImage
#   build.sh host              npu-sim, QEMU's preload libraries
#   build.sh unit              the simulator's tests, with sanitizers
#   build.sh tool KERNEL       root: ascend-vfio and its tests for L1, with all they need
#   build.sh debian KERNEL     disk: a Debian that boots the kernel, with ascend-vfio, its tests
#                              and a stand-in for the vendor's driver installed
#   build.sh dracut KERNEL     the same, with dracut in the place of initramfs-tools, as after
#                              "bind --all --early" on the NPUs of plans/tool.scene
#   build.sh guest KERNEL      root: QEMU and the kernel for a guest in L1; on arm64 the initramfs
#                              "l2", too
#   build.sh l2                l2.cpio: initramfs of a guest that tries what it got of an NPU
#   build.sh vmms KERNEL       root: every QEMU there is, that guest and vmm_test (arm64)
#   build.sh dkms KERNEL       root: the sources that "make dkms" takes, for L1
#   build.sh tool-tests        src, o: ascend-vfio with its own tests and fuzzers, built

# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/common.sh"

# What L1 loads before the driver, with all they depend on; '?': not every kernel
# has it. 9p and virtio for the test bed, the rest for VFIO.
L1_MODULES='virtio_pci ?virtio_iommu virtio_console 9pnet_virtio 9p vfio_pci vfio_iommu_type1 ?iommufd'

# Hash of the content and names of source files.
sources_key()
{
	(cd "$TOP" && list_sources "$@" | xargs -0 sha256sum) | sha256sum | cut -c1-16
}

copy_sources() # DIRECTORY PATH...
{
	local to=$1
	shift
	list_sources "$@" | tar -c -C "$TOP" --no-recursion --null -T - | tar -x -C "$to"
}

# --- driver ------------------------------------------------------------------

DRIVER_SOURCES=(Kbuild dkms.conf driver include selftests/kunit)

make_driver() # KERNEL-DIRECTORY DIRECTORY
{
	local kernel=$1 src=$2/src release arch cc
	release=$(<"$kernel/release") arch=$(<"$kernel/arch") cc=$(<"$kernel/cc")

	say "$KERNEL: building the driver for $release"
	mkdir "$src"
	copy_sources "$src" "${DRIVER_SOURCES[@]}"
	make_module "$src"
	mv "$src/ascend_vfio_pci.ko" "$src/driver/compat/probed.h" "$2/"
	if grep -qx CONFIG_KUNIT=y "$kernel/usr/src/linux-headers-$release/.config"; then
		make_module "$src/selftests/kunit"
		mv "$src/selftests/kunit/ascend_vfio_kunit.ko" "$2/"
	fi
	rm -r "$src"
}

# For the kernel that make_driver is about, in its variables.
make_module() # DIRECTORY
{
	in_tree "$TOOLS" -w "$src" -r "$kernel/usr/src=/usr/src" -- \
		make -s -C "/usr/src/linux-headers-$release" M="$1" ARCH="$arch" \
			CROSS_COMPILE="$(compiler "$arch")" CC="$(compiler "$arch")$cc" \
			CONFIG_DEBUG_INFO_BTF_MODULES= modules
}

# --- selftests ---------------------------------------------------------------

SELFTEST_SOURCES=(selftests include tools/npu-facts)

make_selftests() # ARCH UAPI HARNESS DIRECTORY
{
	local arch=$1 uapi=$2/$1/include harness=$3 src=$4/src

	say "building the selftests for $arch"
	mkdir "$src" "$4/bin"
	copy_sources "$src" "${SELFTEST_SOURCES[@]}"
	in_tree "$TOOLS" -w "$4" -r "$uapi" -r "$harness" -- \
		make -s -C "$src/selftests" O="$4/bin" CC="$(compiler "$arch")gcc-14" \
			OBJ="$src/obj" LDFLAGS="-static -s" KSELFTEST="$harness" KHDR="$uapi"
	rm -r "$src"
}

# --- base of the initramfs ---------------------------------------------------

# Paths of modules in load order, as modprobe finds them.
module_paths() # KERNEL-DIRECTORY MODULE...
{
	local kernel=$1 release name optional
	release=$(<"$kernel/release")
	shift

	for name in "$@"; do
		optional=${name%%[^?]*}
		in_tree "$TOOLS" -r "$kernel" -- \
			modprobe -d "$kernel/usr" -S "$release" --show-depends "${name#\?}" 2>/dev/null ||
			[ -n "$optional" ] ||
			die "$release has no module $name"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

make_base() # KERNEL-DIRECTORY BUSYBOX DIRECTORY
{
	local kernel=$1 busybox=$2 root=$3/root arch path
	arch=$(<"$kernel/arch")

	say "$KERNEL: initramfs"
	mkdir -p "$root"/{bin,dev,proc,sys,run,tmp,lib/testbed,lib/modules}
	cp "$busybox/usr/bin/busybox" "$root/bin/busybox"
	ln -s busybox "$root/bin/sh"
	in_tree "$TOOLS" -w "$root" -r "$TESTBED/init" -- \
		"$(compiler "$arch")gcc-14" -static -O2 -D_GNU_SOURCE -Wall -Wextra -Werror \
			-Wno-missing-field-initializers -o "$root/init" "$TESTBED"/init/*.c
	# shellcheck disable=SC2086 # words
	module_paths "$kernel" $L1_MODULES | while read -r path; do
		cp "$path" "$root/lib/modules/"
		path=${path##*/}
		printf '/lib/modules/%s\n' "${path%.?z}"
	done >"$root/lib/testbed/modules"
	# Decompressed here, as the guest's processor is an emulated one.
	# shellcheck disable=SC2016 # for the inner shell
	in_tree "$TOOLS" -w "$3" -c "$root" -- bash -ec '
		shopt -s nullglob
		for m in lib/modules/*.xz; do xz -d "$m"; done
		find . | cpio -o -H newc -R 0:0 --quiet >../base.cpio'
	rm -r "$root"
}

# What a bzImage has packed (Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header"):
# setup_sects at 0x1f1, of 512 bytes each and one more; payload_offset behind those and
# payload_length at 0x248. The payload's last four bytes are the length of what is in it.
make_vmlinux() # KERNEL-DIRECTORY DIRECTORY
{
	say "$KERNEL: unpacking"
	# shellcheck disable=SC2016 # for the inner shell
	in_tree "$TOOLS" -r "$1" -w "$2" -- bash -ec '
		field() { od -An -v -t"u$3" -j"$2" -N"$3" "$1" | tr -d " "; }
		start=$((($(field "$1" 0x1f1 1) + 1) * 512 + $(field "$1" 0x248 4)))
		tail -c "+$((start + 1))" "$1" | head -c $(($(field "$1" 0x24c 4) - 4)) >"$2/payload"
		case $(field "$2/payload" 0 4) in
		4247762216) zstd -qdc "$2/payload" ;;	# 28 b5 2f fd
		1484404733) xz -dc "$2/payload" ;;	# fd 37 7a 58
		esac >"$2/vmlinux"
		rm "$2/payload"
		# XEN_ELFNOTE_PHYS32_ENTRY
		readelf -n "$2/vmlinux" | grep "Xen .*(0x00000012)" >/dev/null' - "$1/Image" "$2" ||
		die "$KERNEL: no kernel that boots by PVH was found in its bzImage"
}

# --- programs that run beside QEMU -------------------------------------------

SIM_SOURCES=(tools/testbed/npu tools/npu-facts)
HOST_SOURCES=("${SIM_SOURCES[@]}" tools/testbed/preload)

make_host() # DIRECTORY
{
	local src=$1/src file name

	say "building the simulator"
	mkdir "$src"
	copy_sources "$src" "${HOST_SOURCES[@]}"
	# Static: to run on this machine, whatever its libraries.
	in_tree "$TOOLS" -w "$1" -- \
		make -s -C "$src/tools/testbed/npu" O="$src/npu" CC=gcc-14 LDFLAGS=-static
	for file in "$src"/tools/testbed/preload/*.c; do
		name=${file##*/}
		in_tree "$TOOLS" -w "$1" -- gcc-14 -O2 -Wall -Wextra -Werror -shared -fPIC \
			-o "$1/${name%.c}.so" "$file"
	done
	cp "$src/npu/npu-sim" "$1/"
	rm -r "$src"
}

make_unit() # DIRECTORY
{
	local src=$1/src

	say "building the simulator's tests"
	mkdir "$src"
	copy_sources "$src" "${SIM_SOURCES[@]}"
	in_tree "$TOOLS" -w "$1" -- \
		make -s -C "$src/tools/testbed/npu" O="$src/o" CC=gcc-14 "$src/o/parser_test"
	cp "$src/o/parser_test" "$1/"
	rm -r "$src"
}

# --- ascend-vfio -------------------------------------------------------------

TOOL_SOURCES=(dkms.conf include driver/models.c tools/ascend-vfio)

# Its own tests look at sources, too.
make_tool_tests() # TREE DIRECTORY
{
	local src=$2/src what

	say "building ascend-vfio's own tests"
	mkdir "$src" "$2/o"
	copy_sources "$src" "${TOOL_SOURCES[@]}"
	for what in "$src/tools/ascend-vfio" "$src/tools/ascend-vfio/tests/fuzz O=$2/o/fuzz"; do
		# shellcheck disable=SC2086 # words
		in_tree "$1" -w "$2" -- make -s -j"$(nproc)" O="$2/o" CC=gcc-14 HOSTCC=gcc-14 \
			GUEST_CC=aarch64-linux-gnu-gcc-14 -C $what all
	done
	in_tree "$1" -w "$2" -- make -s O="$2/o" HOSTCC=gcc-14 GUEST_CC=aarch64-linux-gnu-gcc-14 \
		-C "$src/tools/ascend-vfio" "$2/o/fakekernel.so" guest-verify
}

triplet() # ARCH
{
	local prefix

	prefix=$(compiler "$1")
	printf '%s\n' "${prefix%-}"
}

# Programs of an unpacked tree (or beside it) and the libraries they name, where the loader
# looks for them. Of QEMU's, those that it loads as modules are not among them.
take_programs() # TREE TRIPLET LIB-DIRECTORY PROGRAM...
{
	local tree=$1 dir=usr/lib/$2 to=$3 program so
	shift 3

	mkdir -p "$to"
	for program in "$@"; do
		in_tree "$TOOLS" -r "$tree" -r "${program%/*}" -c "$tree" -- \
			bash -c "readelf -d $program $dir/*.so.*" | needed_by "${program##*/}"
	done | sort -u | while read -r so; do
		# Or in a directory that one of the programs names
		cp -L "$(find "$tree/$dir" -maxdepth 2 -name "$so" -print -quit)" "$to/"
	done
}

# Modules as a machine has them installed, but for what L1 loads without asking: pci-stub
# plays the driver that a host has for its NPUs.
install_modules() # KERNEL-DIRECTORY DRIVER-DIRECTORY ROOT
{
	local release dir path

	release=$(<"$1/release")
	dir=$3/usr/lib/modules/$release
	mkdir -p "$dir"
	module_paths "$1" vfio_pci vfio_iommu_type1 '?pci_stub' | while read -r path; do
		cp "$path" "$dir/"
	done
	cp "$2/ascend_vfio_pci.ko" "$dir/"
	cp "$1/usr/lib/modules/$release"/modules.{builtin,order}* "$dir/"
	# shellcheck disable=SC2016 # for the inner shell
	in_tree "$TOOLS" -w "$3" -- bash -ec 'shopt -s nullglob
		for m in "$1/lib/modules/$2"/*.xz; do xz -d "$m"; done
		depmod -b "$1" "$2"' - "$3/usr" "$release"
}

make_tool() # KERNEL-DIRECTORY DRIVER-DIRECTORY TREE OWN-TESTS DIRECTORY
{
	local arch triplet src=$5/src root=$5/root sbin=$5/root/usr/sbin

	arch=$(<"$1/arch")
	triplet=$(triplet "$arch")
	say "$KERNEL: building ascend-vfio for L1"
	mkdir -p "$src" "$sbin" "$root/tool"
	copy_sources "$src" "${TOOL_SOURCES[@]}"
	in_tree "$(part fetch tool-tests)" -w "$5" -r "$3" \
		-e "PKG_CONFIG_SYSROOT_DIR=$3" -e "PKG_CONFIG_LIBDIR=$3/usr/lib/$triplet/pkgconfig" -- \
		make -s -j"$(nproc)" -C "$src/tools/ascend-vfio" O="$src/o" LDFLAGS=-s \
			CC="$triplet-gcc-14 --sysroot=$3" "$src/o/ascend-vfio"
	in_tree "$TOOLS" -w "$5" -- "$triplet-gcc-14" -O2 -D_GNU_SOURCE -Wall -Wextra -Werror \
		-shared -fPIC -o "$root/tool/killat.so" "$src/tools/ascend-vfio/tests/vm/killat.c"
	cp "$src/o/ascend-vfio" "$sbin/"
	mkdir -p "$root"/usr/{bin,lib/udev/rules.d}
	cp "$3/usr/bin/udevadm" "$root/usr/bin/"
	ln -s udevadm "$root/usr/bin/systemd-udevd"
	cp "$3/usr/lib/udev/rules.d/80-drivers.rules" "$root/usr/lib/udev/rules.d/"
	take_programs "$3" "$triplet" "$root/lib/$triplet" "$sbin/ascend-vfio" \
		"$3/usr/bin/udevadm" "$3/usr/lib/$triplet"/systemd/libsystemd-shared-*.so
	if [ "$arch" = arm64 ]; then
		mv "$root/lib/$triplet"/ld-linux-aarch64.so.1 "$root/lib/"
		cp "$4/o/guest-verify.cpio.gz" "$root/tool/"
	else
		mkdir "$root/lib64"
		mv "$root/lib/$triplet"/ld-linux-x86-64.so.2 "$root/lib64/"
	fi
	install_modules "$1" "$2" "$root"
	mv "$root/usr/lib/modules" "$root/lib/"
	cp "$src"/tools/ascend-vfio/tests/vm/{*.sh,*_test} \
		"$src"/tools/ascend-vfio/examples/*.rules "$root/tool/"
	rm -r "$src"
}

# What QEMU itself starts of an x86 guest that has no disk and no screen
FIRMWARE='usr/share/seabios/bios-256k.bin usr/share/qemu/linuxboot_dma.bin usr/share/qemu/kvmvapic.bin'

make_guest() # KERNEL-DIRECTORY TREE L2-DIRECTORY DIRECTORY
{
	local root=$4/root/guest arch program file

	arch=$(<"$1/arch")
	program=$2/usr/bin/qemu-system-x86_64
	[ "$arch" = x86 ] || program=$2/usr/bin/qemu-system-aarch64
	mkdir -p "$root/share"
	cp "$1/Image" "$program" "$root/"
	take_programs "$2" "$(triplet "$arch")" "$root/lib" "$program"
	if [ "$arch" != x86 ]; then
		cp "$3/l2.cpio" "$TESTBED/l2/lib.sh" "$root/"
		return
	fi
	for file in $FIRMWARE; do
		cp -L "$2/$file" "$root/share/"
	done
}

# --- guests that try the NPU ---------------------------------------------------

L2_SOURCES=(tools/testbed/l2/{init.c,peers.c,l2.h} tools/npu-facts)

make_l2() # DIRECTORY
{
	local root=$1/root facts=$TOP/tools/npu-facts

	say "building L2's initramfs"
	mkdir -p "$root"/{dev,proc,sys}
	in_tree "$TOOLS" -w "$root" -r "$TESTBED" -r "$facts" -- \
		aarch64-linux-gnu-gcc-14 -static -O2 -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror \
			-I"$facts" -o "$root/init" "$TESTBED"/l2/*.c "$facts/models.c"
	in_tree "$TOOLS" -w "$1" -c "$root" -- \
		bash -ec 'find . | cpio -o -H newc -R 0:0 --quiet >../l2.cpio'
	rm -r "$root"
}

# Debian's versions of QEMU, each with its own libraries.
make_vmms() # KERNEL-DIRECTORY L2-DIRECTORY TREE... DIRECTORY
{
	local root=${*: -1}/root/vmms version tree to

	mkdir -p "$root"
	cp "$1/Image" "$2/l2.cpio" "$TESTBED"/l2/{lib.sh,vmm_test} "$root/"
	for tree in "${@:3:$#-3}"; do
		version=$(sed -nE 's/^qemu-system-arm:.*=([0-9]+:)?([0-9]+\.[0-9]+).*/\2/p' "${tree%/*}/packages")
		to=$root/qemu-$version
		mkdir "$to"
		cp "$tree/usr/bin/qemu-system-aarch64" "$to/"
		take_programs "$tree" "$(triplet arm64)" "$to/lib" "$tree/usr/bin/qemu-system-aarch64"
	done
}

# --- what DKMS builds from, on the machine that it is for ----------------------

DKMS_SOURCES=(Makefile Kbuild dkms.conf LICENSE driver include tools/packaging/dkms.sh)

make_dkms() # DIRECTORY
{
	mkdir -p "$1/root/dkms"
	copy_sources "$1/root/dkms" "${DKMS_SOURCES[@]}"
}

# --- a machine's disk --------------------------------------------------------

# What is installed there of the kernel's modules: for the disk, the test bed and VFIO.
DISK_MODULES='virtio_pci virtio_blk ext4 virtio_console 9pnet_virtio 9p vfio_pci vfio_iommu_type1 ?kvm_amd'
# What mounts it
STAGE_MODULES='virtio_pci virtio_blk ext4'
NATIVE_SOURCES=(tools/testbed/native)
DISK_TESTS=tools/ascend-vfio/tests/vm

# What the packages' scripts, which did not run, would have left.
configure_root() # ROOT
{
	local base=$1/usr/share/base-passwd

	cp "$base/passwd.master" "$1/etc/passwd"
	cp "$base/group.master" "$1/etc/group"
	ln -sfn gawk "$1/usr/bin/awk"
	mkdir -p "$1"/{boot,dev,proc,sys,run,tmp,root,mnt,var/lib/testbed,var/tmp}
	chmod 1777 "$1/tmp" "$1/var/tmp"
	: >"$1/etc/fstab"
	echo npu-host >"$1/etc/hostname"
	echo uninitialized >"$1/etc/machine-id"
}

# Only what the machine needs to boot and the tests look at: each unit takes seconds of an
# emulated processor.
choose_units() # ROOT
{
	local unit

	for unit in getty.target systemd-logind.service systemd-journal-flush.service \
		systemd-pcrphase.service systemd-update-utmp.service systemd-random-seed.service \
		systemd-networkd.service systemd-timesyncd.service e2scrub_reap.service \
		systemd-journal-catalog-update.service systemd-hwdb-update.service \
		systemd-update-done.service ldconfig.service systemd-sysusers.service \
		systemd-firstboot.service systemd-machine-id-commit.service \
		systemd-user-sessions.service timers.target; do
		ln -sfn /dev/null "$1/etc/systemd/system/$unit"
	done
	# Of coldplug, what has drivers that are modules: not each memory block and terminal.
	mkdir -p "$1/etc/systemd/system/systemd-udev-trigger.service.d"
	cat >"$1/etc/systemd/system/systemd-udev-trigger.service.d/testbed.conf" <<-UNIT
	[Service]
	ExecStart=
	ExecStart=-udevadm trigger --action=add --subsystem-match=cpu --subsystem-match=pci --subsystem-match=virtio --subsystem-match=block --subsystem-match=virtio-ports --subsystem-match=vfio
	UNIT
	ln -sfn multi-user.target "$1/etc/systemd/system/default.target"
	install -D -m 644 "$TESTBED/init/testbed.service" "$1/etc/systemd/system/testbed.service"
	mkdir -p "$1/etc/systemd/system/multi-user.target.wants"
	ln -s ../testbed.service "$1/etc/systemd/system/multi-user.target.wants/"
}

# With ours where DKMS puts it, and the vendor's beside it.
disk_modules() # KERNEL-DIRECTORY DRIVER-DIRECTORY SOURCES ROOT
{
	local kernel=$1 src=$3 release arch cc dir path
	release=$(<"$kernel/release") arch=$(<"$kernel/arch") cc=$(<"$kernel/cc")

	dir=$4/usr/lib/modules/$release
	make_module "$src/tools/testbed/native"
	mkdir -p "$dir/updates/dkms"
	# shellcheck disable=SC2086 # words
	module_paths "$kernel" $DISK_MODULES | while read -r path; do
		install -D -m 644 "$path" "$dir/${path#"$kernel/usr/lib/modules/$release/"}"
	done
	cp "$2/ascend_vfio_pci.ko" "$dir/updates/dkms/"
	cp "$src/tools/testbed/native/drv_pcie_host.ko" "$dir/updates/"
	cp "$kernel/usr/lib/modules/$release"/modules.{builtin,order}* "$dir/"
	cp "$kernel/usr/src/linux-headers-$release/.config" "$4/boot/config-$release"
	cp "$kernel/Image" "$4/boot/vmlinuz-$release"
	# Decompressed here, as L1's processor is an emulated one.
	# shellcheck disable=SC2016 # for the inner shell
	in_tree "$TOOLS" -w "$4" -- bash -ec '
		find "$1/lib/modules" -name "*.xz" -exec xz -d {} +
		depmod -b "$1" "$2"' - "$4/usr" "$release"
}

install_tool() # SOURCES LIBRARIES ARCH ROOT
{
	local triplet

	triplet=$(triplet "$3")
	in_tree "$(part fetch tool-tests)" -w "$1" -w "$4" -r "$2" \
		-e "PKG_CONFIG_SYSROOT_DIR=$2" -e "PKG_CONFIG_LIBDIR=$2/usr/lib/$triplet/pkgconfig" -- \
		make -s -j"$(nproc)" -C "$1/tools/ascend-vfio" O="$1/o" LDFLAGS=-s \
			HOSTCC=gcc-14 CC="$triplet-gcc-14 --sysroot=$2" DESTDIR="$4" PREFIX=/usr \
			GUEST_CC="$triplet-gcc-14" install guest-verify
	mkdir -p "$4/tool"
	cp "$1/$DISK_TESTS"/{*.sh,*_test} "$1/o/guest-verify.cpio.gz" "$4/tool/"
}

# With a compression that is quick, as L1 does it again.
configure_initramfs() # ROOT
{
	if [ -d "$1/etc/initramfs-tools" ]; then
		printf 'COMPRESS=zstd\nCOMPRESSLEVEL=1\n' >"$1/etc/initramfs-tools/conf.d/testbed"
		return
	fi
	printf 'compress="zstd -1"\n' >"$1/etc/dracut.conf.d/testbed.conf"
	# That the stand-in is in the initramfs, too, is the worst that can happen.
	mkdir -p "$1/etc/ascend-vfio/early.d" "$1/usr/lib/modules-load.d"
	echo 19e5:d802 >"$1/etc/ascend-vfio/early.d/0000:01:00.0"
	echo 19e5:d500 >"$1/etc/ascend-vfio/early.d/0000:02:00.0"
	echo drv_pcie_host >"$1/usr/lib/modules-load.d/drv_pcie_host.conf"
}

# What is left to programs of the disk's own. Dracut, here, not in L1, as it takes a minute
# of a real processor already.
second_stage() # ROOT RELEASE
{
	if [ -d "$1/etc/initramfs-tools" ]; then
		echo "ldconfig; systemd-sysusers; update-initramfs -c -k $2"
	else
		echo "ldconfig; systemd-sysusers; dracut --force --kver $2 /boot/initrd.img-$2"
	fi
}

# Of root, whoever runs this; and small, as it is copied for each run.
make_filesystem() # DIRECTORY
{
	# shellcheck disable=SC2016 # for the inner shell
	in_tree "$(part fetch debian-x86)" -w "$1" -- bash -ec 'truncate -s 1G "$1/disk"
		tar -c --numeric-owner --owner=0 --group=0 -C "$1/root" . |
			mke2fs -q -t ext4 -L root -O ^has_journal -d - "$1/disk"' - "$1"
}

# An initramfs that runs the shell command /stage with the disk as its root.
make_stage() # KERNEL-DIRECTORY BUSYBOX COMMAND DIRECTORY
{
	local root=$4/stage path

	mkdir -p "$root"/{bin,dev,proc,sys,disk,modules}
	cp "$2/usr/bin/busybox" "$root/bin/"
	ln -s busybox "$root/bin/sh"
	printf 'export PATH=/usr/sbin:/usr/bin LC_ALL=C HOME=/root\n%s\n' "$3" >"$root/stage"
	cat >"$root/init" <<-'SH'
	#!/bin/sh
	export PATH=/bin
	/bin/busybox --install -s /bin
	mount -t devtmpfs dev /dev; mount -t proc proc /proc; mount -t sysfs sys /sys
	while read -r module; do insmod "$module"; done </list
	mount -t ext4 /dev/vda /disk
	for dir in dev proc sys; do mount -o bind "/$dir" "/disk/$dir"; done
	mount -t tmpfs tmp /disk/tmp
	cp /stage /disk/tmp/
	chroot /disk /bin/sh -e /tmp/stage && done=yes
	umount /disk/tmp /disk/dev /disk/proc /disk/sys /disk && [ "$done" ] && echo second stage: done
	poweroff -f
	SH
	chmod 755 "$root/init"
	# shellcheck disable=SC2086 # words
	module_paths "$1" $STAGE_MODULES | while read -r path; do
		cp "$path" "$root/modules/"
		path=${path##*/}
		printf '/modules/%s\n' "${path%.?z}"
	done >"$root/list"
	# shellcheck disable=SC2016 # for the inner shell
	in_tree "$TOOLS" -w "$4" -c "$root" -- bash -ec '
		shopt -s nullglob
		for m in modules/*.xz; do xz -d "$m"; done
		find . | cpio -o -H newc -R 0:0 --quiet >../stage.cpio'
}

# The second stage on a processor that this machine does not have.
boot_stage() # KERNEL-DIRECTORY DIRECTORY
{
	# shellcheck disable=SC2016 # for the inner shell
	timeout 1800 "$BASH" -c '. "$1/common.sh"; in_tree "${@:2}"' - "$TESTBED" \
		"$(part fetch qemu)" -w "$2" -r "$1" -- \
		qemu-system-aarch64 -nodefaults -no-reboot -display none -M virt,gic-version=3 \
			-cpu neoverse-n1 -accel tcg,thread=multi -smp 2 -m 1G \
			-kernel "$1/Image" -initrd "$2/stage.cpio" \
			-append 'console=ttyAMA0 mitigations=off quiet panic=-1' \
			-serial "file:$2/console" -device virtio-blk-pci,drive=disk \
			-drive "if=none,id=disk,file=$2/disk,format=raw,cache=unsafe" </dev/null || true
	tr -d '\r' <"$2/console" >&2
	grep -q '^second stage: done' "$2/console" || die "$KERNEL: the disk's second stage failed"
}

make_disk() # KERNEL-DIRECTORY DRIVER-DIRECTORY TREE LIBRARIES DIRECTORY
{
	local arch src=$5/src root=$5/root release stage

	arch=$(<"$1/arch") release=$(<"$1/release")
	say "$KERNEL: installing a Debian"
	mkdir -p "$src" "$root"
	copy_sources "$src" "${TOOL_SOURCES[@]}" "${NATIVE_SOURCES[@]}"
	cp -a "$3/." "$root"
	configure_root "$root"
	choose_units "$root"
	install_tool "$src" "$4" "$arch" "$root"
	disk_modules "$1" "$2" "$src" "$root"
	in_tree "$TOOLS" -w "$root" -r "$TESTBED/init" -- \
		"$(triplet "$arch")-gcc-14" -static -O2 -D_GNU_SOURCE -Wall -Wextra -Werror \
			-Wno-missing-field-initializers -o "$root/usr/sbin/testbed-agent" \
			"$TESTBED"/init/*.c
	configure_initramfs "$root"
	stage=$(second_stage "$root" "$release")
	if [ "$arch" = x86 ]; then
		as_root_of "$root" sh -ec "$stage"
		make_filesystem "$5"
	else
		make_filesystem "$5"
		make_stage "$1" "$(part fetch busybox-arm64)" "$stage" "$5"
		boot_stage "$1" "$5"
		rm -r "$5"/{stage,stage.cpio,console}
	fi
	rm -r "$src" "$root"
}

# --- main --------------------------------------------------------------------

usage()
{
	sed -n '/^# build.sh/,/^$/s/^# \?//p' "$0"
}

kernel_dir()
{
	[ -n "$KERNEL" ] || { usage >&2; exit 2; }
	part kernels "$KERNEL"
}

WHAT=${1---help} KERNEL=${2-}
TOOLS=$(part fetch tools)
case $WHAT in
driver)
	kernel=$(kernel_dir)
	cache_get "driver-$KERNEL" \
		"$(key_of "$kernel" "$TOOLS" "$(sources_key "${DRIVER_SOURCES[@]}")" \
			"$(declare -f make_driver make_module)")" \
		make_driver "$kernel" ;;
selftests)
	kernel=$(kernel_dir)
	arch=$(<"$kernel/arch")
	uapi=$(part fetch uapi)
	harness=$(part fetch harness)
	cache_get "selftests-$arch" \
		"$(key_of "$TOOLS" "$uapi" "$harness" "$(sources_key "${SELFTEST_SOURCES[@]}")" \
			"$(declare -f make_selftests)")" \
		make_selftests "$arch" "$uapi" "$harness" ;;
base)
	kernel=$(kernel_dir)
	busybox=$(part fetch "busybox-$(<"$kernel/arch")")
	cache_get "base-$KERNEL" \
		"$(key_of "$kernel" "$busybox" "$TOOLS" "$(sources_key tools/testbed/init)" \
			"$L1_MODULES" "$(declare -f make_base module_paths)")" \
		make_base "$kernel" "$busybox" ;;
vmlinux)
	kernel=$(kernel_dir)
	cache_get "vmlinux-$KERNEL" \
		"$(key_of "$kernel" "$TOOLS" "$(declare -f make_vmlinux)")" make_vmlinux "$kernel" ;;
host)
	cache_get host \
		"$(key_of "$TOOLS" "$(sources_key "${HOST_SOURCES[@]}")" "$(declare -f make_host)")" \
		make_host ;;
unit)
	cache_get unit \
		"$(key_of "$TOOLS" "$(sources_key "${SIM_SOURCES[@]}")" "$(declare -f make_unit)")" \
		make_unit ;;
tool)
	kernel=$(kernel_dir)
	driver=$(part build driver "$KERNEL")
	tree=$(part fetch "tool-$(<"$kernel/arch")")
	own=$(part build tool-tests)
	cache_get "tool-$KERNEL" \
		"$(key_of "$kernel" "$driver" "$tree" "$own" "$TOOLS" \
			"$(declare -f make_tool take_programs install_modules needed_by)")" \
		make_tool "$kernel" "$driver" "$tree" "$own" ;;
guest)
	kernel=$(kernel_dir)
	tree=guest-x86 l2=
	if [ "$(<"$kernel/arch")" != x86 ]; then
		# The smallest there is, as an emulated processor emulates another: with Debian's
		# whole kernel tool-guest.plan takes twice as long.
		kernel=$(part kernels lts-6.1)
		tree=guest l2=$(part build l2)
	fi
	tree=$(part fetch "$tree")
	cache_get "guest-$KERNEL" \
		"$(key_of "$kernel" "$tree" "$l2" "$TOOLS" "$FIRMWARE" "$(sources_key tools/testbed/l2/lib.sh)" \
			"$(declare -f make_guest take_programs needed_by)")" \
		make_guest "$kernel" "$tree" "$l2" ;;
l2)
	cache_get l2 \
		"$(key_of "$TOOLS" "$(sources_key "${L2_SOURCES[@]}")" "$(declare -f make_l2)")" make_l2 ;;
vmms)
	kernel=$(kernel_dir)
	l2=$(part build l2)
	trees=()
	for tree in guest-oldstable guest guest-backports; do
		trees+=("$(part fetch "$tree")")
	done
	cache_get "vmms-$KERNEL" \
		"$(key_of "$kernel" "$l2" "${trees[@]}" "$TOOLS" "$(sources_key tools/testbed/l2)" \
			"$(declare -f make_vmms take_programs needed_by)")" \
		make_vmms "$kernel" "$l2" "${trees[@]}" ;;
debian|dracut)
	kernel=$(kernel_dir)
	driver=$(part build driver "$KERNEL")
	arch=$(<"$kernel/arch")
	tree=$(part fetch "$WHAT-$arch")
	libraries=$(part fetch "tool-$arch")
	cache_get "$WHAT-$KERNEL" \
		"$(key_of "$kernel" "$driver" "$tree" "$libraries" "$TOOLS" "$DISK_MODULES" \
			"$(sources_key "${TOOL_SOURCES[@]}" "${NATIVE_SOURCES[@]}" tools/testbed/init)" \
			"$STAGE_MODULES" "$(declare -f make_disk configure_root choose_units disk_modules \
				install_tool configure_initramfs second_stage make_filesystem make_stage \
				boot_stage make_module module_paths)")" \
		make_disk "$kernel" "$driver" "$tree" "$libraries" ;;
dkms)
	cache_get dkms "$(key_of "$(sources_key "${DKMS_SOURCES[@]}")" "$(declare -f make_dkms copy_sources)")" \
		make_dkms ;;
tool-tests)
	tree=$(part fetch tool-tests)
	cache_get tool-tests \
		"$(key_of "$tree" "$(sources_key "${TOOL_SOURCES[@]}")" "$(declare -f make_tool_tests)")" \
		make_tool_tests "$tree" ;;
*)
	usage
	[ "$WHAT" = --help ] || exit 2 ;;
esac
