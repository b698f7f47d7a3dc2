# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # variables shared with run.sh
# SPDX-License-Identifier: GPL-2.0-only

TREE=$TREES/a2-bound
run verify 01:00.0
exits 'verify: on a host with write combining' 0
line 'verify: what a guest reads' '^0000:01:00\.0: layout 910a2-pf; a guest reads feature as 0x15$'
line 'verify: per BAR' '^0000:01:00\.0: BAR4: may be mapped write combining'
TREE=$TREES/duo
run verify 01:00.0
exits 'verify: on a host without' 2
line 'verify: and why' 'BAR4: not write combining: the driver found no Normal-NC support'
TREE=$TREES/a3-mixed
run verify 09:00.0
exits 'verify: with vfio-pci' 2
TREE=$TREES/empty
run verify
exits 'verify: no NPU' 1

# The program for guests
if command -v "${GUEST_CC-aarch64-linux-gnu-gcc}" >/dev/null && command -v cpio >/dev/null; then
	why=$(make -s -C .. O="$O" guest-verify 2>&1)
	result 'verify: the initramfs for guests is made' $? "$why"
	is 'verify: it is static, for arm64' \
		"$(readelf -hl "$O/ascend-vfio-verify" | grep -cE 'AArch64|INTERP')" 1
	is 'verify: init is what the initramfs has' "$(zcat "$O/guest-verify.cpio.gz" | cpio --quiet -t | grep -cx init)" 1
else
	fail 'verify: the program for guests' 'missing: apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross cpio'
fi
