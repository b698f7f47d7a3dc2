# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # variables shared with run.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# show and metrics

TREE=$TREES/a2-bound
run show 01:00.0
exits 'show: exits 0' 0
line 'show: layout' '^  layout +910a2-pf$'
line 'show: a BAR' '^  BAR4 +64G at 0x[0-9a-f]+, 64-bit, prefetchable, Normal-NC$'
line 'show: a register and its counters' '^  xloader +BAR2\+0x18208430, 4 bytes, 5 reads, 2 writes dropped, guarded$'
line 'show: who has it open' '^  open by +qemu-system-aar \(guest web1\), pid 2187'
run show 01:00.0 --json
json 'show --json: registers' '[(r["name"], r["reads"], r["dropped"]) for r in d["devices"][0]["registers"]] == [("xloader", 5, 2), ("feature", 7, 1)]'
run show 02:00.0
line 'show: counters that cannot be read' '^  counters not known: debugfs'
line 'show: and where the registers are all the same' '^  xloader +BAR2\+0x18208430, 4 bytes$'
run show 02:00.0 --open
exits 'show --open: not on a recorded tree' 1
run show
exits 'show: needs an address' 64
TREE=$TREES/duo
run show 01:00.0
line 'show: the second die, by the length of the BAR' '^  xloader1 BAR2\+0x8100430'
TREE=$TREES/zoo
run show 03:00.0
line 'show: what would be refused' '^  layout +none, it would be refused: no register layout'

TREE=$TREES/a2-bound
run metrics
exits 'metrics: exits 0' 0
parsed=$(python3 - "$WORK/out" <<'END' 2>&1
import sys
from prometheus_client.parser import text_string_to_metric_families as parse
families = {f.name: f for f in parse(open(sys.argv[1]).read())}
def value(name, **labels):
    found = [s.value for f in families.values() for s in f.samples
             if s.name == "ascend_vfio_" + name and labels.items() <= s.labels.items()]
    return found[0] if len(found) == 1 else found
print(families["ascend_vfio_dropped_writes"].type,
      value("dropped_writes_total", address="0000:01:00.0"),
      value("register_dropped_writes_total", register="xloader"),
      value("register_reads_total", register="feature"),
      value("device_state", address="0000:01:00.0", state="in-use"),
      value("device_state", address="0000:02:00.0", state="in-use"),
      value("normal_nc_bars", address="0000:02:00.0"),
      len(value("device_info")), len(value("write_combining")))
END
)
is "metrics: Prometheus' own parser reads the numbers" "$parsed" 'counter 3.0 2.0 7.0 1.0 0.0 21.0 8 8'

copy_tree a2-bound
printf 'a"b\\c\nd' >"$TREE/sys/bus/pci/devices/0000:01:00.0/ascend_vfio/layout"
run metrics --output "$WORK/metrics.prom"
exits 'metrics --output' 0
is 'metrics --output: nothing on stdout, and no file beside it' "$STDOUT$(find "$WORK" -maxdepth 1 -name '*.new')" ''
parsed=$(python3 -c 'import sys
from prometheus_client.parser import text_string_to_metric_families as parse
print([s.labels["layout"] for f in parse(open(sys.argv[1]).read()) for s in f.samples
       if "layout" in s.labels][0])' "$WORK/metrics.prom" 2>&1)
is 'metrics: what must be escaped is' "$parsed" "$(printf 'a"b\\c\nd')"
run metrics --output "$WORK/nowhere/metrics.prom"
exits 'metrics --output: a folder that is not there' 1

TREE=$TREES/empty
run metrics
exits 'metrics: no NPU' 0
hasnt 'metrics: no NPU, no sample' '{'
