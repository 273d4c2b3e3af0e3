/*
 * MQTT 3.1.1, QoS 1 (or --qos 0). User N has client id and login "uN" and subscribes to u/uN; a group is the topic
 * g/<name>. --persist 1: clean session off, the broker queues for absent users.
 */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PACKET_CONNECT = 0x10, PACKET_PUBLISH = 0x30, PACKET_PUBACK = 0x40, PACKET_SUBSCRIBE = 0x82,
	PACKET_DISCONNECT = 0xE0 };
enum { TYPE_CONNACK = 2, TYPE_PUBLISH = 3, TYPE_PUBACK = 4, TYPE_SUBACK = 9 };
enum { SUBSCRIBE_OWN = 1, SUBSCRIBE_GROUP = 2 };
/* c->state */
enum { LAST_PACKET_ID };

#define RING 8192
#define TOPIC_BYTES 64

/* message ids by packet id, in c->driver_data */
static uint32_t *ids(connection *c) {
	if (!c->driver_data) c->driver_data = malloc(RING * sizeof(uint32_t));
	return c->driver_data;
}

static uint8_t *put_text(uint8_t *at, const char *text) {
	size_t length = strlen(text);
	*at++ = length >> 8;
	*at++ = length & 255;
	memcpy(at, text, length);
	return at + length;
}

/* The fixed header: type and remaining length. */
static void write_header(connection *c, uint8_t type, size_t length) {
	uint8_t header[6];
	int used = 0;
	header[used++] = type;
	do {
		uint8_t digit = length & 127;
		length >>= 7;
		header[used++] = digit | (length ? 128 : 0);
	} while (length);
	lg_write(c, header, used);
}

static void write_packet(connection *c, uint8_t type, const uint8_t *bytes, size_t length) {
	write_header(c, type, length);
	if (length) lg_write(c, bytes, length);
}

static void mqtt_open(connection *c) {
	const uint8_t protocol_level = 4;
	const uint8_t user_and_password = 0xC0;
	const uint8_t clean_session = 2;
	uint8_t packet[256];
	uint8_t *at = put_text(packet, "MQTT");
	*at++ = protocol_level;
	*at++ = user_and_password | (options.persist ? 0 : clean_session);
	*at++ = 0; /* no keep-alive */
	*at++ = 0;
	at = put_text(at, c->user);
	at = put_text(at, c->user);
	at = put_text(at, options.password);
	write_packet(c, PACKET_CONNECT, packet, at - packet);
}

static void subscribe(connection *c, const char *kind, const char *name, int packet_id) {
	char topic[TOPIC_BYTES];
	uint8_t packet[128];
	snprintf(topic, sizeof topic, "%s/%s", kind, name);
	packet[0] = packet_id >> 8;
	packet[1] = packet_id & 255;
	uint8_t *at = put_text(packet + 2, topic);
	*at++ = options.qos;
	write_packet(c, PACKET_SUBSCRIBE, packet, at - packet);
}

static void handle_connack(connection *c, const uint8_t *packet) {
	const uint8_t session_present = packet[0] & 1;
	if (packet[1] != 0) lg_fail(c, "CONNACK refused");
	else if (session_present) lg_online(c);
	else subscribe(c, "u", c->user, SUBSCRIBE_OWN);
}

static void handle_suback(connection *c, const uint8_t *packet) {
	if (packet[2] > 2) lg_fail(c, "SUBACK refused");
	else if (packet[1] == SUBSCRIBE_OWN) lg_online(c);
	else lg_joined(c);
}

static void handle_publish(connection *c, uint8_t flags, const uint8_t *packet, size_t length) {
	size_t offset = 2 + (packet[0] << 8 | packet[1]);
	int qos = flags >> 1 & 3;
	if (qos) {
		write_packet(c, PACKET_PUBACK, packet + offset, 2);
		offset += 2;
	}
	lg_received(c, (const char *)packet + offset, length - offset);
}

static void handle_packet(connection *c, uint8_t first, const uint8_t *packet, size_t length) {
	switch (first >> 4) {
	case TYPE_CONNACK:
		handle_connack(c, packet);
		break;
	case TYPE_SUBACK:
		handle_suback(c, packet);
		break;
	case TYPE_PUBLISH:
		handle_publish(c, first & 15, packet, length);
		break;
	case TYPE_PUBACK:
		if (c->driver_data) lg_acked(c, ids(c)[(packet[0] << 8 | packet[1]) % RING]);
		break;
	}
}

static size_t mqtt_input(connection *c, uint8_t *bytes, size_t length) {
	size_t offset = 0;
	while (length - offset >= 2 && c->phase != PHASE_CLOSED) {
		size_t packet_length = 0;
		size_t header = 1;
		int shift = 0;
		uint8_t digit;
		do {
			if (offset + header >= length) return offset;
			digit = bytes[offset + header++];
			packet_length |= (size_t)(digit & 127) << shift;
			shift += 7;
			if (shift > 28) {
				lg_fail(c, "bad length");
				return length;
			}
		} while (digit & 128);
		if (length - offset < header + packet_length) break;
		handle_packet(c, bytes[offset], bytes + offset + header, packet_length);
		offset += header + packet_length;
	}
	return offset;
}

static void publish(connection *c, const char *kind, const char *name, const char *body, size_t length, uint32_t id) {
	char topic[TOPIC_BYTES];
	uint8_t head[128];
	snprintf(topic, sizeof topic, "%s/%s", kind, name);
	uint8_t *at = put_text(head, topic);
	if (options.qos) {
		uint32_t packet_id = c->state[LAST_PACKET_ID] % 65535 + 1;
		c->state[LAST_PACKET_ID] = packet_id;
		ids(c)[packet_id % RING] = id;
		*at++ = packet_id >> 8;
		*at++ = packet_id & 255;
	}
	write_header(c, PACKET_PUBLISH | options.qos << 1, at - head + length);
	lg_write(c, head, at - head);
	lg_write(c, body, length);
	if (!options.qos) lg_acked(c, id);
}

static void mqtt_send(connection *c, const char *to, const char *body, size_t length, uint32_t id) {
	publish(c, "u", to, body, length, id);
}

static void mqtt_join(connection *c, const char *group) {
	subscribe(c, "g", group, SUBSCRIBE_GROUP);
}

static void mqtt_group_send(connection *c, const char *group, const char *body, size_t length, uint32_t id) {
	publish(c, "g", group, body, length, id);
}

static void mqtt_goodbye(connection *c) {
	write_packet(c, PACKET_DISCONNECT, NULL, 0);
}

const driver driver_mqtt = {
	.name = "mqtt",
	.open = mqtt_open,
	.input = mqtt_input,
	.send = mqtt_send,
	.join = mqtt_join,
	.group_send = mqtt_group_send,
	.goodbye = mqtt_goodbye,
};
