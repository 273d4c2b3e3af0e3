/**
 * The ratchet of one sender in one epoch (RFC 9420 section 9.1). ts-mls has one too; this one skips 100 000
 * generations in about a second where ts-mls takes many, because it keeps only the keys that will still be allowed at
 * the end. A member could else stop a group with a single message.
 */
import type { CiphersuiteImpl, GenerationSecret } from "ts-mls";
import { deriveTreeSecret } from "ts-mls/crypto/kdf.js";
import { MlsRefusal } from "./engine.ts";

/**
 * Generations of one sender that may be skipped at once: an offline device skips what it lost to caps and gaps, and
 * 100 000 messages of one sender in one epoch are beyond any retention (hazard 7).
 */
export const FORWARD_STEPS = 100_000;

/** Skipped generations that can still be read: entries come in order, so one comes late only when fetched again. */
export const SKIPPED_KEPT = 64;

export interface RatchetStep {
	/** Of the generation that was asked for. */
	readonly secret: Uint8Array;
	readonly next: GenerationSecret;
}

/**
 * The secret of one generation, and the ratchet without it. Refuses with Undecryptable a generation that was used, is
 * too old or too far ahead. Leaves `ratchet` as it is.
 */
export async function ratchetTo(
	ratchet: GenerationSecret,
	generation: number,
	suite: CiphersuiteImpl,
): Promise<RatchetStep> {
	if (generation < ratchet.generation) {
		const { [generation]: secret, ...unusedGenerations } = ratchet.unusedGenerations;
		if (secret === undefined) throw new MlsRefusal("Undecryptable", `generation ${generation} was used or is too old`);
		return { secret, next: { ...ratchet, unusedGenerations } };
	}
	if (generation - ratchet.generation > FORWARD_STEPS) {
		throw new MlsRefusal("Undecryptable", `generation ${generation} is too far ahead of ${ratchet.generation}`);
	}
	const skipped: [number, Uint8Array][] = [];
	let secret = ratchet.secret;
	for (let current = ratchet.generation; current < generation; current++) {
		const following = await nextSecret(secret, current, suite);
		if (generation - current <= SKIPPED_KEPT) skipped.push([current, secret]);
		else if (secret !== ratchet.secret) secret.fill(0);
		secret = following;
	}
	const kept = [...Object.entries(ratchet.unusedGenerations), ...skipped].slice(-SKIPPED_KEPT);
	return {
		secret,
		next: {
			secret: await nextSecret(secret, generation, suite),
			generation: generation + 1,
			unusedGenerations: Object.fromEntries(kept),
		},
	};
}

function nextSecret(secret: Uint8Array, generation: number, suite: CiphersuiteImpl): Promise<Uint8Array> {
	return deriveTreeSecret(secret, "secret", generation, suite.kdf.size, suite.kdf);
}
