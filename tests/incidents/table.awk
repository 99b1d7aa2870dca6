# SPDX-License-Identifier: BSD-2-Clause
# table.awk - the rows that tally has written into TAP, as a table.

/^# incident: / {
	if (!rows++) {
		print "                                         |  good clients | bad clients          | list, after"
		print "incident                                 |  all ref def  |  ref  def pass       | out    back"
	}
	sub(/^# incident: /, "")
	print
}

/^# cached incident: / {
	sub(/^# cached incident: /, "")
	cached[++ncached] = $0
}

END {
	if (ncached)
		print "behind a resolver's cache"
	for (i = 1; i <= ncached; i++)
		print cached[i]
}
