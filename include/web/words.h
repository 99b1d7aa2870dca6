/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * web/words.h - the words of the pages: what texts/LANG/page.txt has under each key.
 *
 * Everything that a reader sees is one of these, of a topic's parts, or a name or figure from
 * the daemon.
 */
#ifndef RELAYGUARD_WEB_WORDS_H
#define RELAYGUARD_WEB_WORDS_H

#define WORD_TABLE(X)                                 \
	X(LANGUAGE, "language")                       \
	X(SITE, "site")                               \
	X(HOME_TITLE, "home-title")                   \
	X(HOME_LEAD, "home-lead")                     \
	X(HOME_FIELD, "home-field")                   \
	X(HOME_BUTTON, "home-button")                 \
	X(HOME_HINT, "home-hint")                     \
	X(HOME_UNCLEAR, "home-unclear")               \
	X(HOME_NO_TAG, "home-no-tag")                 \
	X(REFUSED_TITLE, "refused-title")             \
	X(REFUSED_LEAD, "refused-lead")               \
	X(DEFERRED_TITLE, "deferred-title")           \
	X(DEFERRED_LEAD, "deferred-lead")             \
	X(CLEAR_TITLE, "clear-title")                 \
	X(CLEAR_TEXT, "clear-text")                   \
	X(PASS_TITLE, "pass-title")                   \
	X(PASS_TEXT, "pass-text")                     \
	X(PASS_BUTTON, "pass-button")                 \
	X(GRANTED_TITLE, "granted-title")             \
	X(GRANTED_TEXT, "granted-text")               \
	X(NOPASS_TITLE, "nopass-title")               \
	X(NOPASS_USED, "nopass-used")                 \
	X(NOPASS_ACCEPTED, "nopass-accepted")         \
	X(NOPASS_OTHER, "nopass-other")               \
	X(TO_MESSAGE, "to-message")                   \
	X(WHAT_HEAD, "what-head")                     \
	X(YOU_HEAD, "you-head")                       \
	X(ADMIN_HEAD, "admin-head")                   \
	X(ENDS_HEAD, "ends-head")                     \
	X(WRONG_HEAD, "wrong-head")                   \
	X(MORE, "more")                               \
	X(HANDOFF_HEAD, "handoff-head")               \
	X(HANDOFF, "handoff")                         \
	X(HANDOFF_DEFERRED, "handoff-deferred")       \
	X(EVIDENCE_HEAD, "evidence-head")             \
	X(ROW_REF, "row-reference")                   \
	X(ROW_TIME, "row-time")                       \
	X(ROW_CLIENT, "row-client")                   \
	X(ROW_TO, "row-to")                           \
	X(ROW_FROM, "row-from")                       \
	X(ROW_POLICY, "row-policy")                   \
	X(ROW_SCORE, "row-score")                     \
	X(ROW_LIST, "row-list")                       \
	X(ROW_SAYS, "row-says")                       \
	X(ROW_ANSWER, "row-answer")                   \
	X(ROW_NOW, "row-now")                         \
	X(ROW_UNTIL, "row-until")                     \
	X(ROW_NOTE, "row-note")                       \
	X(NOW_LISTED, "now-listed")                   \
	X(NOW_CLEAR, "now-clear")                     \
	X(NOW_UNKNOWN, "now-unknown")                 \
	X(DECIDED, "decided")                         \
	X(REMOVAL, "removal")                         \
	X(REMOVAL_DENY, "removal-deny")               \
	X(OTHERS_HEAD, "others-head")                 \
	X(OTHERS_TEXT, "others-text")                 \
	X(RETRIES, "retries")                         \
	X(NO_RETRIES, "no-retries")                   \
	X(UNTIL, "until")                             \
	X(CONTACT, "contact")                         \
	X(UNKNOWN_TITLE, "unknown-title")             \
	X(UNKNOWN_TEXT, "unknown-text")               \
	X(ADDRESS_TITLE, "address-title")             \
	X(ADDRESS_LISTED, "address-listed")           \
	X(ADDRESS_CLEAR, "address-clear")             \
	X(ADDRESS_LOCAL, "address-local")             \
	X(ADDRESS_HINT, "address-hint")               \
	X(ROW_REASONS, "row-reasons")                 \
	X(ROW_SINCE, "row-since")                     \
	X(LIBRARY_TITLE, "library-title")             \
	X(LIBRARY_LEAD, "library-lead")               \
	X(REMOVE_TITLE, "remove-title")               \
	X(REMOVE_LEAD, "remove-lead")                 \
	X(REMOVE_FIELD, "remove-field")               \
	X(REMOVE_LOOK, "remove-look")                 \
	X(REMOVE_BUTTON, "remove-button")             \
	X(REMOVE_BAD, "remove-bad")                   \
	X(REMOVE_NONE, "remove-none")                 \
	X(REMOVED_TITLE, "removed-title")             \
	X(REMOVED_TEXT, "removed-text")               \
	X(NOT_REMOVED_TITLE, "not-removed-title")     \
	X(NOT_REMOVED_TEXT, "not-removed-text")       \
	X(NOMINATE_TITLE, "nominate-title")           \
	X(NOMINATE_LEAD, "nominate-lead")             \
	X(NOMINATE_FIELD, "nominate-field")           \
	X(NOMINATE_EVIDENCE, "nominate-evidence")     \
	X(NOMINATE_BUTTON, "nominate-button")         \
	X(NOMINATE_BAD, "nominate-bad")               \
	X(NOMINATED_TITLE, "nominated-title")         \
	X(NOMINATED_TEXT, "nominated-text")           \
	X(CRITERIA_TITLE, "criteria-title")           \
	X(CRITERIA_LEAD, "criteria-lead")             \
	X(CRITERIA_ON, "criteria-on")                 \
	X(CRITERIA_FORMS, "criteria-forms")           \
	X(CRITERIA_SENDERS, "criteria-senders")       \
	X(CRITERIA_BOTH, "criteria-both")             \
	X(CRITERIA_DROP_BOX, "criteria-drop-box")     \
	X(CRITERIA_TRAPS, "criteria-traps")           \
	X(CRITERIA_TRAP_HITS, "criteria-trap-hits")   \
	X(CRITERIA_DICTIONARY, "criteria-dictionary") \
	X(CRITERIA_HELO, "criteria-helo")             \
	X(CRITERIA_NOMINATED, "criteria-nominated")   \
	X(CRITERIA_LONG, "criteria-long")             \
	X(CRITERIA_LIFE, "criteria-life")             \
	X(CRITERIA_LATER, "criteria-later")           \
	X(CRITERIA_OFF, "criteria-off")               \
	X(CRITERIA_WAYS, "criteria-ways")             \
	X(CRITERIA_NEVER, "criteria-never")           \
	X(CRITERIA_EXEMPT, "criteria-exempt")         \
	X(CRITERIA_CONTACT, "criteria-contact")       \
	X(REASON_DICTIONARY, "reason-dictionary")     \
	X(REASON_NOMINATED, "reason-nominated")       \
	X(REASON_HELO, "reason-helo")                 \
	X(NO_LIST_TITLE, "no-list-title")             \
	X(NO_LIST_TEXT, "no-list-text")               \
	X(PRIVACY_TITLE, "privacy-title")             \
	X(PRIVACY_TEXT, "privacy-text")               \
	X(STALE_TITLE, "stale-title")                 \
	X(STALE_TEXT, "stale-text")                   \
	X(MISSING_TITLE, "missing-title")             \
	X(MISSING_TEXT, "missing-text")               \
	X(BAD_TITLE, "bad-title")                     \
	X(BAD_TEXT, "bad-text")                       \
	X(OFTEN_TITLE, "often-title")                 \
	X(OFTEN_TEXT, "often-text")                   \
	X(DOWN_TITLE, "down-title")                   \
	X(DOWN_TEXT, "down-text")                     \
	X(BACK, "back")                               \
	X(LANGUAGES, "languages")

