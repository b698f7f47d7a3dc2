#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# dkms.sh ROOT KERNELS: TAP: "make dkms" and "make dkms-remove" in a copy of a root of roots.sh,
# with the dkms that its release has, and another kernel of roots.sh that comes later.

# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/../../testbed/common.sh"
# shellcheck source=tools/packaging/tests/lib.sh
. "$TOP/tools/packaging/tests/lib.sh"

SIGNER='A key of make check-install'

# A machine owner's key, where the administrator told dkms that it is.
make_key()
{
	inside openssl req -new -x509 -newkey rsa:2048 -nodes -days 9 -subj "/CN=$SIGNER/" \
		-keyout /etc/dkms/own.key -outform DER -out /etc/dkms/own.der
	exits "openssl makes a key" 0
	printf '%s=/etc/dkms/own.%s\n' mok_signing_key key mok_certificate der \
		>>"$ROOT/etc/dkms/framework.conf"
}

# Where a build has been, and what has no place in /usr/src.
litter()
{
	mkdir "$WORK"/src/selftests/obj
	touch "$WORK"/src/{selftests/obj/x.o,$DRIVER.ko,driver/main.o,driver/compat/probed.h,Module.symvers}
}

same_module() # KERNEL
{
	stat -c '%i %Y' "$ROOT/lib/modules/$1/$MODULE"*
}

# --- the tests ------------------------------------------------------------------

first_time()
{
	inside make dkms
	exits "make dkms: the first time" 0
	is_installed "the first time" "$VERSION" "$BASE"
	is "only what the module is made of is in /usr/src" "$(cd "$ROOT/usr/src/$DRIVER-$VERSION" &&
		find . -type f ! -name '*.[ch]' | sort | paste -sd' ')" \
		'./Kbuild ./LICENSE ./dkms.conf ./driver/compat/probe.sh'
	is "nor what a build has left" "$(find "$ROOT/usr/src/$DRIVER-$VERSION" -name 'probed.h' \
		-o -name '*.[ch]' -path '*/selftests/*')" ''
	inside modinfo -k "$BASE" -F signer $DRIVER
	is "the module is signed with the machine owner's key" "$STDOUT" "$SIGNER"
	inside modinfo -k "$BASE" -F vermagic $DRIVER
	is "it is for that kernel" "${STDOUT%% *}" "$BASE"
}

again()
{
	local before
	before=$(same_module "$BASE")

	inside make dkms
	exits "make dkms: again" 0
	is_installed "again" "$VERSION" "$BASE"
	is "again: nothing is built" "$(same_module "$BASE")" "$before"
}

# Headers and image come by the package manager; nobody calls make.
another_kernel()
{
	PACKAGES=$(packages)
	install_kernel "another kernel" "$POOL"
	OTHER=$(kernels | grep -vx "$BASE")
	is_installed "another kernel: DKMS has followed" "$VERSION" "$BASE" "$OTHER"
	is "another kernel: it has its image" "$WITH_IMAGE" "$OTHER"
	inside modinfo -k "$OTHER" -F signer $DRIVER
	is "another kernel: signed, too" "$STDOUT" "$SIGNER"
}

next_version()
{
	set_version 99.1
	inside make dkms
	exits "make dkms: the next version" 0
	is_installed "the next version" 99.1 "$BASE" "$OTHER"
}

kernel_goes()
{
	# shellcheck disable=SC2046 # words
	inside dpkg --purge $(comm -13 <(cat <<<"$PACKAGES") <(packages))
	exits "packages of the other kernel are purged" 0
	is_installed "the other kernel is gone" 99.1 "$BASE"
}

broken_version()
{
	local before
	before=$(same_module "$BASE")

	set_version 99.2
	sed -i '1i #error "broken on purpose"' "$WORK/src/driver/main.c"
	inside make dkms
	exits "make dkms: a version that does not build" 2
	has "it says so" 'it does not build'
	has "and why" 'broken on purpose'
	is_installed "a version that does not build: the former stays" 99.1 "$BASE"
	is "its module is the same file" "$(same_module "$BASE")" "$before"
	sed -i 1d "$WORK/src/driver/main.c"
}

