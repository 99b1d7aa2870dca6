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
