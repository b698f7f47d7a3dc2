# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # variables shared with run.sh
# SPDX-License-Identifier: GPL-2.0-only

TREE=$TREES/a2-bound
run list
exits 'list: exits 0' 0
is 'list: a heading and eight cards' "$(wc -l <"$WORK/out")" 9
line 'list: in use, by which guest' '^0000:01:00\.0 +910A2 .* ascend_vfio_pci +20 +0 .*512M/512M/64G +in-use +yes .*guest web1.*pid 2187'
line 'list: ready, on its own NUMA node' '^0000:c2:00\.0 .* 27 +3 .* ready +yes '
hasnt 'list: a shell is not taken for a holder' 2188

run list --json
json 'list --json: eight devices' 'len(d["devices"]) == 8 and d["format"] == 1 and d["command"] == "list"'
json 'list --json: BARs with sizes, all 64-bit' \
	'all([b["size"] for b in x["bars"]] == [1 << 29, 1 << 29, 64 << 30] and all(b["memory64"] and b["prefetchable"] for b in x["bars"]) for x in d["devices"])'
json 'list --json: naturally aligned BARs' 'all(b["start"] % b["size"] == 0 for x in d["devices"] for b in x["bars"])'
json 'list --json: who has it open' '[h["pid"] for h in d["devices"][0]["open_by"]] == [2187]'
json 'list --json: counters' 'd["devices"][0]["dropped_writes"] == 3 and d["devices"][0]["normal_nc_bars"] == 0x15'

run list 81:00.0 0000:81:00.0 --quiet
is 'list --quiet: addresses only, each once' "$STDOUT" 0000:81:00.0
run list 0000:80:00.0
exits 'list: a bridge is no NPU' 1
has 'list: says that it is none' 'not an Ascend NPU'
run list 0000:55:00.0
has 'list: says that there is none' 'no such device'

TREE=$TREES/a2-native run list
line 'list: native' '^0000:41:00\.0 .*devdrv_device_driver +22 .* native +no '

TREE=$TREES/a3-mixed
run list
line 'list: a VF names its PF' '^0000:03:00\.1 +910A3 .*VF of 0000:03:00\.0 .* unbound +no'
line 'list: a PF counts its VFs' '^0000:03:00\.0 .*PF 2/16'
line 'list: vfio-pci is unguarded' '^0000:09:00\.0 .*vfio-pci .* unguarded +no .*nothing guards'
line 'list: refused, and why' '^0000:0a:00\.0 .* refused +no .*beyond the end of the BAR'

run list --json
json 'list --json: refusal' '[x["refusal"] for x in d["devices"] if x["state"] == "refused"] == ["its registers lie beyond the end of the BAR"]'
json 'list --json: a VF has the layout of VFs' 'd["devices"][1]["expected_layout"] == "910a3-vf" and d["devices"][0]["expected_layout"] == "910a3-pf"'

TREE=$TREES/duo run list
line 'list: needs a reset' '^0000:02:00\.0 +310P .*needs a reset'
line 'list: no wc, and why' '^0000:01:00\.0 .* ready +no .*no Normal-NC support in kernel 6\.8'

TREE=$TREES/x86-shared run list
line 'list: who shares the group' '^0000:01:00\.0 .*group shared with 0000:01:00\.1 \(igb\)'

TREE=$TREES/zoo run list
exits 'list: no IOMMU, no driver, old kernel' 0
line 'list: an unknown subsystem would be refused' '^0000:03:00\.0 .*would be refused: no register layout'
line 'list: a rebranded board' '^0000:07:00\.0 +910A2 +20c6:d802'
for tree in empty bare; do
	TREE=$TREES/$tree run list
	exits "list: no NPU ($tree)" 0
	is "list: nothing on stdout ($tree)" "$STDOUT" ''
	TREE=$TREES/$tree run list --json
	json "list --json: an empty list ($tree)" 'd["devices"] == []'
done

# Files that are there and hold anything
copy_tree a2-bound
dir=$TREE/sys/bus/pci/devices/0000:01:00.0
for file in ascend_vfio/layout ascend_vfio/normal_nc_bars ascend_vfio/dropped_writes numa_node \
		sriov_numvfs driver_override subsystem_device; do
	head -c 9000 /dev/urandom >"$dir/$file"
done
run list --json
exits 'list: survives files full of noise' 0
json 'list: noise is not taken for numbers' 'd["devices"][0]["normal_nc_bars"] is None and d["devices"][0]["numa_node"] is None'

TREE=$TREES/a2-bound
best=$(processor_time run list)
is "list: eight cards in under 0.2 s of a processor ($best ms)" "$([ "$best" -lt 200 ] && echo yes)" yes

# A device that goes while it is looked at, as the kernel takes its files before its directory.
cp -a "$TREES/a2-native" "$WORK/going"
going=$WORK/going/sys/bus/pci/devices/0000:77:00.0
TREE=$WORK/going
mkdir "$going"
run list
exits 'list: half a device: exits 1' 1
has 'list: half a device: says which' '0000:77:00.0/vendor'
# Gone as soon as the first look is at it, which then reads more than any attribute has.
mkfifo "$going/vendor"
# shellcheck disable=SC2016 # for the inner shell
timeout 60 bash -c 'exec 3>"$1/vendor"; rm -r "$1"; printf %2000s "" >&3' - "$going" &
run list
wait $!
exits 'list: a device that goes meanwhile: exits 0' 0
line 'list: a device that goes meanwhile: the others' '^0000:41:00\.0 .* native '
rm -r "$WORK/going"
