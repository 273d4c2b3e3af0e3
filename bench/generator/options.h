/* The command line: `--name value` pairs. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "generator.h"

struct options {
	const char *host;
	const char *domain;   /* XMPP only */
	const char *password; /* XMPP and MQTT; our own protocol signs instead */
	const char *work;     /* w1, prep, store, drain, idle, group */
	const char *group;
	const char *ackfile; /* one byte per message id: 1 if the server acknowledged it */
	int port;
	int pid; /* the server's process, for CPU and memory */
	int body;
	int seconds;
	int base;     /* number of the first user */
	int inflight; /* handshakes at the same time */
	int pairs;
	int window;
	int rate; /* messages/s in an open loop; 0: closed loop by window */
	int users;
	int per; /* messages per user in `store` */
	int senders;
	int killat; /* kill -9 the server at this many acknowledgements, or when the time is up */
	int conns;
	int settle; /* seconds before memory is read again */
	int members;
	int persist;  /* MQTT: session outlives the connection */
	int sm;       /* XMPP: XEP-0198 acknowledgements */
	int register_; /* XMPP: register instead of logging in */
	int qos;      /* MQTT */
};

extern struct options options;
extern const driver *protocol;

/* Returns 0, or 2 after a message on stderr. */
int read_options(int count, char **arguments);

#endif
