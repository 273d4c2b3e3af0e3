/** The part of libsodium that `ed25519.node.ts` uses; the package has no types of its own. */
declare module "sodium-native" {
	interface Sodium {
		readonly crypto_sign_SECRETKEYBYTES: number;
		/** Fills `publicKey` (32 bytes) and `secretKey` (64). */
		crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void;
		/** Fills `signature` (64 bytes). */
		crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void;
		crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
	}
	const sodium: Sodium;
	export = sodium;
}
