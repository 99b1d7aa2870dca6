/* SPDX-License-Identifier: BSD-2-Clause */
/* session/policyrequest.c - lines that Postfix writes, and anybody else who may connect. */
#include "config.h"

#include "session/policyrequest.h"

#include <string.h>

#include "base/number.h"

static const char nothing[] = "";

size_t
policyrequest_length(const char *text, size_t len)
{
	const char *end;

	if (len > 0 && text[0] == '\n')
		return 1;
	end = memmem(text, len, "\n\n", 2);
	return end != NULL ? (size_t)(end - text) + 2 : 0;
}

/* Keep the value of an attribute; false: there was one already. */
static bool
keep(struct policyrequest *r, const char **request, const char **port, const char *name,
    const char *value)
{
	const struct {
		const char *name, **value;
	} attributes[] = {
	    {"request", request},
	    {"protocol_state", &r->state},
	    {"instance", &r->instance},
	    {"client_address", &r->client_address},
	    {"client_name", &r->client_name},
	    {"client_port", port},
	    {"helo_name", &r->helo},
	    {"sender", &r->sender},
	    {"recipient", &r->recipient},
	    {"sasl_username", &r->user},
	    {"queue_id", &r->queue_id},
	    {"server_address", &r->server_address},
	};

	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		if (strcmp(attributes[i].name, name) != 0)
			continue;
		if (*attributes[i].value != nothing)
			return false;
		*attributes[i].value = value;
		return true;
	}
	return true;
}

/* Postfix says "unknown" where it does not know. */
static uint16_t
read_port(const char *text)
{
	int64_t port = number_read(&text, UINT16_MAX);

	return port > 0 && *text == '\0' ? (uint16_t)port : 0;
}

bool
policyrequest_read(struct policyrequest *r, char *text, size_t len)
{
	const char *request = nothing, *port = nothing;
	char *at = text, *end = text + len - 1; /* the empty line */
	unsigned lines = 0;

	*r = (struct policyrequest){nothing, nothing, nothing, nothing, nothing, nothing,
	    nothing, nothing, nothing, nothing, 0};
	if (len == 0 || memchr(text, '\0', len) != NULL)
		return false;
	while (at < end) {
		char *next = memchr(at, '\n', (size_t)(end - at)), *value;

		if (next == NULL || ++lines > POLICYREQUEST_LINES_MAX)
			return false;
		*next = '\0';
		if ((value = strchr(at, '=')) == NULL)
			return false;
		*value++ = '\0';
		if (!keep(r, &request, &port, at, value))
			return false;
		at = next + 1;
	}
	r->client_port = read_port(port);
	return strcmp(request, "smtpd_access_policy") == 0;
}
