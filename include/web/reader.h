/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * web/reader.h - a connection: one request, one answer, READER_MS for all of it.
 *
 * By the little of HTTP that control/http.h has, and not by libevent's evhttp, which can
 * neither count its connections nor bound the time of a whole request.
 */
#ifndef RELAYGUARD_WEB_READER_H
#define RELAYGUARD_WEB_READER_H

#define READER_MS 10000   /* from the first byte that may come to the last that goes */
#define READER_CLIENTS 64 /* at a time */

/* A server_talk_fn; site is a struct site.  Thread of the reader's; may wait. */
void reader_talk(int fd, void *site);

#endif
