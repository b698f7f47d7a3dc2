# SPDX-License-Identifier: GPL-2.0-only
#
# What of a README in Markdown is the same in every language, a line each: headings by their
# level, commands without comments, rows of tables by their cells' number, code and numbers,
# and for each section the code and the links of its text, sorted.
#   base=FOLDER     where the file is, seen from the project's root; "" there

function target(link)
{
	sub(/^\]\(/, "", link)
	sub(/\)$/, "", link)
	if (link ~ /^#/)
		return "link within"
	if (link !~ /^[a-z]+:/ && base != "")
		link = sub(/^\.\.\//, "", link) ? link : base "/" link
	return "link " link
}

# Appends what matches, and takes it out of the text.
function take(text, pattern, links,   found)
{
	while (match(text, pattern)) {
		found = substr(text, RSTART, RLENGTH)
		list[++nr] = links ? target(found) : found
		text = substr(text, 1, RSTART - 1) " " substr(text, RSTART + RLENGTH)
	}
	return text
}

function print_sorted(prefix,   i, j, word)
{
	for (i = 2; i <= nr; i++) {
		word = list[i]
		for (j = i - 1; j >= 1 && list[j] > word; j--)
			list[j + 1] = list[j]
		list[j + 1] = word
	}
	for (i = 1; i <= nr; i++)
		print prefix list[i]
	nr = 0
}

function end_section()
{
	gsub(/[ \t]+/, " ", text)
	take(take(text, "`[^`]*`", 0), "\\]\\([^)]*\\)", 1)
	print_sorted("text: ")
	text = ""
}

function row(line,   cells)
{
	cells = gsub(/\|/, "|", line) - 1
	line = take(take(line, "`[^`]*`", 0), "\\]\\([^)]*\\)", 1)
	take(line, "[0-9][0-9a-fA-Fx.]*", 0)
	print "row of " cells
	print_sorted("  ")
}

/^```/ { code = !code; print "block"; next }
code { sub(/[ \t]+#.*/, ""); sub(/^#.*/, ""); if ($0 != "") print "command: " $0; next }
/^#+ / { end_section(); print "heading " length($1); next }
/^\|[-|]+$/ { next }
/^\|/ { row($0); next }
/^<!--/ { print "comment"; next }
{ text = text " " $0 }
END { end_section() }
