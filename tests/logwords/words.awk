# SPDX-License-Identifier: BSD-2-Clause
# The words of the log that programs may rely on, out of relayguard(8): each event, each key of a
# decision, and what stands as a word beside them, values and the keys of events.  One of each
# kind a line.

# Behind a macro for words, up to the next that is none.
function add_words(kind, first, i, on)
{
	on = 1
	for (i = first; i <= NF; i++) {
		if ($i == "No")
			on = 0
		else if ($i == "Cm" || $i == "Li")
			on = 1
		else if (on && $i ~ /^[a-z][a-z0-9-]*$/)
			print kind, $i
	}
}

/^\.S[hs] / { part = $2 }
part != "Decisions" && part != "Events" { next }
/^\.It Cm / { add_words(part == "Events" ? "event" : "key", 3); next }
/^\.It Li / { add_words("word", 3); next }
/^\.(Cm|Li) / { add_words("word", 2); next }
/^\.Pq (Cm|Li) / { add_words("word", 3) }
