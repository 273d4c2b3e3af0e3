/** The part of libsodium that is used here; the package has no types of its own. */
declare module "sodium-native" {
	interface Sodium {
		readonly crypto_sign_SECRETKEYBYTES: number;
		/** Fills `publicKey` (32 bytes) and `secretKey` (64). */
		crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void;
		/** Fills `signature` (64 bytes). */
		crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void;
		/** Fills `output` (64 bytes). */
		crypto_hash_sha512(output: Uint8Array, input: Uint8Array): void;
		crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
	}
	const sodium: Sodium;
	export = sodium;
}
