#define _GNU_SOURCE
#include "websocket.h"

#include <string.h>
#include <strings.h>

/* The nonce of RFC 6455 section 1.3 and the answer that belongs to it: a server that did not compute it is refused. */
#define NONCE "dGhlIHNhbXBsZSBub25jZQ=="
#define NONCE_ANSWER "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

#define FINAL 0x80
#define MASKED 0x80
#define LENGTH_16 126
#define LENGTH_64 127
#define MASK_BYTES 4

void websocket_upgrade(connection *c, const char *path, const char *host, int port, const char *subprotocol) {
	lg_printf(c,
		"GET %s HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: " NONCE "\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: %s\r\n\r\n",
		path, host, port, subprotocol);
}

long websocket_upgraded(const uint8_t *bytes, size_t length) {
	const char *end = memmem(bytes, length, "\r\n\r\n", 4);
	if (!end) return 0;
	size_t used = end + 4 - (const char *)bytes;
	int switched = memmem(bytes, used, "HTTP/1.1 101", 12) == bytes;
	int answered = memmem(bytes, used, NONCE_ANSWER, strlen(NONCE_ANSWER)) != NULL;
	return switched && answered ? (long)used : -1;
}

int websocket_read(uint8_t *bytes, size_t length, struct websocket_frame *frame) {
	if (length < 2) return 0;
	uint8_t first = bytes[0];
	uint8_t second = bytes[1];
	/* Fragments, extension bits and masked frames never come from a server that follows our protocol. */
	if ((first & 0xF0) != FINAL || (second & MASKED)) return -1;
	size_t header = 2;
	uint64_t payload = second & 0x7F;
	if (payload >= LENGTH_16) {
		int digits = payload == LENGTH_16 ? 2 : 8;
		header += digits;
		if (length < header) return 0;
		payload = 0;
		for (int i = 0; i < digits; i++) payload = payload << 8 | bytes[2 + i];
	}
	if (length - header < payload) return 0;
	frame->opcode = first & 0x0F;
	frame->payload = bytes + header;
	frame->length = payload;
	frame->size = header + payload;
	return 1;
}

static uint32_t next_random(void) {
	static uint32_t state = 2463534242u;
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

/* A mask of zeros would spare the server its unmasking, which no browser does: every frame gets a random one. */
static uint32_t apply_mask(uint8_t *payload, size_t length) {
	uint32_t mask = next_random();
	uint64_t wide = (uint64_t)mask << 32 | mask;
	size_t i = 0;
	for (; i + sizeof wide <= length; i += sizeof wide) {
		uint64_t word;
		memcpy(&word, payload + i, sizeof word);
		word ^= wide;
		memcpy(payload + i, &word, sizeof word);
	}
	const uint8_t *key = (const uint8_t *)&mask;
	for (; i < length; i++) payload[i] ^= key[i % MASK_BYTES];
	return mask;
}

void websocket_write(connection *c, enum websocket_opcode opcode, uint8_t *payload, size_t length) {
	uint8_t header[10 + MASK_BYTES];
	size_t used = 0;
	header[used++] = FINAL | opcode;
	if (length < LENGTH_16) {
		header[used++] = MASKED | length;
	} else {
		int digits = length <= 0xFFFF ? 2 : 8;
		header[used++] = MASKED | (digits == 2 ? LENGTH_16 : LENGTH_64);
		for (int i = digits - 1; i >= 0; i--) header[used++] = (uint64_t)length >> (8 * i) & 0xFF;
	}
	uint32_t mask = apply_mask(payload, length);
	memcpy(header + used, &mask, MASK_BYTES);
	used += MASK_BYTES;
	lg_write(c, header, used);
	lg_write(c, payload, length);
}
