/*
 * Trivial framing, used against the relay: a length of 4 bytes (host order), a kind byte, and
 * 'L' user(16) | 'M' to(16) id(4) body | 'J' | 'G' id(4) body from us; 'O' | 'J' | 'A' id(4) | 'M' body to us.
 */
#include "generator.h"

#include <string.h>

#define LENGTH_BYTES 4
#define NAME_BYTES 16

static void write_frame(connection *c, char kind, const void *head, uint32_t head_length, const void *body,
	uint32_t body_length) {
	uint32_t length = 1 + head_length + body_length;
	lg_write(c, &length, LENGTH_BYTES);
	lg_write(c, &kind, 1);
	lg_write(c, head, head_length);
	if (body_length) lg_write(c, body, body_length);
}

static void raw_open(connection *c) {
	write_frame(c, 'L', c->user, NAME_BYTES, NULL, 0);
}

static void handle_frame(connection *c, uint8_t *frame, uint32_t length) {
	uint32_t id;
	switch (frame[0]) {
	case 'O':
		lg_online(c);
		break;
	case 'J':
		lg_joined(c);
		break;
	case 'A':
		memcpy(&id, frame + 1, sizeof id);
		lg_acked(c, id);
		break;
	case 'M':
		lg_received(c, (char *)frame + 1, length - 1);
		break;
	}
}

static size_t raw_input(connection *c, uint8_t *bytes, size_t length) {
	size_t offset = 0;
	while (length - offset >= LENGTH_BYTES && c->phase != PHASE_CLOSED) {
		uint32_t frame_length;
		memcpy(&frame_length, bytes + offset, LENGTH_BYTES);
		if (length - offset < LENGTH_BYTES + frame_length) break;
		handle_frame(c, bytes + offset + LENGTH_BYTES, frame_length);
		offset += LENGTH_BYTES + frame_length;
	}
	return offset;
}

static void raw_send(connection *c, const char *to, const char *body, size_t length, uint32_t id) {
	char head[NAME_BYTES + 4] = {0};
	strncpy(head, to, NAME_BYTES - 1);
	memcpy(head + NAME_BYTES, &id, sizeof id);
	write_frame(c, 'M', head, sizeof head, body, length);
}

static void raw_join(connection *c, const char *group) {
	(void)group;
	write_frame(c, 'J', "", 0, NULL, 0);
}

static void raw_group_send(connection *c, const char *group, const char *body, size_t length, uint32_t id) {
	(void)group;
	write_frame(c, 'G', &id, sizeof id, body, length);
}

const driver driver_raw = {
	.name = "raw",
	.open = raw_open,
	.input = raw_input,
	.send = raw_send,
	.join = raw_join,
	.group_send = raw_group_send,
};
