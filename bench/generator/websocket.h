/* The client's side of WebSocket (RFC 6455), as much as a load generator needs: no fragments, no extensions. */
#ifndef WEBSOCKET_H
#define WEBSOCKET_H

#include "generator.h"

enum websocket_opcode { WEBSOCKET_BINARY = 2, WEBSOCKET_CLOSE = 8, WEBSOCKET_PING = 9, WEBSOCKET_PONG = 10 };

struct websocket_frame {
	enum websocket_opcode opcode;
	uint8_t *payload;
	size_t length;
	size_t size; /* bytes of the whole frame */
};

void websocket_upgrade(connection *c, const char *path, const char *host, int port, const char *subprotocol);
/* Reads the server's answer: its length, 0 if it is not complete yet, -1 if it refuses. */
long websocket_upgraded(const uint8_t *bytes, size_t length);

/* Reads the next frame: 1, 0 if it is not complete yet, -1 if it is malformed. */
int websocket_read(uint8_t *bytes, size_t length, struct websocket_frame *frame);
/* Masks the payload in place and writes it. */
void websocket_write(connection *c, enum websocket_opcode opcode, uint8_t *payload, size_t length);

#endif
