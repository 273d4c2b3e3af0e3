/*
 * Ids and keys that follow from names, so that the seeded store and the generator agree without a file between them
 * (bench/identity.ts is the other half).
 */
#ifndef TROTH_IDENTITY_H
#define TROTH_IDENTITY_H

#include "troth-wire.h"

#define SIGNATURE_BYTES 64

/* First 16 bytes of SHA-256("bench/<kind>/<name>"), or of "bench/<kind>/<name>/<other>" when `other` is given. */
void bench_id(uint8_t id[ID_BYTES], const char *kind, const char *name, const char *other);

/* Ed25519 by the device key of this user (seed: SHA-256("bench/device-key/<user>")); returns 0 on failure. */
int bench_sign(uint8_t signature[SIGNATURE_BYTES], const char *user, const uint8_t *message, size_t length);

#endif
