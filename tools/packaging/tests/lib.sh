# shellcheck shell=bash disable=SC2034,SC2016 # variables of those who source it; dpkg's
# SPDX-License-Identifier: GPL-2.0-only
#
# What the tests of installing share: a root file system of roots.sh to install in, and what
# is to be said of it. Sourced after common.sh; exits(), has(), is() and so on are those of
# the tool's own tests. Each test is a line of TAP.

# shellcheck source=tools/ascend-vfio/tests/lib.sh
. "$TOP/tools/ascend-vfio/tests/lib.sh"

DRIVER=ascend_vfio_pci
MODULE=updates/dkms/$DRIVER.ko

# WORK holds the root, and what in_root() shows there as /src: the project's sources.
start_work()
{
	mkdir -p "$CACHE"
	WORK=$(mktemp -d "$CACHE/.install.XXXXXX")
	trap 'rm -rf "$WORK"' EXIT
	ROOT=$WORK/root
	mkdir "$WORK/src"
	(cd "$TOP" && list_sources . | tar -c --null -T -) | tar -x -C "$WORK/src"
	VERSION=$(version_of "$WORK/src")
}

version_of() # TREE
{
	sed -n 's/^PACKAGE_VERSION="\(.*\)"$/\1/p' "$1/dkms.conf"
}

set_version() # VERSION
{
	sed -i "s/^\(PACKAGE_VERSION=\).*/\1\"$1\"/" "$WORK/src/dkms.conf"
	cp "$TOP/README.md" "$WORK/src/README.md"
	[ "$1" = "$VERSION" ] ||
		sed -i "s/^## Releases\$/&\n\n- **$1** (2030-01-01): for the test./" "$WORK/src/README.md"
}

new_root() # NAME
{
	local from
	from=$(part roots "$1")

	rm -rf "$ROOT"
	cp -a "$from" "$ROOT"
	mkdir "$ROOT/src"
	be_quick
}

# What takes most of the time on an idle machine, and is not tried here: a disk that keeps what
# is written, an initramfs that is small, and modules by the thousand, which depmod reads and an
# initramfs has all of. Of a kernel's own those stay that ours needs, already here or to come.
be_quick()
{
	local keep=(drivers/vfio drivers/iommu virt) dir

	echo COMPRESSLEVEL=1 >"$ROOT/etc/initramfs-tools/conf.d/quick"
	{
		echo force-unsafe-io
		echo 'path-exclude=*/lib/modules/*/kernel/*'
		printf 'path-include=*/lib/modules/*/kernel/%s/*\n' "${keep[@]}"
	} >"$ROOT/etc/dpkg/dpkg.cfg.d/quick"
	for dir in "$ROOT"/lib/modules/*/kernel; do
		[ ! -d "$dir" ] || find "$dir" -name '*.ko*' \
			-regextype posix-extended ! -regex ".*/kernel/($(IFS='|'; echo "${keep[*]}"))/.*" -delete
	done
}

# inside COMMAND...: in the root, as its root user; sets STATUS, STDOUT, STDERR
INSIDE=()
inside()
{
	STATUS=0
	in_root "$ROOT" -r "$WORK/src=/src" "${INSIDE[@]}" -c /src -- "$@" \
		>"$WORK/out" 2>"$WORK/err" </dev/null || STATUS=$?
	STDOUT=$(<"$WORK/out") STDERR=$(<"$WORK/err")
}

plan_ends()
{
	printf '1..%d\n' "$NR"
	return $((FAILED != 0))
}

# --- what is in the root ------------------------------------------------------

# As "ascend-vfio bind --persist" leaves it: files that are no package's.
bind_persistently() # BDF
{
	mkdir -p "$ROOT"/{etc/udev/rules.d,var/lib/ascend-vfio}
	echo '# for a test' >"$ROOT/etc/udev/rules.d/05-ascend-vfio-$1.rules"
	echo 'for a test' >"$ROOT/var/lib/ascend-vfio/$1"
}

# All files but for what programs that we use keep for themselves: logs, caches, dpkg's
# state, depmod's indexes, the key that DKMS makes; and but for other packages' documents and
# initramfs.
files_of() # ROOT
{
	(cd "$1" && find . -xdev \( -path ./var/log -o -path ./var/cache -o -path ./var/lib/apt \
		-o -path ./tmp -o -path ./run -o -path ./dev -o -path ./proc -o -path ./src \
		-o -path './var/lib/dpkg/*' ! -path './var/lib/dpkg/info*' \
		-o -path './var/lib/dkms/mok.*' -o -path './usr/lib/modules/*/modules.*' \
		-o -path './lib/modules/*/modules.*' -o -path './boot/initrd.img-*' \) -prune \
		-o ! -type d -printf '%P %l\n' -o -printf '%P/\n' | sort |
		sed -E '\,^usr/share/(doc|man)/,{/ascend/!d}')
}

