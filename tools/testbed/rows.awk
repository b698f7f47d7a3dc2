# SPDX-License-Identifier: GPL-2.0-only
#
# The one reader of TAP: what a plan's commands printed, as lines of results.tsv. With
# tsv.awk before it, variables kernel and plan, and as arguments
#   what=scene FILE what=plan FILE what=results FILE	(of boot.sh; may still grow)
# progress=1: tell on stderr how each command ended, and the lines before each failure.
#
# TAP 13 and KTAP 1, with subtests (KUnit): the line of a suite is no test of its own.
# Whatever a command's output lacks to be believed is a failure, called "tap".

function row(variant, test, result, reason,   n, part)
{
	n = split(test, part, ".")
	# FIXTURE.VARIANT.TEST of the harness
	if (variant == "-" && n == 3 && test !~ / /) {
		variant = part[2]
		test = part[1] "." part[3]
	}
	gsub(/[\t\r]/, " ", test)
	gsub(/[\t\r]/, " ", reason)
	nr[result]++
	print kernel, plan, where, model, program, variant, test, result, \
	      result == "ran" ? seconds : "-", reason
}

function failed(variant, test, reason,   i)
{
	row(variant, test, "fail", reason)
	text = text "\n    " (test == "tap" ? "" : test ": ") reason
	for (i = nr_lines > KEEP ? nr_lines - KEEP + 1 : 1; i <= nr_lines; i++)
		text = text "\n      " lines[i]
	nr_lines = 0
}

function wrong(reason) { failed("-", "tap", reason) }

# --- a stream of TAP at a depth: 0, or deeper for the subtests of a suite ----------------

function open_level(d)
{
	if (d in count)
		close_level(d)
	planned[d] = ""
	count[d] = last[d] = skipped_all[d] = 0
	suite[d] = "-"
}

function close_level(d,   name)
{
	if ((d + 1) in count)
		close_level(d + 1)
	name = d ? suite[d] ": " : ""
	if (planned[d] == "")
		wrong(name "no plan line (1..N), " count[d] " tests")
	else if (count[d] != planned[d])
		wrong(name count[d] " tests, but " planned[d] " were planned")
	else if (!planned[d] && !skipped_all[d])
		wrong(name "planned no test, and gave no reason")
	delete count[d]
}

