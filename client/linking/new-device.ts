/**
 * Becoming a device of an account that exists. The keys are made and stored before their code is shown; from then on
 * every letter is made once, so that a process that died goes on where it was, for as long as the mailbox is open.
 */
import { create } from "@bufbuild/protobuf";
import {
	type AccountId,
	type DeviceId,
	fromHex,
	ID_BYTES,
	idBytes,
	LinkAcceptanceSchema,
	LinkAgreementSchema,
	type LinkBundle,
	LinkBundleSchema,
	LinkOfferSchema,
	LinkRefusal,
	MailboxPlace,
	Refusal,
	readId,
	toHex,
} from "@troth/protocol";
import { ed25519Key } from "@troth/protocol/ed25519.ts";
import type { Self } from "../device/api.ts";
import type { Joining, LinkInvitation } from "../device/linking-api.ts";
import type { DevicePorts } from "../device/ports.ts";
import { signAgreement } from "../identity/device-list.ts";
import { requireServer } from "../registration/register.ts";
import { KEYS } from "../state/keys.ts";
import type { JoiningRecord } from "../state/linking-records.ts";
import { LocalState } from "../state/local-state.ts";
import { createRpc } from "../sync/rpc.ts";
import { detailsOf } from "./device-details.ts";
import { publishFirstKeyPackages } from "./first-key-packages.ts";
import { awaitLetter, sealLetter } from "./letters.ts";
import { codeOf, linkAddress, linkKeys, SECRET_BYTES } from "./link-code.ts";
import { takeBundle } from "./take-bundle.ts";

type Ports = Omit<DevicePorts, "openSocket">;

const bytesOf = (hex: string) => fromHex(hex) ?? new Uint8Array();

/** Joining into the given store, which has no profile yet. The store stays the caller's to close. */
export function createJoining(ports: Ports): Joining {
	const opened = LocalState.open(ports.store, ports.engine);
	let waiting = new AbortController();
	return {
		async beginLink(server, name) {
			const state = await opened;
			if ((await state.read(KEYS.profile)) !== undefined) throw new Refusal("FORBIDDEN", "this profile has an account");
			return begin(ports, state, server, name);
		},
		async finishLink() {
			waiting.abort();
			waiting = new AbortController();
			return finish(ports, await opened, waiting.signal);
		},
		async cancelLink() {
			waiting.abort();
			await forget(ports, await opened);
		},
	};
}

function rpcOf(ports: Ports, server: string) {
	return createRpc({ server, fetch: ports.fetch });
}

async function begin(ports: Ports, state: LocalState, server: string, name?: string): Promise<LinkInvitation> {
	const rpc = rpcOf(ports, server);
	const known = await state.read(KEYS.joining);
	const open = known !== undefined && known.server === server && ports.clock.now() < known.expiresAtMs;
	if (known !== undefined && !open) await forget(ports, state);
	const record = open ? known : await prepare(ports, state, server, name);
	const secret = bytesOf(record.secret);
	const { expiresAtMs } = await rpc.linking.openMailbox({
		mailbox: linkKeys(secret).mailbox,
		offer: bytesOf(record.offer),
	});
	await state.transact(async (draft) => {
		draft.write(KEYS.joining, { ...record, expiresAtMs: Number(expiresAtMs) });
	});
	const code = codeOf(secret);
	return { code, address: linkAddress(record.origin, code), expiresAtMs: Number(expiresAtMs) };
}

/** Makes the secret and the device's keys. */
async function prepare(ports: Ports, state: LocalState, server: string, name?: string): Promise<JoiningRecord> {
	const info = await rpcOf(ports, server).server.getServerInfo({});
	requireServer(server, info);
	const { engine, random } = ports;
	const secret = random(SECRET_BYTES);
	const keys = await engine.generateSigningKeys();
	const device = toHex(random(ID_BYTES)) as DeviceId;
	const offer = create(LinkOfferSchema, {
		deviceId: idBytes(device),
		signatureKey: keys.publicKey,
		details: detailsOf(ports.facts, name),
	});
	const record: JoiningRecord = {
		server,
		origin: info.origin,
		secret: toHex(secret),
		expiresAtMs: Number.MAX_SAFE_INTEGER,
		device,
		keys: { publicKey: toHex(keys.publicKey), privateKey: toHex(keys.privateKey) },
		offer: toHex(await sealLetter(secret, MailboxPlace.OFFER, LinkOfferSchema, offer, random)),
	};
	await state.transact(async (draft) => draft.write(KEYS.joining, record));
	return record;
}

