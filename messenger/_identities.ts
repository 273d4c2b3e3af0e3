/** People's keys for tests: real Ed25519 signatures, real device lists, real MLS key packages. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
	type AccountId,
	type Clock,
	type DeviceId,
	DeviceListSchema,
	deviceAgreement,
	ID_BYTES,
	idBytes,
	LABELS,
	type Label,
	LeafCredentialSchema,
	type Signed,
	SignedSchema,
	signedBytes,
	toHex,
} from "@troth/protocol";
import { type CiphersuiteImpl, encodeMlsMessage, getCiphersuiteFromName, getCiphersuiteImpl } from "ts-mls";
import { generateKeyPackageWithKey } from "ts-mls/keyPackage.js";

/** An Ed25519 key pair. */
export interface Signer {
	/** 32 bytes. */
	readonly publicKey: Uint8Array;
	sign(bytes: Uint8Array): Uint8Array;
}

export function newSigner(): Signer {
	const { publicKey, privateKey } = generateKeyPairSync("ed25519");
	return { publicKey: rawKey(publicKey), sign: (bytes) => sign(null, bytes, privateKey) };
}

function rawKey(key: KeyObject): Uint8Array {
	return Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url");
}

/** A statement under its label, signed. */
export function signStatement<Desc extends DescMessage>(
	signer: Signer,
	label: Label,
	schema: Desc,
	statement: MessageInitShape<Desc>,
): Signed {
	const bytes = toBinary(schema, create(schema, statement));
	return create(SignedSchema, { statement: bytes, signature: signer.sign(signedBytes(label, bytes)) });
}

export interface TestDevice {
	readonly device: DeviceId;
	readonly signer: Signer;
}

export function newDevice(): TestDevice {
	return { device: toHex(randomBytes(ID_BYTES)) as DeviceId, signer: newSigner() };
}

/** A device list as its owner signs it. */
export function signDeviceList(
	identity: Signer,
	account: AccountId,
	version: number,
	devices: readonly TestDevice[],
	issuedAtMs: number,
): Signed {
	return signStatement(identity, LABELS.deviceList, DeviceListSchema, {
		accountId: idBytes(account),
		identityKey: identity.publicKey,
		version,
		devices: devices.map(({ device, signer }) => {
			const listed = { deviceId: idBytes(device), signatureKey: signer.publicKey };
			const statement = deviceAgreement({ accountId: idBytes(account), identityKey: identity.publicKey, ...listed });
			const agreement = signer.sign(signedBytes(LABELS.deviceAgreement, statement));
			return { ...listed, addedAtMs: BigInt(issuedAtMs), agreement };
		}),
		issuedAtMs: BigInt(issuedAtMs),
	});
}

const DAY_S = 24n * 3600n;

export interface KeyPackageShape {
	readonly suite?: Parameters<typeof getCiphersuiteFromName>[0];
	/** Seconds since 1970. */
	readonly notBefore?: bigint;
	readonly notAfter?: bigint;
}

/** MLSMessages with a KeyPackage of this device. */
export async function newKeyPackages(
	count: number,
	account: AccountId,
	{ device, signer }: TestDevice,
	clock: Clock,
	{ suite = "MLS_256_XWING_AES256GCM_SHA512_Ed25519", notBefore, notAfter }: KeyPackageShape = {},
): Promise<Uint8Array[]> {
	const nowS = BigInt(Math.floor(clock.now() / 1000));
	const impl = await getCiphersuiteImpl(getCiphersuiteFromName(suite));
	const suiteWithSigner: CiphersuiteImpl = {
		...impl,
		signature: { ...impl.signature, sign: async (_key, bytes) => signer.sign(bytes) },
	};
	const identity = toBinary(
		LeafCredentialSchema,
		create(LeafCredentialSchema, { accountId: idBytes(account), deviceId: idBytes(device) }),
	);
	const messages = [];
	for (let i = 0; i < count; i++) {
		const { publicPackage } = await generateKeyPackageWithKey(
			{ credentialType: "basic", identity },
			{ versions: ["mls10"], ciphersuites: [suite], extensions: [], proposals: [], credentials: ["basic"] },
			{ notBefore: notBefore ?? nowS - DAY_S, notAfter: notAfter ?? nowS + 29n * DAY_S },
			[],
			{ signKey: new Uint8Array(32), publicKey: signer.publicKey },
			suiteWithSigner,
		);
		messages.push(encodeMlsMessage({ version: "mls10", wireformat: "mls_key_package", keyPackage: publicPackage }));
	}
	return messages;
}
