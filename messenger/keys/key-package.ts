/**
 * What the server checks of a key package (RFC 9420 section 10.1) before it hands it to others. Parsing and
 * signatures only: nothing here can open a message. Clients check again.
 */
import { createHash } from "node:crypto";
import { fromBinary } from "@bufbuild/protobuf";
import {
	type AccountId,
	CIPHER_SUITE,
	type DeviceId,
	idBytes,
	LeafCredentialSchema,
	LIMITS,
	Refusal,
	toHex,
} from "@troth/protocol";
import { verifyEd25519 } from "@troth/protocol/ed25519.ts";
import { ciphersuites } from "ts-mls/crypto/ciphersuite.js";
import type { Signature } from "ts-mls/crypto/signature.js";
import { decodeKeyPackage, encodeKeyPackage, type KeyPackage, verifyKeyPackage } from "ts-mls/keyPackage.js";
import { verifyLeafNodeSignatureKeyPackage } from "ts-mls/leafNode.js";

/** Whose package it has to be. */
export interface PackageOwner {
	readonly account: AccountId;
	readonly device: DeviceId;
	readonly signatureKey: Uint8Array;
}

export interface CheckedKeyPackage {
	/** The MLSMessage as it came. */
	readonly message: Uint8Array;
	/** SHA-256 of it, hex. */
	readonly digest: string;
	readonly expiresAtMs: number;
}

/** MLSMessage: version mls10 (1), wire format mls_key_package (5), then the KeyPackage (RFC 9420 section 6). */
const HEADER = Buffer.from([0, 1, 0, 5]);
/** X-Wing: ML-KEM-768 encapsulation key and X25519 key. */
const HPKE_KEY_BYTES = 1184 + 32;
/** Clocks of devices are not the server's. */
const CLOCK_SKEW_MS = 24 * 3600 * 1000;

/**
 * Ed25519 in the form ts-mls asks for, and nothing but verifying. The key is the owner's for all packages: a leaf
 * with another one is refused before its signature is looked at.
 */
function verifierOf({ signatureKey }: PackageOwner): Signature {
	const verify: Signature["verify"] = async (_, message, signature) => verifyEd25519(signatureKey, message, signature);
	return { verify } as Signature;
}

/** Checks all of them against one owner. Refuses with KEY_PACKAGE_INVALID or CIPHER_SUITE_UNSUPPORTED. */
export async function checkKeyPackages(
	messages: readonly Uint8Array[],
	owner: PackageOwner,
	nowMs: number,
): Promise<readonly CheckedKeyPackage[]> {
	const checked: CheckedKeyPackage[] = [];
	const verifier = verifierOf(owner);
	for (const message of messages) {
		checked.push(await checkKeyPackage(message, owner, nowMs, verifier));
		// A hundred of them are two hundred signatures: let others be served in between.
		await new Promise(setImmediate);
	}
	return checked;
}

/** Checks one key package. Refuses with KEY_PACKAGE_INVALID or CIPHER_SUITE_UNSUPPORTED. */
export async function checkKeyPackage(
	message: Uint8Array,
	owner: PackageOwner,
	nowMs: number,
	verifier = verifierOf(owner),
): Promise<CheckedKeyPackage> {
	const keyPackage = parse(message);
	const { leafNode } = keyPackage;
	if (ciphersuites[keyPackage.cipherSuite] !== CIPHER_SUITE)
		throw new Refusal("CIPHER_SUITE_UNSUPPORTED", `key packages have to be for cipher suite ${CIPHER_SUITE}`);
	if (keyPackage.initKey.length !== HPKE_KEY_BYTES || leafNode.hpkePublicKey.length !== HPKE_KEY_BYTES)
		throw invalid(`HPKE keys of this suite have ${HPKE_KEY_BYTES} bytes`);
	if (Buffer.compare(keyPackage.initKey, leafNode.hpkePublicKey) === 0)
		throw invalid("init_key and encryption_key have to differ");
	if (!leafNode.capabilities.ciphersuites.includes(keyPackage.cipherSuite))
		throw invalid("the leaf's capabilities leave its own suite out");
	checkOwner(keyPackage, owner);
	const expiresAtMs = checkLifetime(leafNode.lifetime, nowMs);
	if (!(await verifyLeafNodeSignatureKeyPackage(leafNode, verifier))) throw invalid("the leaf's signature is wrong");
	if (!(await verifyKeyPackage(keyPackage, verifier))) throw invalid("the signature is wrong");
	return { message, digest: createHash("sha256").update(message).digest("hex"), expiresAtMs };
}

/** Only the one encoding that others will read in the same way. */
function parse(message: Uint8Array): KeyPackage {
	if (message.length > LIMITS.keyPackageBytes) throw invalid(`at most ${LIMITS.keyPackageBytes} bytes`);
	if (Buffer.compare(message.subarray(0, HEADER.length), HEADER) !== 0)
		throw invalid("not an MLSMessage with a KeyPackage");
	const body = message.subarray(HEADER.length);
	let keyPackage: KeyPackage | undefined;
	let canonical: Uint8Array | undefined;
	try {
		keyPackage = decodeKeyPackage(body, 0)?.[0];
		canonical = keyPackage && encodeKeyPackage(keyPackage);
	} catch (error) {
		throw invalid("does not decode", error);
	}
	if (keyPackage === undefined || canonical === undefined || Buffer.compare(canonical, body) !== 0)
		throw invalid("does not decode");
	return keyPackage;
}

/** Credential and signature key have to be those of the device list: the leaf is that device's. */
function checkOwner({ leafNode }: KeyPackage, owner: PackageOwner): void {
	if (leafNode.credential.credentialType !== "basic") throw invalid("the credential has to be basic");
	let credential: { readonly accountId: Uint8Array; readonly deviceId: Uint8Array };
	try {
		credential = fromBinary(LeafCredentialSchema, leafNode.credential.identity);
	} catch (error) {
		throw invalid("the credential is not a LeafCredential", error);
	}
	const same =
		toHex(credential.accountId) === toHex(idBytes(owner.account)) &&
		toHex(credential.deviceId) === toHex(idBytes(owner.device));
	if (!same) throw invalid("the credential names another account or device");
	if (Buffer.compare(leafNode.signaturePublicKey, owner.signatureKey) !== 0)
		throw invalid("the leaf's signature key is not the device's");
}

/** RFC 9420 section 7.2: begun, not over, and not for longer than we agreed. Gives the end in milliseconds. */
function checkLifetime(lifetime: { readonly notBefore: bigint; readonly notAfter: bigint }, nowMs: number): number {
	const notBeforeMs = Number(lifetime.notBefore) * 1000;
	const notAfterMs = Number(lifetime.notAfter) * 1000;
	if (notBeforeMs > nowMs + CLOCK_SKEW_MS) throw invalid("its lifetime has not begun");
	if (notAfterMs <= nowMs) throw invalid("its lifetime is over");
	if (notAfterMs - notBeforeMs > LIMITS.keyPackageLifetimeMs) throw invalid("its lifetime is too long");
	return notAfterMs;
}

function invalid(message: string, cause?: unknown): Refusal {
	return new Refusal("KEY_PACKAGE_INVALID", message, cause === undefined ? {} : { cause });
}
