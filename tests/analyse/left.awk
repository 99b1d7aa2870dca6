# SPDX-License-Identifier: BSD-2-Clause
# What is left of the findings of an analyser: awk -v tool=NAME -f left.awk KNOWN FINDINGS
# prints each finding that is not known to be false, and what is known in vain; none
# of either is success.  Findings end in the name of their checker, in brackets.

FNR == NR && (/^#/ || NF == 0) { next }
FNR == NR && NF < 4 {
	print FILENAME ":" FNR ": there is no reason: " $0
	bad = 1
}
FNR == NR {
	if ($1 == tool)
		known[$2 " " $3] = FILENAME ":" FNR
	next
}

/: (warning|error): .*\[[^] ]+\]$/ {
	file = $1
	sub(/:.*/, "", file)
	sub(/^.*\/milter\//, "milter/", file) # wherever the tree is
	key = file " " substr($NF, 2, length($NF) - 2)
	used[key] = 1
	if (key in known)
		next
	print
	bad = 1
}

END {
	for (key in known) {
		if (key in used)
			continue
		print known[key] ": not found any more: " key
		bad = 1
	}
	exit bad
}
