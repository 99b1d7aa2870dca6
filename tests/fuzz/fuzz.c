/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz.c - what the fuzz targets share: inputs taken apart, files and streams
 * for them, and the rules that replies and log lines keep.
 */
#include "config.h"

#include "fuzz/fuzz.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

#define FILES_MAX 8
#define PATH_SIZE 256
#define PREFIX_MAX 64 /* "relayguard[PID]: " and the newline */

static char dir[64];
static char files[FILES_MAX][PATH_SIZE];
static size_t nfiles;
static pid_t owner;

void
fuzz_broken(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

uint8_t
input_byte(struct input *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->at++;
}

uint32_t
input_number(struct input *in)
{
	uint32_t number = 0;

	for (int i = 0; i < 4; i++)
		number = number << 8 | input_byte(in);
	return number;
}

char *
input_text(struct input *in, size_t max)
{
	size_t len = strnlen((const char *)in->at, in->left < max ? in->left : max);
	char *text = malloc(len + 1);

	if (text == NULL)
		abort();
	memcpy(text, in->at, len);
	text[len] = '\0';
	in->at += len;
	in->left -= len;
	if (in->left > 0 && *in->at == '\0')
		input_byte(in);
	return text;
}

char *
input_maybe(struct input *in, unsigned mask, size_t max)
{
	return mask != 0 ? input_text(in, max) : NULL;
}

void *
fuzz_copy(const void *data, size_t size)
{
	void *copy = malloc(size > 0 ? size : 1);

	if (copy == NULL)
		abort();
	if (size > 0)
		memcpy(copy, data, size);
	return copy;
}

static void
remove_dir(void)
{
	if (owner != getpid())
		return;
	for (size_t i = 0; i < nfiles; i++)
		unlink(files[i]);
	rmdir(dir);
}

/* In memory where that is to be had: each input is a file or two. */
static void
make_dir(void)
{
	const char *tmp = getenv("TMPDIR");

	if (tmp == NULL)
		tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	snprintf(dir, sizeof(dir), "%.40s/fuzz.XXXXXX", tmp);
	if (mkdtemp(dir) == NULL) {
		perror(dir);
		abort();
	}
	owner = getpid();
	atexit(remove_dir);
}

const char *
fuzz_file(const char *name, const void *data, size_t size)
{
	static char path[PATH_SIZE];
	size_t i;
	int fd;

	if (dir[0] == '\0')
		make_dir();
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	for (i = 0; i < nfiles && strcmp(files[i], path) != 0; i++)
		;
	if (i == FILES_MAX)
		abort();
	memcpy(files[i], path, sizeof(path));
	nfiles += i == nfiles;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size || close(fd) != 0) {
		perror(path);
		abort();
	}
	return path;
}

void
paper_open(struct paper *paper)
{
	paper->stream = open_memstream(&paper->text, &paper->len);
	if (paper->stream == NULL)
		abort();
}

void
paper_read(struct paper *paper)
{
	fflush(paper->stream);
}

void
paper_close(struct paper *paper)
{
	fclose(paper->stream);
	free(paper->text);
}

bool
fuzz_printable(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

bool
fuzz_is_reply_line(const char *text)
{
	size_t percents;

	if (!fuzz_printable(text))
		return false;
	for (; (text = strchr(text, '%')) != NULL; text += percents)
		if ((percents = strspn(text, "%")) % 2 != 0)
			return false;
	return true;
}

void
fuzz_check_log(const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		MUST(text[len] == '\n');
		MUST(len < LOG_LINE_MAX + PREFIX_MAX);
		MUST(strncmp(text, "relayguard[", strlen("relayguard[")) == 0);
		for (size_t i = 0; i < len; i++)
			MUST(text[i] >= ' ' && text[i] <= '~');
		text += len + 1;
	}
}
