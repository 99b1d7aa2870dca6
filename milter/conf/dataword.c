/* SPDX-License-Identifier: BSD-2-Clause */
/* conf/dataword.c - a format in rbldnsd's words, and files. */
#include "config.h"

#include "conf/dataword.h"

#include <string.h>

#include "base/ascii.h"
#include "base/setting.h"
#include "base/strbuf.h"

static bool
take_file(struct data_source *source, const char *path, char *why, size_t whysize)
{
	if (source->nfiles == DATA_FILES_MAX)
		return strbuf_fail(why, whysize, "has more than %d files", DATA_FILES_MAX);
	if (path[0] != '/')
		return strbuf_fail(why, whysize,
		    "must be a path that begins with /, or a format of rbldnsd's and such a "
		    "path, as \"ip4set:/var/lib/rbldns/list\"");
	source->file[source->nfiles++] = path;
	return setting_printable(path, DATAWORD_PATH_MAX, why, whysize);
}

static bool
take_files(struct data_source *source, char *at, char *why, size_t whysize)
{
	for (char *path; (path = strsep(&at, ",")) != NULL;)
		if (!take_file(source, path, why, whysize))
			return false;
	return true;
}

/* Of a combined set the sections of one subzone may be meant. */
static bool
take_subzone(struct data_source *source, char *at, char *why, size_t whysize)
{
	if (at == NULL)
		return true;
	if (source->format != DATA_COMBINED)
		return strbuf_fail(why, whysize, "only combined has subzones");
	ascii_copy_lower(at, at, strlen(at));
	source->subzone = at;
	return setting_domain(at, ASCII_LABEL_MAX, why, whysize);
}

bool
dataword_parse(struct dataword *word, const char *text, char *why, size_t whysize)
{
	struct data_source *source = &word->source;
	char *format = word->text, *files, *subzone;

	*source = (struct data_source){.format = DATA_CIDR};
	if (!strbuf_copy(word->text, sizeof(word->text), text))
		return strbuf_fail(why, whysize, "is too long");
	if (text[0] == '/' || (files = strchr(format, ':')) == NULL)
		return take_files(source, word->text, why, whysize);
	*files++ = '\0';
	if ((subzone = strchr(format, '@')) != NULL)
		*subzone++ = '\0';
	if ((source->format = data_format_parse(format)) == DATA_FORMATS)
		return strbuf_fail(why, whysize,
		    "must be a path, or begin with ip4set:, ip4trie:, ip4tset:, ip6trie:, "
		    "ip6tset:, dnset:, generic:, combined: or cidr:");
	return take_subzone(source, subzone, why, whysize) &&
	    take_files(source, files, why, whysize);
}
