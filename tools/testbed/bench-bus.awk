# SPDX-License-Identifier: GPL-2.0-only
#
# What 64 bytes of payload take on PCI Express when they are written in pieces, and the
# ceiling that this sets: arithmetic, as a table in Markdown. A write is a TLP, its overhead
# (without the optional ECRC) is
#
#	4	framing, which holds the sequence number and the length
#	12, 16	header, of 3 or 4 double words: 4 for an address from 4 GiB on
#	4	LCRC
#
# Acknowledgements and credits are DLLPs of 8 bytes, which the other end sends: they are in
# its direction. Skip ordered sets, some 0.3 %, are left out. Sources: PCI Express Base
# Specification 5.0, 2.2 (headers), 3.5 and 3.6 (DLLPs, LCRC), 4.2.2 (128b/130b, framing);
# Intel's AN 855 has the same sums ("Protocol Overhead", "Throughput for Posted Writes").

# In 10^9 bytes a second
function ceiling(gigatransfers, lanes, share)
{
	return sprintf("%.1f", gigatransfers * lanes * 128 / 130 / 8 * share)
}

BEGIN {
	PAYLOAD = 64
	FRAMING = 4; HEADER = 4 * 4; SHORT_HEADER = 3 * 4; LCRC = 4
	split("4 8 16 64", sizes)
	split("8 16 32", rates)

	print "| 64 bytes written as | on the wire, 3DW header | 4DW header | payload of that | PCIe 3.0, x8 / x16 | 4.0 | 5.0 |"
	print "|---|---|---|---|---|---|---|"
	for (s = 1; s in sizes; s++) {
		writes = PAYLOAD / sizes[s]
		wire = PAYLOAD + writes * (FRAMING + HEADER + LCRC)
		printf "| %d × %d | %d | %d | %.0f %% |", writes, sizes[s],
		       PAYLOAD + writes * (FRAMING + SHORT_HEADER + LCRC), wire,
		       100 * PAYLOAD / wire
		for (r = 1; r in rates; r++)
			printf " %s / %s |", ceiling(rates[r], 8, PAYLOAD / wire),
			       ceiling(rates[r], 16, PAYLOAD / wire)
		print ""
	}
}