# SKIP, TODO, XFAIL or XPASS, if the line ends in one; sets why.
function directive(line,   name)
{
	why = ""
	if (!match(line, /# *([Ss][Kk][Ii][Pp]|[Tt][Oo][Dd][Oo]|XFAIL|XPASS)[A-Za-z]*/))
		return ""
	name = toupper(substr(line, RSTART, RLENGTH))
	why = substr(line, RSTART + RLENGTH)
	gsub(/^[# ]+/, "", name)
	sub(/^[: ]+/, "", why)
	return substr(name, 1, 4)
}

function plan_line(d, line)
{
	if (planned[d] != "")
		wrong("a second plan line: " line)
	planned[d] = substr(line, 4) + 0
	if (!planned[d] && directive(line) == "SKIP") {
		row(suite[d], "-", "skip", why)
		skipped_all[d] = 1
	}
}

function check_number(d, number)
{
	if (number <= last[d])
		wrong("test number " number " twice or out of order")
	else if (number > last[d] + 1)
		wrong("no test with number " last[d] + 1)
	if (number > last[d])
		last[d] = number
}

# A suite has ended; it can fail by itself.
function suite_line(d, name, bad,   before)
{
	before = nr["fail"] - failed_in_suite
	suite[d] = name
	close_level(d)
	if (bad && nr["fail"] == before)
		failed(name, "suite", "not ok, though none of its tests failed")
	failed_in_suite = 0
}

function result_line(d, line,   bad, name, is)
{
	count[d]++
	bad = sub(/^not /, "", line)
	is = directive(line)
	name = line
	sub(/^ok */, "", name)
	check_number(d, name ~ /^[0-9]/ ? name + 0 : last[d] + 1)
	sub(/^[0-9]+ */, "", name)
	sub(/^- /, "", name)
	sub(/ *# .*$/, "", name)
	if ((d + 1) in count) {
		suite_line(d + 1, name, bad)
		return
	}
	if (is == "XPAS")
		failed(suite[d], name, "passed, though known to fail: " why)
	else if (is == "TODO" || is == "XFAI")
		row(suite[d], name, "skip", "known to fail: " why)
	else if (bad)
		failed(suite[d], name, "not ok")
	else
		row(suite[d], name, is == "SKIP" ? "skip" : "pass", is == "SKIP" ? why : "-")
	failed_in_suite += bad && d
	nr_lines = 0
}

# --- a command of the plan ---------------------------------------------------------------

function start(command,   npu)
{
	npu = command ~ /^@/ ? substr(command, 2) : ""
	sub(/ .*/, "", npu)
	where = scene (npu == "" ? "" : "/" npu)
	model = npu == "" ? "-" : npu in model_of ? model_of[npu] : "unknown"
	program = program_of(command)
	running = command
	seconds = "-"
	text = ""
	nr["pass"] = nr["fail"] = nr["skip"] = nr_lines = ktap = failed_in_suite = 0
	delete count
	open_level(0)
}

function finish(status)
{
	close_level(0)
	if (status == "unknown")
		wrong("did not end")
	else if (status == 4 && nr["pass"])
		wrong("exit status 4 means skipped, but " nr["pass"] " tests passed")
	else if (status == 0 && nr["fail"] && !ktap)
		wrong("exit status 0, though tests failed")
	else if (status && status != 4 && !nr["fail"])
		wrong("exit status " status ", though no test failed")
	row("-", "-", "ran", "exit status " status)
	if (progress)
		printf "  %-5s %s-%s: %s (%d passed%s%s, %s s)%s\n",
		       nr["fail"] ? "FAIL" : nr["pass"] ? "ok" : "skip", kernel, plan, running,
		       nr["pass"], nr["fail"] ? ", " nr["fail"] " failed" : "",
		       nr["skip"] ? ", " nr["skip"] " skipped" : "", seconds, text >"/dev/stderr"
	running = ""
}

function facts(names, first,   i, n, name)
{
	where = scene
	program = "testbed"
	model = "-"
	n = split(names, name, " ")
	for (i = 1; i <= n; i++)
		row("-", name[i], "saw", $(first + i - 1) == "" ? "nothing" : $(first + i - 1))
}

BEGIN {
	KEEP = 25
	scene = plan
}

{ sub(/\r$/, "") }

what == "scene" && !/^#/ && NF {
	model_of[$1] = "none"
	for (i = 2; i < NF; i++)
		if ($i == "--model")
			model_of[$1] = $(i + 1)
}

what == "plan" && /^# scene: / { scene = $3 }
what == "plan" && /^# shows: / { for (key = 3; key <= NF; key++) facts("shows", key) }

what == "plan" && !/^#/ && NF {
	commands[++nr_commands] = $0
	to_run[$0]++
}

what != "results" { next }

/^# testbed: kernel / { facts("release machine pages opens", 4) }

/^# testbed: skipped: / {
	skipped_plan = 1
	facts("", 0)
	row("-", "plan", "skip", substr($0, 21))
}

/^# begin / {
	if (running != "")
		finish("unknown")
	start(substr($0, 9))
	if (nr_commands && to_run[running]-- < 1)
		wrong("the plan has no such command")
	next
}

running == "" { next }

/^# took / { seconds = sprintf("%.1f", $3 / 1000); next }
/^# end / { finish($3 + 0); next }
# Of a test program whose variants are ways to open a device (selftests/lib/device.c).
/^# variant [a-z]+ is left out: / { row("-", "left-out", "saw", $3) }
/^# stage2: .*=/ { row("-", "stage2", "saw", substr($0, 11)) }
/^Bail out!/ { wrong($0) }

{
	match($0, /^ */)
	d = int(RLENGTH / 4)
	line = substr($0, RLENGTH + 1)
}

line ~ /^K?TAP version / {
	ktap += line ~ /^K/
	# The next stream, when a command prints several; not the first line of the first.
	if (d || count[0] || planned[0] != "")
		open_level(d)
	next
}

line ~ /^# Subtest: / && d {
	if (!(d in count))
		open_level(d)
	suite[d] = substr(line, 12)
	next
}

# Ordinary output may be indented, too.
(d in count) && line ~ /^1\.\.[0-9]+/ { plan_line(d, line); next }
(d in count) && line ~ /^(not )?ok( |$)/ { result_line(d, line); next }

# What the harness prints about tests that went well is of no help.
!/^#  RUN|^#  +OK/ { lines[++nr_lines] = $0 }

END {
	if (running != "")
		finish("unknown")
	for (i = 1; i <= nr_commands && !skipped_plan; i++) {
		if (to_run[commands[i]]-- < 1)
			continue
		start(commands[i])
		wrong("was not run")
	}
	if (!nr_commands) {
		facts("", 0)
		wrong("the plan has no command")
	}
}
