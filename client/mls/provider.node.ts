/** Our own synchronous CryptoProvider for ts-mls on Node: every primitive from `node:crypto` (OpenSSL). */
import { randomBytes } from "node:crypto";
import type { Ciphersuite, CiphersuiteImpl, CryptoProvider } from "ts-mls";
import { mlsHpke } from "./hpke.node.ts";
import { mlsHash, mlsKdf, plain } from "./primitives.node.ts";
import { mlsSignature } from "./signature.node.ts";

export const nodeCryptoProvider: CryptoProvider = {
	/** Suites 1 to 7 of RFC 9420 and the X-Wing ones; rejects with RangeError for others (plain ML-KEM, ML-DSA). */
	async getCiphersuiteImpl(suite: Ciphersuite): Promise<CiphersuiteImpl> {
		const hpke = mlsHpke(suite.hpke);
		const signature = mlsSignature(suite.signature);
		if (hpke === undefined || signature === undefined) {
			throw new RangeError(`this provider does not have the suite ${suite.name}`);
		}
		return {
			name: suite.name,
			hash: mlsHash(suite.hash),
			kdf: mlsKdf(suite.hpke.kdf),
			hpke,
			signature,
			rng: { randomBytes: (length) => plain(randomBytes(length)) },
		};
	},
};
