#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# run.sh: tests of what reads the results and says "passed": TAP on standard output. A case
# is a run of two commands on one kernel that is as it should be, but for one thing.

# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/../common.sh"

WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
# What scripts ask of each other is not to come from the run that this is a test of.
export ASCEND_CACHE=$WORK/cache ASCEND_ANSWERS=$WORK/cache/answers
unset KERNELS PLANS PLAN_DIR
RUN=$WORK/run
NUMBER=0

# --- a run as it should be ----------------------------------------------------

good()
{
	rm -rf "$RUN"
	mkdir -p "$RUN/k/p"
	echo 'k p' >"$RUN/asked"
	printf '%s\t%s\t%s\n' k made 'debian arm64 stable' k pages 4K k opens group \
		k 'passes p' 3 k sr-iov yes >"$RUN/promises"
	printf 'skips\t%s\n' $'a_test\t*\tno device' $'device_feature_test\tdma-buf=no\tno dma-buf' \
		$'testbed\t*\tno SMMUv3 of' >>"$RUN/promises"
	echo 'dut --model 910' >"$RUN/k/p/scene"
	printf '%s\n' '# A comment.' '# shows: sr-iov' '@dut timeout=9 a_test' '@dut sriov_test' >"$RUN/k/p/plan"
	echo 0 >"$RUN/k/p/status"
	echo '[    0.1] all is well' >"$RUN/k/p/console"
	results
}

