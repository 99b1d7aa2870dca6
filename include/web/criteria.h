/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * web/criteria.h - the page that says what puts a server on the own list, for how long, and how
 * it gets off (RFC 6471, 2.1), by the configuration that is in force.  Thread of the reader's.
 */
#ifndef RELAYGUARD_WEB_CRITERIA_H
#define RELAYGUARD_WEB_CRITERIA_H

#include "web/pages.h"

page_fn criteria_show;

#endif
