#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# deb.sh BUILD ROOT=KERNELS...: TAP: "make deb" in the root BUILD of roots.sh; what it makes is
# installed, used, upgraded and purged in each ROOT, which has an image of KERNELS.

# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/../../testbed/common.sh"
# shellcheck source=tools/packaging/tests/lib.sh
. "$TOP/tools/packaging/tests/lib.sh"

NEXT=99.1
EARLY=0000:81:00.0

debs() # VERSION
{
	printf "/tmp/debs/%s_$1_%s.deb\n" ascend-vfio-pci-dkms all ascend-vfio amd64
}

# --- on a machine that packages are made on ---------------------------------------

make_debs() # VERSION
{
	set_version "$1"
	inside make deb O=/tmp/debs
	exits "make deb: version $1" 0
	is "it names what it has made" "$(tail -n 2 "$WORK/out" | sort)" "$(debs "$1" | sort)"
	# The next one clears what it finds.
	mv "$WORK"/debs/*.deb "$WORK/keep/"
}

# There, as the machine need not have depmod.
record_trees()
{
	mkdir "$WORK/trees"
	INSIDE=(-w "$WORK/trees=/tmp/trees")
	inside tools/ascend-vfio/tests/trees.sh /tmp/trees
	[ "$STATUS" = 0 ] || die "no recorded trees: $(said)"
}

build()
{
	new_root "$1"
	record_trees
	mkdir "$WORK/debs" "$WORK/keep"
	INSIDE=(-w "$WORK/debs=/tmp/debs")
	make_debs "$VERSION"
	make_debs $NEXT
	mv "$WORK"/keep/*.deb "$WORK/debs/"
	# shellcheck disable=SC2046 # words
	inside lintian --allow-root --display-info --show-overrides $(debs "$VERSION")
	is "lintian finds nothing but what is listed with its reason" \
		"$(grep -v '^[NO]: ' "$WORK/out" || true)" ''
	has "it has looked" 'O: ascend-vfio: statically-linked-binary'
	sed 's/^/# /' "$WORK/out"
	set_version 1.2.3
	cp "$TOP/README.md" "$WORK/src/README.md"
	inside make deb O=/tmp/none
	exits "make deb: a version that README's Releases do not begin with" 2
	has "it says so" "but the newest of README's Releases is $VERSION"
	set_version "$VERSION"
}

# --- on a machine that they are for --------------------------------------------

# install_debs NAME PACKAGE-FILE...: as with "apt-get install ./...", which asks for nothing
# that is not there
install_debs()
{
	inside apt-get install -y --no-install-recommends --allow-downgrades -o APT::Sandbox::User=root \
		"${@:2}"
	exits "$1: apt-get installs them" 0
}

# is_there NAME VERSION
is_there()
{
	is_installed "$1" "$2" "${KERNELS[@]}"
	inside ascend-vfio --version
	is "$1: ascend-vfio is of that version" "$STDOUT" "ascend-vfio $2"
}

used()
{
	inside ascend-vfio --sysroot /tmp/trees/a2-native list
	exits "ascend-vfio list, on a recorded tree" 0
	has "it lists an NPU" 0000:81:00.0
	is "there is a manual page" "$(zcat "$ROOT/usr/share/man/man8/ascend-vfio.8.gz" | grep -c '^\.Dt ASCEND-VFIO')" 1
	is "bash completes its commands" "$(bash -c '. "$1"; complete -p ascend-vfio' - \
		"$ROOT/usr/share/bash-completion/completions/ascend-vfio" | grep -c ascend-vfio)" 1
	inside /usr/lib/ascend-vfio/ascend-vfio-verify --help
	has "the program for guests runs" 'usage: ascend-vfio-verify'
}

# kmod's own answer, for a module that is called like the vendor's.
before_the_vendors()
{
	local kernel=${KERNELS[0]}
	local dir=$ROOT/lib/modules/$kernel

	cp "$(find "$dir/updates" -name "$DRIVER.ko*")" "$WORK/module"
	mkdir "$dir/extra"
	cp "$(find "$dir/updates" -name "$DRIVER.ko*")" "$dir/extra/drv_pcie_host.ko$(
		find "$dir/updates" -name "$DRIVER.ko.*" | sed 's/.*\.ko//')"
	inside depmod "$kernel"
	inside modprobe -S "$kernel" --show-depends drv_pcie_host
	is "modprobe loads ours before the vendor's" \
		"$(grep -oE "$DRIVER|drv_pcie_host" "$WORK/out" | uniq | paste -sd' ')" "$DRIVER drv_pcie_host"
	rm -r "$dir/extra"
	inside depmod "$kernel"
}

# has_early NAME YES-OR-NO: in the initramfs of the kernel that has an image
has_early()
{
	local want=''

	[ "$2" = no ] || want="etc/ascend-vfio/early.d/$EARLY updates/dkms/$DRIVER.ko"
	inside lsinitramfs "$INITRD"
	is "$1: what is bound early, and the driver, are in the initramfs: $2" "$(grep -oE \
		"etc/ascend-vfio/early.d/.*|updates/dkms/$DRIVER\.ko" "$WORK/out" | sort -u |
		paste -sd' ')" "$want"
}

# As "ascend-vfio bind --persist --early" leaves it.
bind_early()
{
	bind_persistently $EARLY
	mkdir -p "$ROOT/etc/ascend-vfio/early.d"
	echo 19e5:d802 >"$ROOT/etc/ascend-vfio/early.d/$EARLY"
	inside update-initramfs -u -k all
	exits "update-initramfs, with an NPU that is bound early" 0
	has_early "bound early" yes
}

early_version()
{
	rm -rf "$WORK/initramfs"
	INSIDE+=(-w "$WORK/initramfs=/tmp/initramfs")
	mkdir "$WORK/initramfs"
	# shellcheck disable=SC2016 # for the inner shell
	inside sh -c 'unmkinitramfs "$1" /tmp/initramfs; modinfo -F version $(find /tmp/initramfs -name "$2.ko*")' \
		- "$INITRD" $DRIVER
	printf '%s\n' "$STDOUT"
	unset 'INSIDE[-1]' 'INSIDE[-1]'
}

machine() # ROOT KERNELS
{
	local before
	local pool

	pool=$(part roots "$2")
	printf '# %s\n' "$1"
	new_root "$1"
	INSIDE=(-r "$WORK/debs=/tmp/debs" -r "$WORK/trees=/tmp/trees")
	install_kernel "$1" "$pool"
	mapfile -t KERNELS < <(kernels)
	INITRD=/boot/initrd.img-$WITH_IMAGE
	before=$(files_of "$ROOT")

	set_version 0.0.9
	inside make dkms
	exits "$1: make dkms, before there are packages" 0
	set_version "$VERSION"
	# shellcheck disable=SC2046 # words
	install_debs "$1" $(debs "$VERSION")
	is_there "$1, in the place of what make dkms did" "$VERSION"
	used
	before_the_vendors
	has_early "$1" no
	bind_early
	inside make dkms
	exits "$1: make dkms keeps off a package's files" 2
	has "it says whose they are" 'the package ascend-vfio-pci-dkms has the driver here'
	inside make dkms-remove
	exits "$1: so does make dkms-remove" 2

	# shellcheck disable=SC2046 # words
	install_debs "$1, upgrade" $(debs $NEXT)
	is_there "$1, upgrade" $NEXT
	is "$1, upgrade: and in the initramfs" "$(early_version)" $NEXT
	# shellcheck disable=SC2046 # words
	install_debs "$1, going back" $(debs "$VERSION")
	is_there "$1, going back" "$VERSION"

	inside apt-get remove -y ascend-vfio ascend-vfio-pci-dkms
	exits "$1: removed" 0
	has_early "$1, removed" no
	is "$1, removed: what was bound early is remembered" "$(cd "$ROOT" && echo etc/ascend-vfio/early.d/*)" \
		"etc/ascend-vfio/early.d/$EARLY"
	inside apt-get purge -y ascend-vfio ascend-vfio-pci-dkms
	exits "$1: purged" 0
	is "$1, purged: nothing is left" "$(files_of "$ROOT")" "$before"
}

main()
{
	local pair

	start_work
	build "$1"
	for pair in "${@:2}"; do
		machine "${pair%%=*}" "${pair#*=}"
	done
	plan_ends
}

main "$@"; exit