# The results, with what a_test (TAP on standard input) printed in the place of what it should.
results() # [STATUS]
{
	{
		echo '# testbed: kernel 6.1.0 aarch64 4K group'
		echo '# begin @dut timeout=9 a_test'
		if [ $# = 0 ]; then
			printf '%s\n' 'TAP version 13' '1..2' 'ok 1 f.v.one' 'ok 2 f.two'
		else
			cat
		fi
		printf '# took 1500 ms\n# end %s @dut timeout=9 a_test\n' "${1-0}"
		printf '%s\n' '# begin @dut sriov_test' 'TAP version 13' '1..1' 'ok 1 sriov.all' \
			'# took 500 ms' '# end 0 @dut sriov_test' '# testbed: plan complete'
	} >"$RUN/k/p/results"
}

edit() # FILE SED-SCRIPT
{
	sed -i "$2" "$RUN/$1"
}

promise() # KEY VALUE
{
	printf 'k\t%s\t%s\n' "$1" "$2" >>"$RUN/promises"
}

# And a plan that says it shows all of it.
promise_shown() # KEY VALUE
{
	promise "$@"
	edit k/p/plan "1i# shows: $1"
}

# One more command, and what it printed.
also_run() # COMMAND TAP-LINE...
{
	printf '%s\n' "$1" >>"$RUN/k/p/plan"
	{
		printf '# begin %s\n' "$1"
		printf '%s\n' "${@:2}"
		printf '# end 0 %s\n' "$1"
	} >>"$RUN/k/p/results"
}

# --- what comes of it ---------------------------------------------------------

tap() # OK NAME [FILE-WITH-WHY]
{
	NUMBER=$((NUMBER + 1))
	if [ "$1" = 0 ]; then
		echo "ok $NUMBER - $2"
	else
		echo "not ok $NUMBER - $2"
		[ ! -s "${3-}" ] || sed 's/^/# /' "$3"
	fi
}

report() # NAME STATUS TEXT: the report ends so and says that
{
	local status=0 bad=0

	"$TESTBED/report.sh" "$RUN" >"$WORK/out" 2>&1 || status=$?
	[ "$status" = "$2" ] || bad=1
	grep -qF -- "$3" "$WORK/out" || bad=1
	# What CI reads must agree with the status.
	[ "$status" = 0 ] || ! tail -n 1 "$WORK/out" | grep -qE ' passed, 0 failed' || bad=1
	tail -n 1 "$WORK/out" | grep -qxE '[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?' || bad=1
	tap "$bad" "$1" "$WORK/out"
}

green() { report "$1" 0 "$2"; }
red() { report "$1" 1 "$2"; }

# --- TAP ------------------------------------------------------------------------

# What a_test prints, ";" between its lines, how it exits, and what comes of that.
tap_cases()
{
	local tap status verdict name text

	while IFS='|' read -r tap status verdict name text; do
		good
		edit promises 's/passes p\t3/passes p\t1/'
		tr ';' '\n' <<<"$tap" | results "$status"
		"$verdict" "$name" "$text"
	done
}

tap_cases <<'CASES'
1..2;ok 1 f.one;ok 2 f.two|0|green|as many as planned|7 passed, 0 failed
1..1;ok 1 f.one;ok 2 f.two|0|red|more tests than planned|2 tests, but 1 were planned
1..3;ok 1 f.one;ok 2 f.two|0|red|fewer tests than planned|2 tests, but 3 were planned
ok 1 f.one;ok 2 f.two|0|red|no plan line|no plan line
1..2;ok 1 f.one;1..2;ok 2 f.two|0|red|two plan lines|a second plan line
ok 1 f.one;ok 2 f.two;1..2|0|green|a plan line at the end|7 passed, 0 failed
1..2;ok 1 f.one;ok 1 f.two|0|red|a number twice|test number 1 twice
1..2;ok 1 f.one;ok 3 f.three|0|red|a number left out|no test with number 2
1..0|0|red|a plan of no tests, without a reason|planned no test
|0|red|a command that prints nothing|no plan line
no device|4|red|a skip that is no TAP|no plan line
1..2;ok 1 f.one;not ok 2 f.two|1|red|a test that failed|f.two: not ok
1..1;not ok 1 open: 1.1, goal 1.0|1|red|a name with numbers|a_test open: 1.1, goal 1.0: not ok
1..2;not ok 1 f.one;ok 2 f.two|1|red|a failure before a pass, in the matrix|a_test                F
1..2;ok 1 f.one;not ok 2 f.two|0|red|a failure with exit status 0|exit status 0, though
1..2;ok 1 f.one;ok 2 f.two|1|red|exit status 1 without a failure|exit status 1, though
1..2;ok 1 f.one;ok 2 f.two|4|red|exit status 4 with passes|exit status 4 means
1..2;ok 1 f.one;# testbed: timed out after 9 s|124|red|a time-out|1 tests, but 2 were planned
1..2;ok 1 f.one;Bail out! no memory|0|red|bailing out|Bail out! no memory
1..2;ok 1 f.one;ok 2 f.two # XFAIL broken|0|red|an expected failure is no pass|known to fail: broken
1..2;ok 1 f.one;not ok 2 f.two # TODO broken|1|red|something to do is no pass|known to fail: broken
1..2;ok 1 f.one;ok 2 f.two # XPASS broken|0|red|an unexpected pass is a failure|though known to fail
1..0 # SKIP no device was named|4|green|a program that was skipped is one skip|0 failed, 1 skipped
1..0 # SKIP|4|red|a skip without a reason|a_test: no reason to be skipped here
1..2;ok 1 f.one;ok 2 f.two # skip no device|0|green|a skip that is allowed|0 failed, 1 skipped
1..2;ok 1 f.one;ok 2 f.two # SKIP too lazy|0|red|a skip for another reason|a_test: no reason to be skipped here: too lazy
1..2;ok 1 f.one;ok 2 f.two # SKIP no SMMUv3 of|0|red|a reason that another program may have|a_test: no reason
CASES

# --- commands, plans, virtual hosts -------------------------------------------------

good
edit k/p/results "/^# took 1500/,\$d"
red 'a command that did not end' 'did not end'
good
edit k/p/results '/^# begin @dut sriov/,/^# end.*sriov/d'
red 'a line of the plan that was not run' 'sriov_test tap: was not run'
red 'the matrix says so, too' 'sriov_test            F'
good
edit k/p/plan '/sriov/d'
red 'a command of no plan' 'the plan has no such command'
good
edit k/p/plan '/^@/d'
edit k/p/results '/^# begin/,/^# end/d'
red 'an emptied plan' 'the plan has no command'
good
edit k/p/plan 's/^@dut sriov/@every-model sriov/'
edit k/p/results 's/@dut sriov/@every-model sriov/; /^1\.\.1/d; /^ok 1 sriov/d; s/^# end 0 @every/# end 126 @every/'
red 'models of which the scene has none' 'sriov_test tap: no plan line'
good
rm -r "$RUN/k"
red 'a plan that was not run' 'exit status unknown'
good
echo 1 >"$RUN/k/p/status"
red 'a virtual host that failed' 'not completed: exit status 1'
good
echo 4 >"$RUN/k/p/status"
red 'a virtual host that was skipped without a word' 'not completed: exit status 4'
good
echo 'WARNING: CPU: 0' >"$RUN/k/p/console"
red 'a kernel that complains' 'WARNING: CPU: 0'

# --- KUnit ------------------------------------------------------------------------

suite() # NAME RESULT
{
	printf '%s\n' 'KTAP version 1' '1..1' '    KTAP version 1' "    # Subtest: $1" '    1..2' \
		'    ok 1 one' "    $2 2 two" "# $1: pass:2 fail:0 skip:0 total:2" "$2 1 $1"
}

kunit() # PROMISED OUTPUT...
{
	good
	promise_shown kunit "$1"
	also_run 'insmod /lib/testbed/ascend_vfio_kunit.ko && cat results' "${@:2}"
}

kunit 's1 s2' "$(suite s1 ok)" "$(suite s2 ok)"
green 'two suites of two tests' '12 passed, 0 failed'
kunit 's1 s2' "$(suite s1 ok)"
red 'a suite that is missing' 'promise kunit: promised: s2, seen: nothing'
kunit s1 "$(suite s1 'not ok')"
red 'a suite with a failure' 's1 two: not ok'
kunit s1 "$(suite s1 ok | sed "\$s/^/not /")"
red 'a suite that failed alone' 'none of its tests failed'
kunit s1 "$(suite s1 ok | sed '/ok 1 one/d')"
red 'a suite that is short' 's1: 1 tests, but 2 were planned'

# --- promises ---------------------------------------------------------------------

good
edit promises 's/passes p\t3/passes p\t4/'
red 'fewer passes than promised' '3 passed, at least 4 must'
good
edit promises '/passes p/d'
red 'a plan without a number' 'tools/testbed/kernels/promises'
good
edit promises 's/pages\t4K/pages\t64K/'
red 'pages of another size' 'promise pages: promised: 64K, seen: 4K'
good
edit promises 's/opens\tgroup/opens\tgroup,iommufd/'
red 'a kernel whose /dev/iommu is gone' 'promise opens: promised: group,iommufd, seen: group'
good
edit k/p/results '/^# testbed: kernel/d'
red 'a kernel that says nothing of itself' 'promise opens: promised: group, seen: nothing'
good
edit k/p/results 's/^ok 1 sriov.*/& # SKIP the device has no SR-IOV/'
red 'SR-IOV that is missing' 'promise sr-iov: promised: yes, seen: no'
good
edit promises '/sr-iov/d'
red 'what nobody promised' 'promise sr-iov: promised: nothing else, seen: yes'

left_out() # OPENS: what a device can be opened by, as promised and as seen at boot
{
	good
	edit promises "s/opens\tgroup/opens\t$1/"
	edit k/p/results "s/ 4K group/ 4K $1/"
	also_run '@dut b_test' '# variant iommufd is left out: no /dev/iommu' 1..1 'ok 1 f.group.one'
}

left_out group
green 'a variant that the kernel has nothing for' '8 passed, 0 failed'
left_out group,iommufd
red 'a variant that vanished' 'promise opens: b_test: left out its variant iommufd'

dma_buf() # PROMISED RESULT
{
	good
	promise_shown dma-buf "$1"
	also_run '@dut device_feature_test' 1..1 "ok 1 feature.dmabuf$2"
}

dma_buf no ' # SKIP no dma-buf export'
green 'no dma-buf where none is promised' '0 failed'
dma_buf yes ' # SKIP no dma-buf export'
red 'dma-buf that is missing' 'promised: yes, seen: no'
edit k/p/plan 's/^# shows: /&pages /'
red 'dma-buf that is missing, the second that a plan shows' 'promised: yes, seen: no'
red 'a reason that another kernel may have' 'no reason to be skipped here: no dma-buf'
dma_buf no ''
red 'dma-buf that is there' 'promised: no, seen: yes'

fwb=no
stage2() # KEY BACKING=ATTR...: what was seen, with $fwb
{
	local see lines=()

	good
	promise_shown "$1" 'vfio-pci=device ascend_vfio_pci=normal-nc'
	for see in "${@:2}"; do
		lines+=("# stage2: cpu=x fwb=$fwb backing=${see%=*} access=store result=works attr=${see#*=}")
	done
	also_run '@dut kvm_stage2_test' 1..1 "${lines[@]}" 'ok 1 stage2.all'
}

stage2 stage2 vfio-pci=device ascend_vfio_pci=normal-nc
green 'stage 2 as promised' '9 passed, 0 failed'
stage2 stage2 vfio-pci=device ascend_vfio_pci=device
red 'no write combining where it is promised' 'promise stage2: promised: ascend_vfio_pci=normal-nc, seen: ascend_vfio_pci=device'
stage2 stage2 vfio-pci=device ascend_vfio_pci=normal-nc ascend_vfio_pci=device
red 'one BAR that differs' 'promised: nothing else, seen: ascend_vfio_pci=device'
stage2 stage2
red 'stage 2 that was not looked at' 'ascend_vfio_pci=normal-nc, seen: nothing'
stage2 fwb vfio-pci=device ascend_vfio_pci=normal-nc
red 'a processor without FWB' 'promise fwb: promised'
fwb=yes stage2 fwb vfio-pci=device ascend_vfio_pci=normal-nc
green 'FWB as promised' '9 passed, 0 failed'

# A plan that does not say that it shows all of it.
stage2 stage2 vfio-pci=device
edit k/p/plan 1d
green 'a part of what is promised, by the way' '8 passed, 0 failed'
stage2 stage2 vfio-pci=normal-nc
edit k/p/plan 1d
red 'what is not promised, by the way' 'promise stage2: promised: nothing else, seen: vfio-pci=normal-nc'

# --- what was to be run -------------------------------------------------------------

good
edit k/p/results 's/^ok [0-9]* [a-z.]*/& # SKIP no device/'
red 'every test skipped' 'passes p: 0 passed'
good
echo '- q' >>"$RUN/asked"
red 'a plan for none of KERNELS' 'promise plan q: of what was asked for'
good
echo 'x -' >>"$RUN/asked"
red 'a kernel for none of PLANS' 'x promise plan: of what'
good
: >"$RUN/asked"
red 'nothing asked for' 'no plan was run on any kernel'
good
mv "$RUN/k" "$RUN/host"
edit host/p/results '/^# testbed: kernel/d'
edit promises 's/^k\t/host\t/'
echo 'host p' >"$RUN/asked"
green 'nothing asked for but the host' '5 passed, 0 failed'

skip_plan() # The virtual host cannot be run as plan p wants it
{
	echo '# testbed: skipped: no SMMUv3 of this QEMU' >"$RUN/k/p/results"
	echo 4 >"$RUN/k/p/status"
}

good
cp -r "$RUN/k/p" "$RUN/k/q"
echo 'k q' >>"$RUN/asked"
promise 'passes q' 3
skip_plan
green 'one plan that cannot be run, for an allowed reason' '0 failed, 1 skipped'
good
skip_plan
red 'no plan that can be run' 'no plan was run on any kernel'

# --- plans.sh -----------------------------------------------------------------------

export PLAN_DIR=$WORK/plans
plan() # NAME LINE...
{
	mkdir -p "$PLAN_DIR"
	printf '%s\n' "${@:2}" >"$PLAN_DIR/$1.plan"
}

says() # NAME TEXT COMMAND...: and whether it says TEXT, as a whole line
{
	local bad=0

	"${@:3}" >"$WORK/out" 2>&1 || true
	grep -qxE -- "$2" "$WORK/out" || bad=1
	tap "$bad" "$1" "$WORK/out"
}

check() { printf '%s' "$1" | "$TESTBED/plans.sh" --check; }

pairs() { env KERNELS="$1" PLANS=p "$TESTBED/plans.sh" --pairs; }

plan p '# only: lts-6.1' '# a_test is for later' '@every-model b_test'
says 'KERNELS that meet no PLANS' 'debian-stable -' pairs debian-stable
says 'PLANS that meet no KERNELS' '- p' pairs debian-stable
says 'a kernel and its plan' 'lts-6.1 p' pairs lts-6.1
all_pairs() { pairs '' | paste -sd,; }
says 'PLANS alone ask for no other kernels' 'lts-6.1 p' all_pairs
says 'a plan without a number for a kernel' '# < lts-6.1 p' check b_test
says 'a program that only a comment names' '# a_test' check $'a_test\nb_test'
says 'a program that a plan names' 'ok 2 .*' check b_test
says 'no list of programs' 'not ok 1 .*' check ''
plan p '# only: lts-5.0' 'b_test'
says 'a plan for an unknown kernel' '# < lts-5.0 p' check b_test
says 'a number for a plan that is gone' '# > lts-6.1 stage2' check b_test
plan p '# Nothing.'
says 'a promise that no plan shows' '# debian-stable wc' check b_test
says 'a plan without a command' 'not ok 3 .*' check b_test
plan p '# only: lts-6.1' 'debian-stable: b_test'
says 'a line for a kernel that the plan is not for' '# debian-stable p' check b_test
expand() { "$TESTBED/plans.sh" --expand p "$WORK/scene" "$1" | paste -sd,; }
plan p '@every-model timeout=9 b_test'
printf '910 --model 910\nstale --model 910\n' >"$WORK/scene"
says 'every model' '@910 timeout=9 b_test' expand k1
: >"$WORK/scene"
says 'no model: left for L1 to refuse' '@every-model.*' expand k1
plan p 'k1: a_test' 'b_test'
says 'a line for one kernel, on that' 'a_test,b_test' expand k1
says 'a line for one kernel, on another' 'b_test' expand k2
says 'a line for one kernel, on a tree of the user' 'a_test,b_test' expand own
plan p 'k1,k2: a_test' 'b_test'
says 'a line for two kernels, on one of them' 'a_test,b_test' expand k2
says 'a line for two kernels, on another' 'b_test' expand k
says 'a line for two kernels, on a tree of the user' 'a_test,b_test' expand own
plan p '!k1,k2: a_test' 'b_test'
says 'a line for all kernels but two, on one of them' 'b_test' expand k2
says 'a line for all kernels but two, on another' 'a_test,b_test' expand k
plan p '!k1: a_test' 'b_test'
says 'a line for all kernels but one, on that' 'b_test' expand k1
says 'a line for all kernels but one, on another' 'a_test,b_test' expand k2
plan p 'amd64: a_test' 'arm64: b_test'
says 'a line for an architecture, on that' 'a_test' expand amd64-stable
says 'a line for an architecture, on another' 'b_test' expand lts-6.1
says 'a line for an architecture, on a tree of the user' 'b_test' expand own
plan p '# only: lts-6.1' 'lts-6.1,debian-stable: b_test'
says 'a line for two kernels of which the plan is not for one' '# debian-stable p' check b_test
plan p '# only: lts-6.1' 'arm64: a_test' 'amd64: b_test'
says 'a line for an architecture that the plan is not for' '# amd64 p' check b_test
plan p '# only: lts-6.1' '!debian-stable: b_test'
says 'a line for all but a kernel that the plan is not for' '# debian-stable p' check b_test

# --- README ---------------------------------------------------------------------------

supported()
{
	printf '%s\n' '<!-- supported.sh makes this' old '<!-- end of what supported.sh made -->' |
		awk -F'\t' -f "$TESTBED/tsv.awk" -f "$TESTBED/supported.awk" "$RUN/results.tsv" -
}

stage2 stage2 vfio-pci=device ascend_vfio_pci=normal-nc
"$TESTBED/report.sh" "$RUN" >/dev/null
says 'a row for a kernel' '\| 6.1.0 \| aarch64 \| 4K \| group \| 4 \| Normal-NC \| .k. .' supported
sed -i 's/\tstage2\tpass/\tstage2\tfail/' "$RUN/results.tsv"
says 'a promise that was not kept' '.* \| group \| 4 \| not tested \| .k. .' supported

echo "1..$NUMBER"