going_back()
{
	set_version "$VERSION"
	inside make dkms
	exits "make dkms: going back to a lower version" 0
	is_installed "going back" "$VERSION" "$BASE"
}

# Somebody who works on the driver, or a pull between two versions.
changed_source()
{
	local before
	before=$(same_module "$BASE")

	sed -i 's/^MODULE_DESCRIPTION("/&(changed) /' "$WORK/src/driver/main.c"
	inside make dkms
	exits "make dkms: the same version with another source" 0
	is_installed "another source" "$VERSION" "$BASE"
	inside modinfo -k "$BASE" -F description $DRIVER
	has "another source: it was built anew" '(changed)'
	sed -i 's/^\(MODULE_DESCRIPTION("\)(changed) /\1/' "$WORK/src/driver/main.c"
}

# refused KERNEL WHY: by make dkms, with a reason; by DKMS itself; and the hook that a kernel's
# package runs goes on, but for that of dkms 3.0, which takes any module that is not for the
# kernel as a failure (README says what to do)
refused()
{
	inside make dkms
	exits "$1: make dkms goes on with other kernels" 0
	has "$1: it says why not" "not for $1: $2"
	inside dkms install "$DRIVER/$VERSION" -k "$1"
	is "$1: DKMS refuses (77)" "$STATUS" 77
	has "$1: and says what by" BUILD_EXCLUSIVE
	inside /etc/kernel/header_postinst.d/dkms "$1"
	if [[ $DKMS == *-3.0.* ]]; then
		is "$1: dkms 3.0 fails its packages" "$STATUS" 11
	else
		exits "$1: its packages can be installed" 0
	fi
	is_installed "$1: nothing of it" "$VERSION" "$BASE"
}

# Debian has no such kernels any more: these have the headers of one that it has.
refusals()
{
	# Neither alone may let it through.
	make_kernel 5.10.0-99-amd64 "$BASE" ''
	refused 5.10.0-99-amd64 'too old, the driver needs Linux 6.1'
	make_kernel 6.99.0-novfio "$BASE" 's/^CONFIG_VFIO_PCI_CORE=.*/# CONFIG_VFIO_PCI_CORE is not set/'
	refused 6.99.0-novfio 'built without vfio-pci-core (CONFIG_VFIO_PCI_CORE)'
	mv "$ROOT/lib/modules/$BASE/build" "$ROOT/lib/modules/$BASE/away"
	inside make dkms
	exits "make dkms: no kernel that it can be for" 2
	has "it says what to install" 'apt-get install linux-headers-'
	mv "$ROOT/lib/modules/$BASE/away" "$ROOT/lib/modules/$BASE/build"
	rm -rf "$ROOT"/lib/modules/{5.10.0-99-amd64,6.99.0-novfio} \
		"$ROOT"/usr/src/linux-headers-{5.10.0-99-amd64,6.99.0-novfio}
}

removed()
{
	inside make dkms-remove
	exits "make dkms-remove" 0
	is "nothing is left" "$(files_of "$ROOT")" "$BEFORE"
	inside make dkms-remove
	exits "make dkms-remove: again" 0
	has "it says that there is nothing" "DKMS has no $DRIVER"
	inside make dkms
	exits "make dkms: after that" 0
	is_installed "after that" "$VERSION" "$BASE"
	inside make dkms-remove
	is "nothing is left of that, either" "$(files_of "$ROOT")" "$BEFORE"
}

main()
{
	start_work
	litter
	new_root "$1"
	POOL=$(part roots "$2")
	BASE=$(kernels)
	upgrade_shared "$POOL"
	make_key
	BEFORE=$(files_of "$ROOT")
	DKMS=$(in_root "$ROOT" -- dkms --version)
	printf '# %s\n' "$1: $DKMS, headers of $BASE"
	first_time
	again
	another_kernel
	next_version
	kernel_goes
	broken_version
	going_back
	changed_source
	refusals
	removed
	plan_ends
}

main "$@"; exit
