/* SPDX-License-Identifier: BSD-2-Clause */
/* test_passfile.c - what was granted and spent is there after a restart; a file that cannot be
 * read or written keeps nobody from anything. */
#include "config.h"

#include "session/passfile.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "session/passes.h"

#include "tap.h"

#define DOMAIN "b.example"
#define CLIENT "198.51.100.7"

static char folder[] = "/tmp/test_passfile.XXXXXX";

struct node {
	struct passes *passes;
	struct passfile *file;
};

static struct node
begin(const char *where)
{
	struct node n = {.passes = passes_new()};

	n.file = passfile_new(n.passes, where);
	ok(passfile_start(n.file), "it starts");
	return n;
}

static void
end(struct node *n)
{
	passfile_free(n->file);
	passes_free(n->passes);
}

static const char *
path_of(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static enum pass_answer
grant(struct node *n, const char *client)
{
	struct ipaddr addr;
	struct pass pass;

	if (!ipaddr_parse(&addr, client))
		abort();
	return passes_grant(n->passes, &addr, DOMAIN, &pass);
}

static bool
spend(struct node *n, const char *client)
{
	struct mailbox to = {.local = "bob", .domain = DOMAIN};
	struct ipaddr addr;

	if (!ipaddr_parse(&addr, client))
		abort();
	return passes_spend(n->passes, &addr, &to, false);
}

static void
test_kept(void)
{
	struct node n = begin(folder);
	unsigned spent = 0;
	struct stat st;

	same_num(grant(&n, CLIENT), PASS_GRANTED, "granted");
	spent += spend(&n, CLIENT);
	same_num(grant(&n, "2001:db8::1"), PASS_GRANTED, "another one");
	end(&n);
	ok(stat(path_of(PASSFILE_NAME), &st) == 0 && (st.st_mode & 07) == 0,
	    "there is a file that not everybody may read");
	clock_advance(PASS_MS / 2);
	n = begin(folder);
	same_num(grant(&n, CLIENT), PASS_USED, "known after a restart");
	same_num(grant(&n, "2001:db8::2"), PASS_USED, "both are");
	while (spend(&n, CLIENT))
		spent++;
	same_num(spent, PASS_MESSAGES, "and what was spent");
	end(&n);
	clock_advance(PASS_MS / 2);
	n = begin(folder);
	ok(!spend(&n, "2001:db8::1"), "it is over when it would have been");
	clock_advance(PASS_AGAIN_MS - PASS_MS);
	same_num(grant(&n, CLIENT), PASS_GRANTED, "as are the 30 days");
	end(&n);
}

static void
test_damaged(void)
{
	FILE *file = fopen(path_of(PASSFILE_NAME), "w");
	struct node n;

	fputs("this is no database, but long enough to be taken for one", file);
	(void)fclose(file);
	n = begin(folder);
	same_num(grant(&n, CLIENT), PASS_GRANTED, "nothing is known");
	end(&n);
	ok(access(path_of(PASSFILE_NAME ".corrupt"), F_OK) == 0, "it is set aside");
	n = begin(folder);
	same_num(grant(&n, CLIENT), PASS_USED, "and another one kept");
	ok(unlink(path_of(PASSFILE_NAME)) == 0, "somebody removes it");
	same_num(grant(&n, "198.51.101.7"), PASS_GRANTED, "no matter");
	end(&n);
	ok(access(path_of(PASSFILE_NAME), F_OK) == 0, "it is made again");
}

static void
test_nowhere(void)
{
	struct node n = begin("/nonexistent/folder");

	same_num(grant(&n, CLIENT), PASS_GRANTED, "without a folder, too");
	ok(spend(&n, CLIENT), "it is good");
	end(&n);
}

int
main(void)
{
	if (mkdtemp(folder) == NULL)
		return 1;
	clock_freeze(1000000, 1800000000);
	test_kept();
	test_damaged();
	test_nowhere();
	(void)unlink(path_of(PASSFILE_NAME));
	(void)unlink(path_of(PASSFILE_NAME ".corrupt"));
	(void)rmdir(folder);
	return done();
}
