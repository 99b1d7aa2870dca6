/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/jsonline.h - JSON for programs, an object a line, of the same shape as the replies of the
 * daemon: format, verb and data, and a last line.  One thread; blocks on the stream.
 */
#ifndef RELAYGUARD_CTL_JSONLINE_H
#define RELAYGUARD_CTL_JSONLINE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* Write a line of data, which is given up, and the last one; false: memory was out (data may
 * be NULL then), and it is missing. */
bool jsonline_data(FILE *, const char *verb, json_t *data);
bool jsonline_end(FILE *, int status);

#endif
