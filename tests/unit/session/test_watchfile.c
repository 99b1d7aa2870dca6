/* SPDX-License-Identifier: BSD-2-Clause */
/* test_watchfile.c - what is known of own addresses comes back as it was, or not at all. */
#include "config.h"

#include "session/watchfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "tap.h"

#define HEAD "relayguard-watch-1 ABCDEFGH "
#define ROW "row 192.0.2.1 zen address address spam-source listed 100 0 200\n"
#define NEWS "news 1 100 listed 192.0.2.1 zen address spam-source\n"

static char folder[] = "/tmp/test_watchfile.XXXXXX", path[64];

static void
test_texts(void)
{
	static const struct {
		const char *what, *text;
		bool good;
	} rows[] = {
	    {"nothing is known", HEAD "0\nend\n", true},
	    {"all of it", HEAD "1\n" ROW "list zen 200 0\n" NEWS "end\n", true},
	    {"a name, of which nothing is known",
		HEAD "0\nrow mx.our.example dbl domain provider - - 0 0 0\nend\n", true},
	    {"changes from the middle",
		HEAD "8\nnews 7 1 unknown - zen - -\n"
		     "news 8 2 known - zen - -\nend\n",
		true},
	    {"cut off", HEAD "1\n" ROW "list zen 200 0\n" NEWS, false},
	    {"without its last line's end", HEAD "0\nend", false},
	    {"more behind its end", HEAD "0\nend\n" ROW, false},
	    {"empty", "", false},
	    {"another file", "relayguard-watch-2 ABCDEFGH 0\nend\n", false},
	    {"a series that is none", "relayguard-watch-1 ABC 0\nend\n", false},
	    {"a change that is missing", HEAD "2\n" NEWS "end\n", false},
	    {"changes without their last", HEAD "1\nend\n", false},
	    {"a gap", HEAD "3\n" NEWS "news 3 1 known - zen - -\nend\n", false},
	    {"no line of ours", HEAD "0\ncolumn 1\nend\n", false},
	    {"an empty line", HEAD "0\n\nend\n", false},
	    {"a row of less", HEAD "0\nrow 192.0.2.1 zen address address - clear 1 0\nend\n",
		false},
	    {"a row of more",
		HEAD "0\nrow 192.0.2.1 zen address address - clear 1 0 1 1\nend\n", false},
	    {"much more", HEAD "0\nrow 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\nend\n", false},
	    {"no subject", HEAD "0\nrow x\001y zen address address - clear 1 0 1\nend\n",
		false},
	    {"a subject in another form",
		HEAD "0\nrow 2001:DB8::1 zen address address - clear 1 0 1\nend\n", false},
	    {"no label", HEAD "0\nrow 192.0.2.1 a\"b address address - clear 1 0 1\nend\n",
		false},
	    {"no kind", HEAD "0\nrow 192.0.2.1 zen what address - clear 1 0 1\nend\n", false},
	    {"no scope", HEAD "0\nrow 192.0.2.1 zen address what - clear 1 0 1\nend\n", false},
	    {"no category", HEAD "0\nrow 192.0.2.1 zen address address x clear 1 0 1\nend\n",
		false},
	    {"listed as nothing",
		HEAD "0\nrow 192.0.2.1 zen address address - listed 1 0 1\nend\n", false},
	    {"no answer", HEAD "0\nrow 192.0.2.1 zen address address - x 1 0 1\nend\n", false},
	    {"a time before 1970",
		HEAD "0\nrow 192.0.2.1 zen address address - clear -1 0 1\n"
		     "end\n",
		false},
	    {"a time that never comes",
		HEAD "0\nrow 192.0.2.1 zen address address - clear 999999999999 0 1\nend\n",
		false},
	    {"no event", HEAD "1\nnews 1 100 gone 192.0.2.1 zen address spam-source\nend\n",
		false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = strdup(rows[i].text);
		struct watchfile f;

		ok(watchfile_read(&f, text) == rows[i].good, "%s", rows[i].what);
		watchfile_clear(&f);
		free(text);
	}
}

static void
fill(struct watchfile *f)
{
	*f = (struct watchfile){.series = "ABCDEFGH", .last = 3, .nrows = 2, .nlists = 1};
	f->row = calloc(2, sizeof(f->row[0]));
	f->row[0] = (struct watch_row){.subject = "2001:db8::1",
	    .list = "zen",
	    .kind = KIND_ALLOW,
	    .scope = SCOPE_PROVIDER,
	    .category = CATEGORY_MAX,
	    .watched = {.settled = WATCH_CLEAR, .since = 1, .doubt = 2, .known = 3}};
	f->row[1] = (struct watch_row){.subject = "mx.our.example",
	    .list = "dbl",
	    .kind = KIND_DOMAIN,
	    .scope = SCOPE_ADDRESS,
	    .category = category_parse("phishing"),
	    .watched = {.settled = WATCH_LISTED, .since = 4, .known = 5}};
	f->list[0] = (struct watchfile_list){"zen", {.since = 6, .told = true}};
	f->nnews = 2;
	f->news[0] = (struct watch_news){2, 7, WATCH_LISTED_NOW, "mx.our.example", "dbl",
	    watch_scope_name(SCOPE_ADDRESS), "phishing"};
	f->news[1] = (struct watch_news){3, 8, WATCH_UNKNOWN, "", "zen", NULL, NULL};
}

static void
compare(const struct watchfile *got)
{
	same_str(got->series, "ABCDEFGH", "the series");
	same_num((long)got->last, 3, "and its last number");
	same_num((long)got->nrows, 2, "two rows");
	same_str(got->row[0].subject, "2001:db8::1", "of an address");
	same_num(got->row[0].kind, KIND_ALLOW, "on a list that speaks for it");
	same_num(got->row[0].watched.doubt, 2, "in doubt since then");
	same_str(watched_word(&got->row[0].watched), "not known",
	    "which is not clear before it is asked again");
	same_str(watched_word(&got->row[1].watched), "listed", "what was listed is");
	same_num(got->row[1].watched.since, 4, "since then");
	same_str(category_name(got->row[1].category), "phishing", "as that");
	ok(got->list[0].silence.told && got->list[0].silence.since == 6, "a list is silent");
	same_num((long)got->nnews, 2, "two changes");
	same_str(got->news[0].scope, "address", "of that scope");
	ok(got->news[1].scope == NULL && got->news[1].subject[0] == '\0', "or of none");
}

static void
test_file(void)
{
	struct watchfile f, got;
	struct stat st;
	char why[256];

	ok(!watchfile_load(&got, folder, why, sizeof(why)) && why[0] == '\0', "there is none");
	fill(&f);
	ok(watchfile_save(&f, folder, why, sizeof(why)), "it is written");
	ok(stat(path, &st) == 0 && (st.st_mode & 07) == 0, "for us and our group");
	ok(watchfile_load(&got, folder, why, sizeof(why)), "and read");
	compare(&got);
	watchfile_clear(&got);
	watchfile_clear(&f);
	ok(truncate(path, 100) == 0 && !watchfile_load(&got, folder, why, sizeof(why)),
	    "half of it");
	same_str(why, "it is damaged", "is nothing");
	watchfile_clear(&got);
	(void)unlink(path);
	ok(symlink("/etc/passwd", path) == 0 && !watchfile_load(&got, folder, why, sizeof(why)),
	    "nor is a link: %s", why);
	ok(watchfile_save(&f, folder, why, sizeof(why)) && lstat(path, &st) == 0 &&
		S_ISREG(st.st_mode),
	    "which is replaced");
	(void)unlink(path);
	(void)rmdir(folder);
	ok(!watchfile_save(&f, folder, why, sizeof(why)), "no folder: %s", why);
}

int
main(void)
{
	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/" WATCHFILE_NAME, folder);
	test_texts();
	test_file();
	return done();
}
