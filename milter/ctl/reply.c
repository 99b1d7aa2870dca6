/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/reply.c - any object, as lines of "key: value"; what is in a value is indented. */
#include "config.h"

#include "ctl/reply.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/output.h"

/* What a stranger has written may hold commands for a terminal: these are shown as in the log,
 * the rest as it is. */
static void
show_text(const char *text)
{
	for (size_t n; *text != '\0'; text += n > 0 ? n : 1)
		if ((n = ascii_control_length(text)) > 0)
			printf("\\u%04X", (unsigned char)text[n - 1]);
		else
			putchar(*text);
}

static void
show_scalar(const json_t *value)
{
	if (json_is_string(value))
		show_text(json_string_value(value));
	else if (json_is_boolean(value))
		fputs(json_is_true(value) ? "yes" : "no", stdout);
	else if (json_is_real(value))
		printf("%.3f", json_real_value(value));
	else if (json_is_integer(value))
		printf("%lld", (long long)json_integer_value(value));
	else
		fputs("-", stdout);
}

/* A key and its value, indented; what is in the value, more so. */
static void
show(const char *key, json_t *value, int depth)
{
	printf("%*s%s:", 2 * depth, "", key);
	if (json_is_object(value)) {
		putchar('\n');
		for (void *i = json_object_iter(value); i != NULL;
		     i = json_object_iter_next(value, i))
			show(json_object_iter_key(i), json_object_iter_value(i), depth + 1);
		return;
	}
	if (json_is_array(value)) {
		for (size_t i = 0; i < json_array_size(value); i++) {
			printf(i == 0 ? " " : "\n%*s", 2 * depth + (int)strlen(key) + 2, "");
			show_scalar(json_array_get(value, i));
		}
	} else {
		putchar(' ');
		show_scalar(value);
	}
	putchar('\n');
}

/* One object: its first value is the heading of those that follow, where it is a step. */
static void
show_data(json_t *data)
{
	const json_t *step = json_object_get(data, "step");

	if (step != NULL)
		printf("%s\n", json_string_value(step));
	for (void *i = json_object_iter(data); i != NULL; i = json_object_iter_next(data, i))
		if (json_object_iter_value(i) != step)
			show(json_object_iter_key(i), json_object_iter_value(i), step != NULL);
	putchar('\n');
}

int
reply_show(const char *line, bool json)
{
	json_t *reply = json_loads(line, 0, NULL);
	json_t *data = json_object_get(reply, "data");
	const json_t *error = json_object_get(reply, "error"),
		     *status = json_object_get(reply, "status");
	int result = json_is_integer(status) ? (int)json_integer_value(status) : -1;

	if (json)
		puts(line);
	else if (json_is_string(json_object_get(data, "text")))
		fputs(json_string_value(json_object_get(data, "text")), stdout);
	else if (json_is_object(data))
		show_data(data);
	if (json_is_string(error))
		fprintf(stderr, "relayguardctl: %s\n", json_string_value(error));
	json_decref(reply);
	output_flush(); /* more may come later, or never */
	return result;
}
