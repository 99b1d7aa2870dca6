/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_user.c - see conf_user.h.
 */
#include "config.h"

#include "fakes/conf_user.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_MAX 65536

const char CONF_REGISTRY[] =
    "# the lists we know\n"
    "list \"known\" {\n"
    "	zone = \"known.example\"\n"
    "	name = \"Known\"\n"
    "	removal = \"https://known.example/?ip=%{ip}\"\n"
    "	answer \"127.0.0.2\" { category = \"spam-source\"  score = 4 }\n"
    "	answer \"127.0.0.3\" { category = \"dynamic\"  score = 3  name = \"Known Dial\" }\n"
    "}\n"
    "list \"keyed\" {\n"
    "	zone = \"%{key}.keyed.example\"\n"
    "	needs = \"key\"\n"
    "	answer \"127.0.0.2\" { category = \"spam-source\"  score = 4 }\n"
    "}\n"
    "list \"wide\" {\n"
    "	zone = \"wide.example\"\n"
    "	answer \"127.0.0.2\" { category = \"policy-range\"  score = 2 }\n"
    "}\n"
    "list \"domains\" { zone = \"domains.example\"  kind = \"domain\" }\n"
    "list \"registered\" { zone = \"r.example\" kind = \"domain\" registered = true\n"
    "	answer \"127.0.0.2\" { category = \"spam-source\"  score = 5 } }\n"
    "list \"kdomains\" { zone = \"%{key}.kdomains.example\"  kind = \"domain\" }\n"
    "list \"gone\" { zone = \"gone.example\"  dead = \"closed in 2020\" }\n";

static char folder[] = "/tmp/relayguard-conf-XXXXXX";

void
conf_user_begin(void)
{
	if (mkdtemp(folder) == NULL)
		abort();
}

const char *
conf_user_path(const char *name)
{
	static char path[4][128];
	static unsigned turn;
	char *out = path[turn++ % 4];

	snprintf(out, sizeof(path[0]), "%s/%s", folder, name);
	return out;
}

static void
empty_folder(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	char name[512];

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		if (entry->d_type == DT_DIR)
			empty_folder(name);
		else
			unlink(name);
	}
	if (dir != NULL)
		closedir(dir);
	rmdir(path);
}

void
conf_user_end(void)
{
	empty_folder(folder);
}

void
conf_user_write(const char *name, const char *text, mode_t mode)
{
	FILE *file = fopen(conf_user_path(name), "w");

	if (file == NULL)
		abort();
	fputs(text, file);
	fclose(file);
	chmod(conf_user_path(name), mode);
}

void
conf_user_write_all(const struct conf_file *file, size_t n)
{
	for (size_t i = 0; i < n; i++)
		conf_user_write(file[i].name, file[i].text, file[i].mode);
}

/* Copy text with ~ replaced by the folder. */
static void
unfold(char *out, size_t size, const char *text)
{
	size_t len = 0;

	for (; *text != '\0' && len + sizeof(folder) < size; text++) {
		if (*text == '~')
			len += (size_t)snprintf(out + len, size - len, "%s", folder);
		else
			out[len++] = *text;
	}
	out[len] = '\0';
}

struct conf *
conf_user_load(const char *text, const char *registry, char *out, size_t size)
{
	static char whole[TEXT_MAX];
	FILE *errors = fmemopen(out, size, "w");
	struct conf *conf;

	unfold(whole, sizeof(whole), text);
	conf_user_write("relayguard.conf", whole, 0644);
	if (registry != NULL)
		conf_user_write("lists.conf", registry, 0644);
	out[0] = '\0';
	conf = conf_load(registry != NULL ? conf_user_path("lists.conf") : NULL,
	    conf_user_path("relayguard.conf"), errors);
	fclose(errors);
	return conf;
}

/* Whether the line got begins as the line wanted does. */
static bool
begins(const char *got, const char *want)
{
	char full[1024], unfolded[512];
	const char *file = want[0] >= '0' && want[0] <= '9' ? "relayguard.conf:" : "";

	unfold(unfolded, sizeof(unfolded), want);
	if (want[0] == '0')
		snprintf(full, sizeof(full), "%s%s", conf_user_path("relayguard.conf"),
		    unfolded + 1);
	else
		snprintf(full, sizeof(full), "%s/%s%s", folder, file, unfolded);
	return strncmp(got, full, strlen(full)) == 0;
}

/* Compare line by line. */
static bool
compare(char *got, const char *want)
{
	char copy[2048], *gotnext = got, *wantnext = copy, *g, *w;

	snprintf(copy, sizeof(copy), "%s", want);
	for (;;) {
		g = strsep(&gotnext, "\n");
		w = strsep(&wantnext, "\n");
		if (w == NULL || *w == '\0')
			return g == NULL || *g == '\0';
		if (g == NULL || !begins(g, w))
			return false;
	}
}

/* Whether every line wanted is a warning. */
static bool
loads(const char *want)
{
	while (*want != '\0') {
		const char *end = strchr(want, '\n');
		size_t len = end != NULL ? (size_t)(end - want) : strlen(want);
		const char *warning = strstr(want, "warning:");

		if (warning == NULL || warning > want + len)
			return false;
		want += len + (end != NULL);
	}
	return true;
}

bool
conf_user_try(const struct conf_row *row, const char *registry)
{
	static char got[TEXT_MAX], shown[TEXT_MAX];
	struct conf *conf = conf_user_load(row->text, registry, got, sizeof(got));
	bool right = (conf != NULL) == loads(row->want);

	snprintf(shown, sizeof(shown), "%s", got);
	right = compare(got, row->want) && right;
	if (!right)
		printf("# %s, and got %s\n", conf != NULL ? "loads" : "does not load", shown);
	conf_unref(&conf);
	return right;
}
