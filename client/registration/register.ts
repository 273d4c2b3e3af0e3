/**
 * Getting an account: a code to the number, the code back, then the keys. Every secret lies in the local store before
 * anything made from it leaves, and the request that publishes them is written down: repeated after a crash, it is the
 * same request, and the server answers it as the first time.
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
	type AccountId,
	CodeChannel,
	CreateAccountRequestSchema,
	type DeviceId,
	fromHex,
	type GetServerInfoResponse,
	ID_BYTES,
	idBytes,
	LIMITS,
	PROTOCOL_VERSION,
	Refusal,
	readId,
	toHex,
	type VerifyCodeResponse,
} from "@troth/protocol";
import type { CodeChannelName, Registration, Self } from "../device/api.ts";
import type { DevicePorts } from "../device/ports.ts";
import { signAgreement, signDeviceList } from "../identity/device-list.ts";
import { UNKNOWN_ACCOUNT } from "../identity/directory.ts";
import { detailsOf, sealDetails } from "../linking/device-details.ts";
import type { SigningKeys } from "../mls/engine.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS, within } from "../state/keys.ts";
import { LocalState } from "../state/local-state.ts";
import type { ProfileRecord, RegistrationRecord, SecretsRecord } from "../state/records.ts";
import { createRpc, type Rpc } from "../sync/rpc.ts";
import { makeKeyPackages } from "./key-packages.ts";
import { sameServer } from "./same-server.ts";

type Ports = Omit<DevicePorts, "openSocket">;

export interface ResumableRegistration extends Registration {
	/** Finishes a registration that a crash interrupted after its keys were made; undefined where there is none. */
	resume(): Promise<Self | undefined>;
}

/** Registration into the given store, which has no profile yet. The store stays the caller's to close. */
export function createRegistration(ports: Ports): ResumableRegistration {
	const opened = LocalState.open(ports.store, ports.engine);
	return {
		requestCode: async (server, phone) => requestCode(ports, await opened, server, phone),
		async resendCode(server, attempt, channel) {
			const { resendAtMs, expiresAtMs } = await rpcOf(ports, server).registration.resendCode({
				attemptId: attemptBytes(attempt),
				channel: wireChannel(channel),
			});
			return { resendAtMs: Number(resendAtMs), expiresAtMs: Number(expiresAtMs) };
		},
		verifyCode: async (server, attempt, code) => verifyCode(ports, await opened, server, attempt, code),
		async unlockNumber(server, attempt, pin) {
			const { token = "" } = (await (await opened).read(KEYS.registration(attempt))) ?? {};
			await rpcOf(ports, server).registration.unlockNumber({ registrationToken: attemptBytes(token), pin });
		},
		createAccount: async (server, attempt, name) => createAccount(ports, await opened, server, attempt, name),
		resume: async () => resume(ports, await opened),
	};
}

export function wireChannel(channel: CodeChannelName = "sms"): CodeChannel {
	return channel === "voice" ? CodeChannel.VOICE : CodeChannel.SMS;
}

/** Undefined where no lock holds the number. */
export function lockedUntil({ lockedUntilMs }: Pick<VerifyCodeResponse, "lockedUntilMs">): number | undefined {
	return lockedUntilMs === 0n ? undefined : Number(lockedUntilMs);
}

function rpcOf(ports: Ports, server: string): Rpc {
	return createRpc({ server, fetch: ports.fetch });
}

async function requestCode(ports: Ports, state: LocalState, server: string, phone: string) {
	await requireNoProfile(state);
	const number = phone.replaceAll(/[\s().-]/g, "").replace(/^00/, "+");
	const answer = await rpcOf(ports, server).registration.requestCode({ phone: number });
	const attempt = toHex(answer.attemptId);
	await state.transact(async (draft) => {
		draft.write(KEYS.registration(attempt), {
			server,
			phone: number,
			token: undefined,
			account: undefined,
			made: undefined,
			request: undefined,
			nowMs: ports.clock.now(),
		});
	});
	return { attempt, resendAtMs: Number(answer.resendAtMs), expiresAtMs: Number(answer.expiresAtMs) };
}

async function requireNoProfile(state: LocalState): Promise<void> {
	if ((await state.read(KEYS.profile)) !== undefined) throw new Refusal("FORBIDDEN", "this profile has an account");
}

function attemptBytes(attempt: string): Uint8Array<ArrayBuffer> {
	return fromHex(attempt) ?? new Uint8Array();
}

async function verifyCode(ports: Ports, state: LocalState, server: string, attempt: string, code: string) {
	const known = await state.read(KEYS.registration(attempt));
	if (known === undefined) throw new Refusal("NOT_FOUND", "no such attempt: ask for a code first");
	const answer = await rpcOf(ports, server).registration.verifyCode({ attemptId: attemptBytes(attempt), code });
	const account = readId<AccountId>(answer.accountId);
	if (account === undefined) throw new Refusal("INTERNAL", "the server gave no account id");
	if (answer.restingUntilMs > 0n)
		throw new Refusal("NUMBER_RESTING", "the number was given up a short while ago", {
			retryAtMs: Number(answer.restingUntilMs),
		});
	const token = toHex(answer.registrationToken);
	await state.transact(async (draft) => draft.write(KEYS.registration(attempt), { ...known, server, token, account }));
	return { token, replacesAccount: answer.replacesAccount, lockedUntilMs: lockedUntil(answer) };
}

async function createAccount(
	ports: Ports,
	state: LocalState,
	server: string,
	attempt: string,
	name: string,
): Promise<Self> {
	await requireNoProfile(state);
	const trimmed = checkName(name);
	const rpc = rpcOf(ports, server);
	const info = await rpc.server.getServerInfo({});
	requireServer(server, info);
	const prepared = await state.transact((draft) => prepare(ports, draft, attempt, trimmed, info));
	return publish(rpc, state, attempt, prepared);
}

