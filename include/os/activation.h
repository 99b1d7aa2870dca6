/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * os/activation.h - sockets that the service manager has made for us (systemd.socket(5)), with
 * an owner and a group that we could not give them.
 */
#ifndef RELAYGUARD_OS_ACTIVATION_H
#define RELAYGUARD_OS_ACTIVATION_H

/*
 * The socket that goes by that FileDescriptorName=, the caller's from now on; -1: there is
 * none, or it is no unix stream socket that listens, which is logged.  Main thread, in the
 * process that the manager has started.
 */
int activation_socket(const char *name);

#endif
