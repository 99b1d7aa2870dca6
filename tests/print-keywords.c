/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * print-keywords.c - every keyword of the configuration, one a line, for the
 * test that compares them with the manual page.
 */
#include "config.h"

#include <stdio.h>

#include "conf/conf.h"

static void
print(const char *keyword)
{
	puts(keyword);
}

int
main(void)
{
	conf_keywords(print);
	return 0;
}
