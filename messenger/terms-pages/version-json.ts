/** What machines get of a version and of the register: the signed bytes as they are, the signature, the key. */
import type { PolicyKey, PromiseRegister } from "@troth/bridge";
import { LABELS, toHex } from "@troth/protocol";
import type { PublicVersion } from "./version-view.ts";

/**
 * `canonical` is the policy as RFC 8785 JSON, `hash` its SHA-256. `signature` is Ed25519 by `key` over
 * `label || 0x00 || canonical`. Bytes are base64, `hash` is hex.
 */
export function versionJson({ policy, publishedAtMs, signature }: PublicVersion, key: PolicyKey): string {
	return json({
		version: policy.version,
		publishedAt: publishedAtMs,
		hash: toHex(policy.hash),
		label: LABELS.policy,
		canonical: policy.canonical,
		signature: base64(signature),
		key: base64(key.publicKey),
	});
}

/** In the shape of `versionJson`. */
export function promisesJson({ register, canonical }: PromiseRegister, key: PolicyKey): string {
	const signature = key.sign(LABELS.promises, new TextEncoder().encode(canonical));
	return json({
		register,
		label: LABELS.promises,
		canonical,
		signature: base64(signature),
		key: base64(key.publicKey),
	});
}

function json(value: object): string {
	return `${JSON.stringify(value)}\n`;
}

function base64(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString("base64");
}