async function finish(ports: Ports, state: LocalState, signal: AbortSignal): Promise<Self> {
	const begun = await state.read(KEYS.joining);
	if (begun === undefined) throw new Refusal("NOT_FOUND", "show a code first");
	const rpc = rpcOf(ports, begun.server);
	const post = { rpc, clock: ports.clock };
	const secret = bytesOf(begun.secret);
	const { mailbox } = linkKeys(secret);
	try {
		const record = begun.accepted === undefined ? await agree(ports, state, begun, signal) : begun;
		const letter = bytesOf(record.accepted?.letter ?? "");
		await rpc.linking.putLetter({ mailbox, place: MailboxPlace.AGREEMENT, letter });
		const bundle = await awaitLetter(post, secret, MailboxPlace.BUNDLE, LinkBundleSchema, signal);
		requireBundle(record, bundle);
		const self = await takeBundle(state, record, bundle);
		await publishFirstKeyPackages(ports, state).catch(() => undefined);
		// It ends by itself where this gets lost.
		await rpc.linking.closeMailbox({ mailbox }).catch(() => undefined);
		return self;
	} catch (error) {
		if (error instanceof Refusal && error.code !== "UNAVAILABLE" && error.code !== "INTERNAL")
			await forget(ports, state);
		throw error;
	}
}

/** The person confirmed there: this device signs that it is that account's. */
async function agree(
	ports: Ports,
	state: LocalState,
	record: JoiningRecord,
	signal: AbortSignal,
): Promise<JoiningRecord> {
	const { engine, random, clock } = ports;
	const secret = bytesOf(record.secret);
	const post = { rpc: rpcOf(ports, record.server), clock };
	const accepted = await awaitLetter(post, secret, MailboxPlace.ACCEPTANCE, LinkAcceptanceSchema, signal);
	const account = readId<AccountId>(accepted.accountId);
	// An acceptance without an account says no, before anything was told.
	if (accepted.accountId.length === 0) throw new Refusal("FORBIDDEN", "the other device refused");
	if (account === undefined || accepted.identityKey.length !== 32)
		throw new Refusal("MALFORMED", "the other device named no account");
	const keys = { publicKey: bytesOf(record.keys.publicKey), privateKey: bytesOf(record.keys.privateKey) };
	const { accountId, identityKey } = accepted;
	const agreement = await signAgreement(engine, keys, { accountId, identityKey, deviceId: idBytes(record.device) });
	const letter = create(LinkAgreementSchema, { agreement });
	const next: JoiningRecord = {
		...record,
		accepted: {
			account,
			identityKey: toHex(identityKey),
			agreement: toHex(agreement),
			letter: toHex(await sealLetter(secret, MailboxPlace.AGREEMENT, LinkAgreementSchema, letter, random)),
		},
	};
	await state.transact(async (draft) => draft.write(KEYS.joining, next));
	return next;
}

function requireBundle({ accepted }: JoiningRecord, { identitySeed, refusal, state }: LinkBundle): void {
	if (refusal === LinkRefusal.DEVICES_FULL)
		throw new Refusal("DEVICES_FULL", "the account has as many devices as it may have");
	if (refusal !== LinkRefusal.UNSPECIFIED) throw new Refusal("FORBIDDEN", "the other device refused");
	const fits = identitySeed.length === 32 && toHex(ed25519Key(identitySeed).publicKey) === accepted?.identityKey;
	if (!fits || state?.profile === undefined) throw new Refusal("MALFORMED", "the keys are not that account's");
}

async function forget(ports: Ports, state: LocalState): Promise<void> {
	const record = await state.read(KEYS.joining);
	if (record === undefined) return;
	await state.transact(async (draft) => draft.write(KEYS.joining, undefined));
	const { mailbox } = linkKeys(bytesOf(record.secret));
	await rpcOf(ports, record.server)
		.linking.closeMailbox({ mailbox })
		.catch(() => undefined);
}