enum word {
#define X(id, key) WORD_##id,
	WORD_TABLE(X)
#undef X
	    WORD_MAX
};

/* The parts of a topic, in texts/LANG/TOPIC.txt. */
#define PART_TABLE(X)     \
	X(TOPIC, "topic") \
	X(TITLE, "title") \
	X(WHAT, "what")   \
	X(YOU, "you")     \
	X(ADMIN, "admin") \
	X(ENDS, "ends")   \
	X(WRONG, "wrong")

enum part {
#define X(id, key) PART_##id,
	PART_TABLE(X)
#undef X
	    PART_MAX
};

/* What stands in a text as %{name}, and is replaced. */
#define SLOT_TABLE(X)         \
	X(CLIENT, "client")   \
	X(DOMAIN, "domain")   \
	X(TIME, "time")       \
	X(UNTIL, "until")     \
	X(REASON, "reason")   \
	X(LIST, "list")       \
	X(URL, "url")         \
	X(REF, "ref")         \
	X(CONTACT, "contact") \
	X(COUNT, "count")     \
	X(DAYS, "days")       \
	X(HOURS, "hours")
enum slot {
#define X(id, key) SLOT_##id,
	SLOT_TABLE(X)
#undef X
	    SLOT_MAX
};

/* The slot that a text begins with, which is gone past; SLOT_MAX: it begins with none. */
enum slot slot_take(const char **at);

const char *word_key(enum word);
const char *part_key(enum part);

#endif
