/** Key packages (RFC 9420 section 10): what a device publishes so that others can add it while it is away. */
import { toHex } from "@troth/protocol";
import type { CiphersuiteImpl, KeyPackage, PrivateKeyPackage } from "ts-mls";
import { mapDecoders } from "ts-mls/codec/tlsDecoder.js";
import { contramapBufferEncoders, encode } from "ts-mls/codec/tlsEncoder.js";
import { decodeVarLenData, varLenDataEncoder } from "ts-mls/codec/variableLength.js";
import {
	decodeKeyPackage,
	generateKeyPackageWithKey,
	keyPackageEncoder,
	makeKeyPackageRef,
	verifyKeyPackage,
} from "ts-mls/keyPackage.js";
import { verifyLeafNodeSignatureKeyPackage } from "ts-mls/leafNode.js";
import { encodeMlsMessage } from "ts-mls/message.js";
import { decodeAll, decodeMessage } from "./decoding.ts";
import type { LeafIdentity, NewKeyPackage, SigningKeys } from "./engine.ts";
import { credentialOf, type LeafOwner, ownerOf } from "./leaves.ts";
import { refusing, require } from "./refusals.ts";
import { CAPABILITIES, LAST_RESORT_EXTENSION, SUITE_NAME } from "./suite.ts";

const DAY_S = 24n * 3600n;
const LIFETIME_S = 30n * DAY_S;
/** For readers whose clocks are behind. */
const EARLIER_S = DAY_S;

/** Both halves of a key package, as `NewKeyPackage.secret` holds them. */
export interface OwnKeyPackage {
	readonly keyPackage: KeyPackage;
	readonly privateKeys: PrivateKeyPackage;
}

const ownKeyPackageEncoder = contramapBufferEncoders<[Uint8Array, Uint8Array, Uint8Array, KeyPackage], OwnKeyPackage>(
	[varLenDataEncoder, varLenDataEncoder, varLenDataEncoder, keyPackageEncoder],
	(own) => [
		own.privateKeys.initPrivateKey,
		own.privateKeys.hpkePrivateKey,
		own.privateKeys.signaturePrivateKey,
		own.keyPackage,
	],
);
const decodeOwnKeyPackage = mapDecoders(
	[decodeVarLenData, decodeVarLenData, decodeVarLenData, decodeKeyPackage],
	(initPrivateKey, hpkePrivateKey, signaturePrivateKey, keyPackage): OwnKeyPackage => ({
		keyPackage,
		privateKeys: { initPrivateKey, hpkePrivateKey, signaturePrivateKey },
	}),
);

export async function makeKeyPackage(
	identity: LeafIdentity,
	keys: SigningKeys,
	nowMs: number,
	lastResort: boolean,
	suite: CiphersuiteImpl,
): Promise<NewKeyPackage> {
	const now = BigInt(Math.floor(nowMs / 1000));
	const { publicPackage, privatePackage } = await generateKeyPackageWithKey(
		credentialOf(identity),
		CAPABILITIES,
		{ notBefore: now > EARLIER_S ? now - EARLIER_S : 0n, notAfter: now + LIFETIME_S },
		lastResort ? [{ extensionType: LAST_RESORT_EXTENSION, extensionData: new Uint8Array(0) }] : [],
		{ signKey: Uint8Array.from(keys.privateKey), publicKey: Uint8Array.from(keys.publicKey) },
		suite,
	);
	return {
		message: encodeMlsMessage({ version: "mls10", wireformat: "mls_key_package", keyPackage: publicPackage }),
		ref: toHex(await makeKeyPackageRef(publicPackage, suite.hash)),
		secret: encode(ownKeyPackageEncoder)({ keyPackage: publicPackage, privateKeys: privatePackage }),
	};
}

export function readSecret(secret: Uint8Array): OwnKeyPackage {
	return decodeAll(decodeOwnKeyPackage, secret, "a key package's secret");
}

/** A key package from outside, its suite, signatures and, with a time, its lifetime checked. */
export async function readPublished(
	message: Uint8Array,
	nowMs: number | undefined,
	suite: CiphersuiteImpl,
): Promise<{ readonly keyPackage: KeyPackage; readonly owner: LeafOwner }> {
	const { keyPackage } = decodeMessage(message, "mls_key_package");
	require(keyPackage.cipherSuite === SUITE_NAME, "Malformed", "a key package of another suite");
	require(keyPackage.version === "mls10", "Malformed", "a key package of another version");
	const signed = await refusing("Undecryptable", "a key package's signature does not verify", async () =>
		Boolean(
			(await verifyKeyPackage(keyPackage, suite.signature)) &&
				(await verifyLeafNodeSignatureKeyPackage(keyPackage.leafNode, suite.signature)),
		),
	);
	require(signed, "Undecryptable", "a key package's signature does not verify");
	if (nowMs !== undefined) {
		const now = BigInt(Math.floor(nowMs / 1000));
		const { notBefore, notAfter } = keyPackage.leafNode.lifetime;
		require(notBefore <= now && now <= notAfter, "Expired", "a key package outside its lifetime");
	}
	return { keyPackage, owner: ownerOf(keyPackage.leafNode) };
}
