#include "troth-identity.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

static void hash_name(uint8_t hash[SHA256_DIGEST_LENGTH], const char *kind, const char *name, const char *other) {
	char text[128];
	int length = snprintf(text, sizeof text, "bench/%s/%s%s%s", kind, name, other ? "/" : "", other ? other : "");
	SHA256((const uint8_t *)text, length, hash);
}

void bench_id(uint8_t id[ID_BYTES], const char *kind, const char *name, const char *other) {
	uint8_t hash[SHA256_DIGEST_LENGTH];
	hash_name(hash, kind, name, other);
	memcpy(id, hash, ID_BYTES);
}

int bench_sign(uint8_t signature[SIGNATURE_BYTES], const char *user, const uint8_t *message, size_t length) {
	uint8_t seed[SHA256_DIGEST_LENGTH];
	size_t signature_length = SIGNATURE_BYTES;
	hash_name(seed, "device-key", user, NULL);
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	int ok = key && context && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
		EVP_DigestSign(context, signature, &signature_length, message, length) == 1;
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	return ok;
}