/** A name without blanks around it. Refuses with MALFORMED. */
export function checkName(name: string): string {
	const trimmed = name.trim();
	if (trimmed === "" || [...trimmed].length > LIMITS.nameCharacters)
		throw new Refusal("MALFORMED", `a name has 1 to ${LIMITS.nameCharacters} characters`);
	return trimmed;
}

export function requireServer(server: string, info: GetServerInfoResponse): void {
	if (info.protocolVersionMin > PROTOCOL_VERSION || info.protocolVersionMax < PROTOCOL_VERSION)
		throw new Refusal("VERSION_UNSUPPORTED", "this server and this client have no version in common");
	// A login for one origin is worth nothing at another: who stands in between must not choose which.
	if (!sameServer(server, info.origin))
		throw new Refusal("FORBIDDEN", "the server says it is at another address than the one it was reached at");
}

/** Makes the keys once per attempt; a second call finds them and the request made with them. */
async function prepare(
	ports: Ports,
	draft: Draft,
	attempt: string,
	name: string,
	info: GetServerInfoResponse,
): Promise<RegistrationRecord> {
	const known = await draft.read(KEYS.registration(attempt));
	if (known?.token === undefined || known.account === undefined)
		throw new Refusal("REGISTRATION_TOKEN_INVALID", "the number is not verified yet");
	if (known.request !== undefined) return known;
	const { engine } = ports;
	const nowMs = Number(info.serverTimeMs);
	const [identity, device] = [await engine.generateSigningKeys(), await engine.generateSigningKeys()];
	const self = { account: known.account, device: toHex(ports.random(ID_BYTES)) as DeviceId };
	const list = { account: self.account, version: 1, issuedAtMs: nowMs };
	const named = { accountId: idBytes(self.account), identityKey: identity.publicKey, deviceId: idBytes(self.device) };
	const listed = {
		device: self.device,
		signatureKey: toHex(device.publicKey),
		addedAtMs: nowMs,
		agreement: toHex(await signAgreement(engine, device, named)),
		sealedDetails: await sealDetails(identity.privateKey, self.device, detailsOf(ports.facts), ports.random),
	};
	const devices = [listed];
	const deviceList = await signDeviceList(engine, identity, { ...list, devices });
	const count = ports.keyPackageStock;
	const made = await makeKeyPackages(engine, draft, self, device, nowMs, { count, lastResort: true });
	const request = toBinary(
		CreateAccountRequestSchema,
		create(CreateAccountRequestSchema, {
			registrationToken: fromHex(known.token) ?? new Uint8Array(),
			deviceList,
			keyPackages: [...made.packages],
			...(made.lastResort !== undefined && { lastResortKeyPackage: made.lastResort }),
		}),
	);
	const record: RegistrationRecord = {
		...known,
		made: {
			device: self.device,
			secrets: { identity: hexKeys(identity), device: hexKeys(device) },
			name,
			origin: info.origin,
			listed,
		},
		request: toHex(request),
		nowMs,
	};
	draft.write(KEYS.registration(attempt), record);
	return record;
}

function hexKeys({ publicKey, privateKey }: SigningKeys): SecretsRecord["device"] {
	return { publicKey: toHex(publicKey), privateKey: toHex(privateKey) };
}

async function publish(rpc: Rpc, state: LocalState, attempt: string, record: RegistrationRecord): Promise<Self> {
	const { made, account, request } = record;
	if (made === undefined || account === undefined || request === undefined)
		throw new Refusal("REGISTRATION_TOKEN_INVALID", "the number is not verified yet");
	await rpc.registration.createAccount(fromBinary(CreateAccountRequestSchema, fromHex(request) ?? new Uint8Array()));
	const profile: ProfileRecord = {
		account,
		device: made.device,
		phone: record.phone,
		name: made.name,
		nameChangedAtMs: record.nowMs,
		server: record.server,
		origin: made.origin,
		generation: 0,
		halted: undefined,
		settings: { readReceipts: true, typingIndicators: true },
	};
	await state.transact(async (draft) => {
		draft.write(KEYS.profile, profile);
		draft.write(KEYS.secrets, made.secrets);
		draft.write(KEYS.account(account), {
			...UNKNOWN_ACCOUNT,
			account,
			identityKey: made.secrets.identity.publicKey,
			version: 1,
			devices: [
				made.listed ?? {
					device: made.device,
					signatureKey: made.secrets.device.publicKey,
					addedAtMs: record.nowMs,
				},
			],
		});
		draft.write(KEYS.registration(attempt), undefined);
	});
	const { device, phone, name, server } = profile;
	return { account, device, phone, name, server };
}

/** Finishes a registration whose answer got lost; undefined where there is none under way. */
async function resume(ports: Ports, state: LocalState): Promise<Self | undefined> {
	const entries = await state.rangeKeys<RegistrationRecord>(within(KEYS.registrations));
	const [key, record] = entries.find(([, one]) => one.request !== undefined) ?? [];
	if (key === undefined || record === undefined) return undefined;
	const attempt = key.slice(KEYS.registrations.length);
	try {
		return await publish(rpcOf(ports, record.server), state, attempt, record);
	} catch (error) {
		if (!(error instanceof Refusal) || error.code !== "REGISTRATION_TOKEN_INVALID") throw error;
		// It never arrived, and it is too late for it now: a new attempt is needed.
		await state.transact(async (draft) => draft.write(KEYS.registration(attempt), undefined));
		return undefined;
	}
}