# The driver's modules: "KERNEL FILE VERSION" each, as modprobe of that kernel finds them.
modules()
{
	local dir

	for dir in "$ROOT"/lib/modules/*/; do
		dir=${dir%/}
		find "$dir" -name "$DRIVER.ko*" -printf '%P\n' | while read -r file; do
			printf '%s %s %s\n' "${dir##*/}" "$file" "$(in_root "$ROOT" -- \
				modinfo -k "${dir##*/}" -F version "$DRIVER" 2>&1)"
		done
	done
}

dkms_status()
{
	in_root "$ROOT" -- dkms status | grep "^$DRIVER" | sort
}

# "KERNEL updates/dkms/...ko VERSION" for all kernels given.
wanted() # VERSION KERNEL...
{
	printf "%s $MODULE $1\n" "${@:2}" | sort
}

# is_installed NAME VERSION KERNEL...: this and no other, by dkms's word and by the files
is_installed()
{
	is "$1: one module a kernel, of that version" \
		"$(modules | sed 's/\.ko\.[xz]*/.ko/' | sort)" "$(wanted "${@:2}")"
	is "$1: DKMS knows that one only" "$(dkms_status)" \
		"$(printf "$DRIVER/$2, %s, x86_64: installed\n" "${@:3}" | sort)"
	is "$1: one source" "$(cd "$ROOT/usr/src" && echo $DRIVER*)" "$DRIVER-$2"
}

kernels()
{
	(cd "$ROOT/lib/modules" && printf '%s\n' *)
}

packages()
{
	in_root "$ROOT" -- dpkg-query -W -f '${Package}\n' | sort
}

# of_pool POOL WHICH: of its packages, the "new" that are not here, or the "newer" ones of those
# that are, as /tmp/pool has them
of_pool()
{
	local deb name version here which

	for deb in "$1"/*.deb; do
		read -r name version < <(dpkg-deb -W --showformat '${Package} ${Version}\n' "$deb")
		here=$(in_root "$ROOT" -- dpkg-query -W -f '${Version}' "$name" 2>/dev/null || true)
		which=new
		[ -z "$here" ] || which=newer
		[ "$which" = "$2" ] || continue
		[ -z "$here" ] || dpkg --compare-versions "$here" lt "$version" || continue
		printf '/tmp/pool/%s\n' "${deb##*/}"
	done
}

install_of_pool() # POOL PACKAGE-FILE...
{
	INSIDE+=(-r "$1=/tmp/pool")
	inside apt-get install -y --no-install-recommends -o APT::Sandbox::User=root "${@:2}"
	unset 'INSIDE[-1]' 'INSIDE[-1]'
}

# upgrade_shared POOL: what its kernel needs newer than it is here, as linux-base of a backport.
# That does not go away with the kernel.
upgrade_shared()
{
	local files
	mapfile -t files < <(of_pool "$1" newer)

	[ ${#files[@]} != 0 ] || return 0
	install_of_pool "$1" "${files[@]}"
	[ "$STATUS" = 0 ] || fail "what kernels share is upgraded" "$(said)"
}

install_kernel() # NAME POOL
{
	local files
	mapfile -t files < <(of_pool "$2" newer; of_pool "$2" new)

	install_of_pool "$2" "${files[@]}"
	exits "$1: packages of another kernel are installed" 0
	# The newest.
	WITH_IMAGE=$(cd "$ROOT/boot" && printf '%s\n' vmlinuz-* | sed 's/vmlinuz-//' | sort -V | tail -n 1)
}

# The directory of a kernel's headers.
headers() # KERNEL
{
	printf '%s%s\n' "$ROOT" "$(in_root "$ROOT" -- readlink -f "/lib/modules/$1/build")"
}

# make_kernel NAME LIKE SED-SCRIPT: headers of a kernel that Debian has not: those of LIKE
# with a configuration that is edited.
make_kernel()
{
	local like
	like=$(headers "$2")

	mkdir -p "$ROOT/lib/modules/$1"
	cp -a "$like" "$ROOT/usr/src/linux-headers-$1"
	ln -s "/usr/src/linux-headers-$1" "$ROOT/lib/modules/$1/build"
	# dkms looks into the one or the other, by its version.
	sed -i "$3" "$ROOT/usr/src/linux-headers-$1/"{.config,include/config/auto.conf}
}
