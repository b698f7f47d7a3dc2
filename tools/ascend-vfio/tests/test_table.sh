# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # variables shared with run.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Help, completion and man page agree, as one table makes them; the table of chips agrees
# with the driver's; the command line is parsed strictly.

TREE=$TREES/a2-bound

run --help
exits 'help: exits 0' 0
commands=$(awk '/^Commands:/ { on = 1; next } /^$/ { on = 0 } on { print $1 }' "$WORK/out")
is 'help: there are commands' "$([ "$(wc -w <<<"$commands")" -ge 1 ] && echo yes)" yes

man=$(mandoc -Tutf8 "$O/ascend-vfio.8" | sed 's/.\x08//g')
for command in $commands; do
	run "$command" --help
	exits "help: $command --help exits 0" 0
	is "man page: has $command" "$(grep -cE "^   $command( |\$)" <<<"$man")" 1
	options=$(sed -n 's/^   *\(-[a-z], \)\?\(--[a-z-]*\).*/\2/p' "$WORK/out")
	for option in $options; do
		is "man page: has $option" "$(grep -qF -- "$option" <<<"$man" && echo yes)" yes
		# As bash itself completes it
		words=$(bash -c '. "$1"; COMP_WORDS=(ascend-vfio "$2" --); COMP_CWORD=2
			_ascend_vfio; printf "%s\n" "${COMPREPLY[@]}"' - "$O/ascend-vfio.bash" "$command")
		is "completion: $command has $option" "$(grep -cxF -- "$option" <<<"$words")" 1
	done
done
words=$(bash -c '. "$1"; COMP_WORDS=(ascend-vfio ""); COMP_CWORD=1; _ascend_vfio
	printf "%s\n" "${COMPREPLY[@]}"' - "$O/ascend-vfio.bash" | grep -vx help | sort)
is 'completion: the commands that help shows' "$words" "$(sort <<<"$commands")"
lint=$(mandoc -Tlint -W warning "$O/ascend-vfio.8" 2>&1)
is 'man page: mandoc has nothing to say' "$lint" ''

run --version
is 'version: that of dkms.conf' "$STDOUT" \
	"ascend-vfio $(sed -n 's/^PACKAGE_VERSION="\(.*\)"$/\1/p' "$TOP/dkms.conf")"

# Each is a mistake, and each is said on stderr with the command's name.
while IFS= read -r arguments; do
	# shellcheck disable=SC2086 # words
	run $arguments
	exits "command line: '$arguments' is refused" 64
	is "command line: '$arguments': nothing on stdout" "$STDOUT" ''
	is "command line: '$arguments': said by name" "${STDERR%%[ :]*}" ascend-vfio
done <<'END'

nonsense
list --nonsense
list -x
list 81:00
list 0000:81:00.8
list 0000:81:20.0
list 0000:81:00.0x
list 00000:81:00.0:1
list --json=yes
list --persist
list -jq
--sysroot
--sysroot /nonexistent list
END

run list -- -81:00.0
exits 'command line: behind -- there are addresses only' 64

# --- the driver's table, of which ours must not differ ---------------------------
models=${MODELS-$TOP/driver/models.c}
ids=$(grep -oE '0xd[0-9a-f]{3}\b' "$models" | sort -u)
ours=$(grep -oE '0xd[0-9a-f]{3}\b' ../chips.c | sort -u)
is 'chips: device ids as in driver/models.c' "$ours" "$ids"
ids=$(grep -oE '0x20[0-9a-f]{2}, 0xd[0-9a-f]{3}\b' "$models" | sort -u)
vendors=$(grep -oE '0x20[0-9a-f]{2}\b' ../chips.c | sort -u)
ours=$(for vendor in $vendors; do printf '%s, 0xd500\n%s, 0xd802\n' "$vendor" "$vendor"; done)
is 'chips: rebranded ids as in driver/models.c' "$ours" "$ids"

# name, xloader and feature of each layout; of two spellings: XLOADER(2, 0x1) / { 2, 0x1 }
registers()
{
	tr -d '\n\t' <"$1" | sed 's/\.name = "/\n&/g' | awk '
	/^\.name = "[0-9]/ {
		split($0, quoted, "\"")
		out = quoted[2]
		text = $0
		while (match(text, /(XLOADER|FEATURE)\([0-9], 0x[0-9a-f]+\)|\.(xloader|feature) = \{ [0-9], 0x[0-9a-f]+ \}/)) {
			hit = tolower(substr(text, RSTART, RLENGTH))
			text = substr(text, RSTART + RLENGTH)
			kind = hit ~ /xloader/ ? "xloader" : "feature"
			gsub(/[^0-9a-fx, ]|xloader|feature/, "", hit)
			gsub(/[ ]/, "", hit)
			print out, kind, hit
		}
	}' | sed 's/ [a-z]*,/ /; s/\(xloader\|feature\) [^0-9]*/\1 /' | sort
}
is 'chips: registers as in driver/models.c' "$(registers ../chips.c)" "$(registers "$models")"
is 'chips: there are registers' "$([ "$(registers ../chips.c | wc -l)" -ge 20 ] && echo yes)" yes
