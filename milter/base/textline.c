/* SPDX-License-Identifier: BSD-2-Clause */
/* base/textline.c - lines of bounded length. */
#include "config.h"

#include "base/textline.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/textfile.h"

#define BUFFER_SIZE 65536
#define PASSED_MAX (1U << 20) /* bytes of a line that are read to get to the next one */

/* What is against reading the file; NULL: nothing. */
static const char *
check_status(int fd, const char *path)
{
	struct stat status;

	if (fd < 0 || fstat(fd, &status) != 0)
		return textfile_why(path, errno);
	if (!S_ISREG(status.st_mode))
		return "not a regular file";
	if ((status.st_mode & S_IWOTH) != 0)
		return "everybody may write to it";
	return NULL;
}

FILE *
textline_open(const char *path, const char **fault)
{
	/* Without waiting: a FIFO would keep us here until somebody writes to it. */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	FILE *file = NULL;

	*fault = check_status(fd, path);
	if (*fault == NULL && (file = fdopen(fd, "r")) == NULL)
		*fault = strerror(errno);
	if (file != NULL)
		(void)setvbuf(file, NULL, _IOFBF, BUFFER_SIZE);
	else if (fd >= 0)
		close(fd);
	return file;
}

/* Go to the end: what has such lines is no text, and to read a disk's image would take hours. */
static int
pass_over(FILE *file)
{
	return fseeko(file, 0, SEEK_END) == 0 ? getc_unlocked(file) : EOF;
}

enum textline
textline_read(FILE *file, char *line, size_t size)
{
	enum textline what = TEXTLINE_READ;
	size_t len = 0, passed = 0;
	int c;

	while ((c = getc_unlocked(file)) != EOF && c != '\n') {
		if (c == '\0')
			what = TEXTLINE_NUL;
		else if (len == size - 1)
			what = TEXTLINE_LONG;
		else
			line[len++] = (char)c;
		if (what != TEXTLINE_READ && ++passed == PASSED_MAX) {
			c = pass_over(file);
			break;
		}
	}
	line[len] = '\0';
	if (ferror(file))
		return TEXTLINE_FAILED;
	if (what != TEXTLINE_READ || c == '\n')
		return what;
	return len > 0 ? TEXTLINE_CUT : TEXTLINE_END;
}
