#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# rpm.sh BUILD: TAP: "make rpm" in the root BUILD of roots.sh, with Debian's rpmbuild; what it
# makes is installed in an empty root without scriptlets, and installed, upgraded and erased in
# BUILD with them, as that has a dkms and a kernel's headers.

# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/../../testbed/common.sh"
# shellcheck source=tools/packaging/tests/lib.sh
. "$TOP/tools/packaging/tests/lib.sh"

NEXT=99.1

rpms() # VERSION
{
	printf "/tmp/rpms/%s-$1-1.%s.rpm\n" ascend-vfio x86_64 ascend-vfio-pci-dkms noarch
}

make_rpms() # VERSION
{
	set_version "$1"
	inside make rpm O=/tmp/rpms RPM_OPTIONS=--nodeps
	exits "make rpm: version $1" 0
	is "it names what it has made" "$(tail -n 3 "$WORK/out" | sort)" \
		"$({ rpms "$1"; echo "/tmp/rpms/ascend-vfio-pci-$1-1.src.rpm"; } | sort)"
	mv "$WORK"/rpms/*.rpm "$WORK/keep/"
}

contents()
{
	local driver tool
	tool=$(rpms "$VERSION" | head -n 1) driver=$(rpms "$VERSION" | tail -n 1)

	inside rpm -qpl "$tool"
	is "what is in ascend-vfio" "$(grep -v /licenses/ "$WORK/out" | sed 's/\.8\.gz$/.8/' | sort)" "$(sort <<-LIST
		/usr/lib/ascend-vfio
		/usr/lib/ascend-vfio/ascend-vfio-verify
		/usr/lib/ascend-vfio/guest-verify.cpio.gz
		/usr/lib/dracut/modules.d/90ascend-vfio
		/usr/lib/dracut/modules.d/90ascend-vfio/ascend-vfio-early
		/usr/lib/dracut/modules.d/90ascend-vfio/ascend-vfio.sh
		/usr/lib/dracut/modules.d/90ascend-vfio/module-setup.sh
		/usr/sbin/ascend-vfio
		/usr/share/bash-completion/completions/ascend-vfio
		/usr/share/man/man8/ascend-vfio.8
		LIST
	)"
	inside rpm -qpl "$driver"
	is "what is in ascend-vfio-pci-dkms, but for the sources" "$(grep -v "/src/\|/licenses/" "$WORK/out")" \
		"/usr/lib/modprobe.d/$DRIVER.conf"
	is "its sources are those of make dkms" \
		"$(grep "/usr/src/$DRIVER-$VERSION/.*\." "$WORK/out" | sed "s|.*/$DRIVER-$VERSION/||" | sort)" \
		"$("$WORK/src/tools/packaging/dkms.sh" sources "$WORK/sources" && cd "$WORK/sources" &&
			find . -type f -name '*.*' -printf '%P\n' | sort)"
	inside rpm -qp --requires "$driver"
	has "the driver's package wants dkms" dkms
	has "and headers" kernel-devel
	inside rpm -qp --scripts "$driver" "$tool"
	# As /bin/sh, which is bash on openEuler, reads them.
	awk '/^[a-z]+ scriptlet / { next } { print }' "$WORK/out" >"$WORK/scripts"
	is "its scriptlets are a shell's" "$(bash -n "$WORK/scripts" 2>&1; grep -c 'dkms remove' "$WORK/scripts")" 2
	inside rpm -qp --changelog "$driver"
	has "README's releases are its changelog" "- $VERSION-1"
	# shellcheck disable=SC2046 # words
	inside sh -c 'mkdir /tmp/empty && rpm --root /tmp/empty --initdb && rpm --root /tmp/empty \
		--nodeps --noscripts -i "$@" && rpm --root /tmp/empty -V --nodeps --noscripts \
		ascend-vfio ascend-vfio-pci-dkms && rpm --root /tmp/empty -e --noscripts \
		ascend-vfio ascend-vfio-pci-dkms && cd /tmp/empty && find . ! -type d ! -path "./var/*" ! -path "./root/.rpmdb/*"' - \
		$(rpms "$VERSION")
	exits "rpm installs both in an empty root, verifies and erases them" 0
	is "nothing is left there" "$STDOUT" ''
}

# install_rpms NAME VERSION RPM-ARGUMENT...: what they depend on has other names here
install_rpms()
{
	# shellcheck disable=SC2046 # words
	inside rpm --nodeps "${@:3}" $(rpms "$2")
	exits "$1" 0
	is_installed "$1" "$2" "${KERNELS[@]}"
	inside ascend-vfio --version
	is "$1: ascend-vfio is of that version" "$STDOUT" "ascend-vfio $2"
}

# But for RPM's own, and directories that other packages have where RPM is at home.
files()
{
	files_of "$ROOT" | grep -vE '^(var/lib/rpm|root/.rpmdb)/|^usr/(lib/dracut/(modules.d/)?|share/licenses/)$'
}

machine()
{
	local before

	mapfile -t KERNELS < <(kernels)
	before=$(files)
	set_version 0.0.9
	inside make dkms
	exits "make dkms, before there are packages" 0
	set_version "$VERSION"
	install_rpms "rpm -i, in the place of what make dkms did" "$VERSION" -i
	inside modprobe -c
	has "the driver comes before the vendor's" "softdep drv_pcie_host pre: $DRIVER"
	inside make dkms
	exits "make dkms keeps off a package's files" 2
	has "it says whose they are" 'the package ascend-vfio-pci-dkms'
	install_rpms "rpm -U, to the next version" $NEXT -U
	install_rpms "rpm -U --oldpackage, back" "$VERSION" -U --oldpackage
	bind_persistently 0000:81:00.0
	inside rpm -e ascend-vfio ascend-vfio-pci-dkms
	exits "rpm -e" 0
	is "erased: nothing is left" "$(files)" "$before"
}

main()
{
	start_work
	new_root "$1"
	mkdir "$WORK/rpms" "$WORK/keep"
	INSIDE=(-w "$WORK/rpms=/tmp/rpms")
	make_rpms "$VERSION"
	make_rpms $NEXT
	mv "$WORK"/keep/*.rpm "$WORK/rpms/"
	set_version "$VERSION"
	contents
	machine
	plan_ends
}

main "$@"; exit
