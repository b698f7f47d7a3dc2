# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # variables shared with run.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# qemu-args and libvirt-xml

TREE=$TREES/a2-bound
run qemu-args 01:00.0
exits 'qemu-args: exits 0' 0
is 'qemu-args: one card: a port and the device' "$STDOUT" \
'-device pcie-root-port,id=npuport0,bus=pcie.0,chassis=100 \
-device vfio-pci,host=0000:01:00.0,bus=npuport0'
eight=(01:00.0 02:00.0 41:00.0 42:00.0 81:00.0 82:00.0 c1:00.0 c2:00.0)
run qemu-args "${eight[@]}"
line 'qemu-args: eight cards of 64G need a window of 2T' '^-machine highmem-mmio-size=2T '
run qemu-args "${eight[@]:0:3}"
hasnt 'qemu-args: three fit into 512G' highmem
run qemu-args --qemu 7.2 "${eight[@]}"
exits 'qemu-args: QEMU 7.2 cannot have eight' 1
has 'qemu-args: and three would fit' 'the first 3 of them would fit'
run qemu-args --qemu 9.2.4 "${eight[@]:0:3}"
exits 'qemu-args: three with an old QEMU' 0
run qemu-args --machine q35 "${eight[@]:0:2}"
line 'qemu-args: q35 has another word for it' '^-global q35-pcihost.pci-hole64-size=512G '
run qemu-args --memory 64G "${eight[@]}"
is 'qemu-args --memory: a node, its memory and its bridge for each of four' \
	"$(grep -c '^-numa node,nodeid=[0-3],memdev=npumem[0-3] ' "$WORK/out") $(grep -c 'size=16G,host-nodes=[0-3],policy=bind' "$WORK/out") $(grep -c 'pxb-pcie,id=npupxb[0-3],bus=pcie.0,bus_nr=[0-9]*,numa_node=[0-3]' "$WORK/out")" '4 4 4'
line 'qemu-args --memory: a card of node 2 is below the bridge of node 2' 'id=npuport4,bus=npupxb2,'
run qemu-args --memory 64G --no-numa "${eight[@]}"
hasnt 'qemu-args --no-numa' pxb
run qemu-args --json 01:00.0
json 'qemu-args --json' 'd["machine"] == "virt" and d["arguments"][-1] == "vfio-pci,host=0000:01:00.0,bus=npuport0"'

TREE=$TREES/a3-mixed
run qemu-args 03:00.1 03:00.2
is 'qemu-args: VFs at functions 1 and 2, something at 0' "$STDOUT" \
'-device pcie-root-port,id=npuport0,bus=pcie.0,chassis=100 \
-device virtio-rng-pci,bus=npuport0,addr=0x0.0x0,multifunction=on \
-device vfio-pci,host=0000:03:00.1,bus=npuport0,addr=0x0.0x1 \
-device vfio-pci,host=0000:03:00.2,bus=npuport0,addr=0x0.0x2'
has 'qemu-args: says what is not bound' '0000:03:00.1 is not bound'

# --- libvirt-xml, in a domain, against libvirt's own schema where that is installed --------
whole_domain() # the elements of $WORK/out
{
	printf "<domain type='kvm'><name>t</name><memory>1048576</memory><os><type arch='aarch64' machine='virt'>hvm</type></os><devices>"
	cat "$WORK/out"
	printf '</devices></domain>'
}
valid() # NAME
{
	local why
	whole_domain >"$WORK/domain.xml"
	why=$(python3 -c 'import sys, xml.dom.minidom as x; x.parse(sys.argv[1])' "$WORK/domain.xml" 2>&1)
	is "$1: well-formed" "$why" ''
	if command -v virt-xml-validate >/dev/null; then
		why=$(virt-xml-validate "$WORK/domain.xml" domain 2>&1)
		result "$1: libvirt's schema" $? "$why"
	fi
}
TREE=$TREES/a2-bound
run libvirt-xml 01:00.0
exits 'libvirt-xml: exits 0' 0
line 'libvirt-xml: bound already, so not managed' "<hostdev mode='subsystem' type='pci' managed='no'>"
line 'libvirt-xml: the driver' "<driver model='ascend_vfio_pci'/>"
line 'libvirt-xml: the address' "<address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>"
valid 'libvirt-xml'
hasnt 'libvirt-xml: libvirt 11 takes it' refuses
copy_tree a2-bound
sed -i "s/^Version: 11.*/Version: 9.0.0-4/" "$TREE/var/lib/dpkg/status"
run libvirt-xml 01:00.0
exits 'libvirt-xml: libvirt 9: exits 0' 0
has 'libvirt-xml: libvirt 9 does not take it' 'libvirt 9.0 (the package libvirt-daemon) refuses this'
TREE=$TREES/a2-bound
run libvirt-xml "${eight[@]}"
line 'libvirt-xml: the window of eight' "highmem-mmio-size=2T"
valid 'libvirt-xml: eight'
run libvirt-xml --machine q35 01:00.0 02:00.0
line 'libvirt-xml: q35' "<pcihole64 unit='KiB'>536870912</pcihole64>"
valid 'libvirt-xml: q35'
TREE=$TREES/a3-mixed
run libvirt-xml 03:00.1 03:00.2
line 'libvirt-xml: not bound, so managed' "managed='yes'"
line 'libvirt-xml: a VF at function 2' "<address type='pci' domain='0x0000' bus='0x64' slot='0x00' function='0x2'/>"
line 'libvirt-xml: something at function 0' "function='0x0' multifunction='on'/>"
valid 'libvirt-xml: VFs'
