/**
 * The device that links another one: it looks who waits under a code, and once its person has confirmed, takes that
 * device's agreement, lists it, and hands over what it begins with. What was confirmed is stored before it is done and
 * goes on after a crash, as long as the mailbox is open.
 */
import { create } from "@bufbuild/protobuf";
import {
	type DeviceId,
	DeviceKind,
	deviceAgreement,
	fromHex,
	idBytes,
	LABELS,
	LIMITS,
	LinkAcceptanceSchema,
	LinkAgreementSchema,
	LinkBundleSchema,
	LinkOfferSchema,
	LinkRefusal,
	MailboxPlace,
	Refusal,
	readId,
	signedBytes,
	toHex,
} from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import type { LinkRequestView } from "../device/linking-api.ts";
import { KEYS, within } from "../state/keys.ts";
import type { LinkRecord } from "../state/linking-records.ts";
import type { ListedDeviceRecord } from "../state/records.ts";
import { makeBundle } from "./bundle.ts";
import { detailsOf, kindName, sealDetails, shorten } from "./device-details.ts";
import { noteChanged } from "./device-notices.ts";
import { newHistory } from "./history.ts";
import { awaitLetter, linkId, openLetter, sealLetter } from "./letters.ts";
import { linkKeys, readCode } from "./link-code.ts";
import { identityKeys, ownDevices, publishOwnList } from "./own-list.ts";

const KEY_BYTES = 32;
const bytesOf = (hex: string | undefined) => fromHex(hex ?? "") ?? new Uint8Array();

/** Rejects with MALFORMED, NOT_FOUND. Nothing is told to the device that waits. */
export async function openLink(context: DeviceContext, code: string): Promise<LinkRequestView> {
	const secret = readCode(code);
	if (secret === undefined) throw new Refusal("MALFORMED", "this is no code of a device that wants to be linked");
	const { letter } = await context.rpc.linking.takeLetter({
		mailbox: linkKeys(secret).mailbox,
		place: MailboxPlace.OFFER,
		waitMs: 0,
	});
	if (letter.length === 0) throw new Refusal("NOT_FOUND", "nobody waits under this code");
	const offer = await openLetter(secret, MailboxPlace.OFFER, LinkOfferSchema, letter);
	const device = readId<DeviceId>(offer.deviceId);
	if (device === undefined || offer.signatureKey.length !== KEY_BYTES)
		throw new Refusal("MALFORMED", "the device that waits does not say who it is");
	const link = linkId(secret);
	const record: LinkRecord = {
		secret: toHex(secret),
		device,
		signatureKey: toHex(offer.signatureKey),
		name: shorten(offer.details?.name ?? ""),
		kind: offer.details?.kind ?? DeviceKind.UNSPECIFIED,
		openedAtMs: context.serverNow(),
	};
	await context.state.transact(async (draft) => {
		if ((await draft.read(KEYS.link(link))) === undefined) draft.write(KEYS.link(link), record);
	});
	return { link, name: record.name, kind: kindName(record.kind) };
}

/** The person said no, or went away. Nothing of the account was told. */
export async function refuseLink(context: DeviceContext, link: string): Promise<void> {
	const { state, rpc, random } = context;
	const record = await state.read(KEYS.link(link));
	if (record === undefined || record.acceptance !== undefined) return;
	await state.transact(async (draft) => draft.write(KEYS.link(link), undefined));
	const secret = bytesOf(record.secret);
	const no = create(LinkAcceptanceSchema, {});
	const letter = await sealLetter(secret, MailboxPlace.ACCEPTANCE, LinkAcceptanceSchema, no, random);
	await rpc.linking.putLetter({ mailbox: linkKeys(secret).mailbox, place: MailboxPlace.ACCEPTANCE, letter });
}

/** The person said yes. Rejects as `LinkingDevice.confirmLink` does. */
export async function confirmLink(context: DeviceContext, link: string): Promise<void> {
	const { state, self, random } = context;
	const known = await state.read(KEYS.link(link));
	if (known === undefined) throw new Refusal("NOT_FOUND", "nobody waits under this code");
	if (ownDevices(context).length >= LIMITS.devicesPerAccount) {
		await refuseLink(context, link).catch(() => undefined);
		throw devicesFull();
	}
	const identity = await identityKeys(context);
	const acceptance = create(LinkAcceptanceSchema, {
		accountId: idBytes(self.account),
		identityKey: identity.publicKey,
	});
	const secret = bytesOf(known.secret);
	const letter = await sealLetter(secret, MailboxPlace.ACCEPTANCE, LinkAcceptanceSchema, acceptance, random);
	const confirmed: LinkRecord = { ...known, acceptance: known.acceptance ?? toHex(letter) };
	await state.transact(async (draft) => draft.write(KEYS.link(link), confirmed));
	await goOn(context, link, confirmed);
}

/** Goes on with what was confirmed before the process died. What is too late is forgotten. */
export async function resumeLinks(context: DeviceContext): Promise<void> {
	for (const [key, record] of await context.state.rangeKeys<LinkRecord>(within(KEYS.links))) {
		const link = key.slice(KEYS.links.length);
		const over = context.serverNow() - record.openedAtMs > LIMITS.mailboxMs;
		if (over) await context.state.transact(async (draft) => draft.write(KEYS.link(link), undefined));
		else if (record.acceptance !== undefined) await goOn(context, link, record).catch(() => undefined);
	}
}

/** From what is stored to the end. */
async function goOn(context: DeviceContext, link: string, record: LinkRecord): Promise<void> {
	const { state, rpc, clock } = context;
	const secret = bytesOf(record.secret);
	const { mailbox } = linkKeys(secret);
	try {
		const letter = bytesOf(record.acceptance);
		await rpc.linking.putLetter({ mailbox, place: MailboxPlace.ACCEPTANCE, letter });
		let bundle = record.bundle ?? "";
		if (bundle === "") {
			const agreed = await awaitLetter({ rpc, clock }, secret, MailboxPlace.AGREEMENT, LinkAgreementSchema);
			const addedAtMs = await list(context, record, agreed.agreement);
			const history = newHistory(context);
			bundle = toHex(await makeBundle(context, secret, addedAtMs, history));
			await state.transact(async (draft) => {
				draft.write(KEYS.link(link), { ...record, bundle });
				draft.write(KEYS.historyToSend(history.archive), history);
			});
		}
		await rpc.linking.putLetter({ mailbox, place: MailboxPlace.BUNDLE, letter: bytesOf(bundle) });
		await state.transact(async (draft) => draft.write(KEYS.link(link), undefined));
		context.history.start();
	} catch (error) {
		if (error instanceof Refusal && error.code !== "UNAVAILABLE" && error.code !== "INTERNAL")
			await giveUp(context, link, record);
		throw error;
	}
}

/** Puts the device on the list, once: a device that agreed to be this account's. Gives when it was added. */
async function list(context: DeviceContext, record: LinkRecord, agreement: Uint8Array): Promise<number> {
	const { engine, self } = context;
	const identity = await identityKeys(context);
	const { device, name, kind } = record;
	const signatureKey = bytesOf(record.signatureKey);
	const named = { accountId: idBytes(self.account), identityKey: identity.publicKey, deviceId: idBytes(device) };
	const statement = signedBytes(LABELS.deviceAgreement, deviceAgreement({ ...named, signatureKey }));
	if (agreement.length !== 64 || !(await engine.verify(signatureKey, statement, agreement)))
		throw new Refusal("FORBIDDEN", "the device did not agree to be this account's");
	const details = { ...detailsOf(context.facts, name), kind };
	const listed: ListedDeviceRecord = {
		...{ device, signatureKey: record.signatureKey, addedAtMs: context.serverNow(), agreement: toHex(agreement) },
		sealedDetails: await sealDetails(identity.privateKey, device, details, context.random),
	};
	await publishOwnList(context, (devices) => {
		if (devices.some((one) => one.device === device)) return devices;
		if (devices.length >= LIMITS.devicesPerAccount) throw devicesFull();
		return [...devices, listed];
	});
	await noteChanged(context, device);
	return ownDevices(context).find((one) => one.device === device)?.addedAtMs ?? listed.addedAtMs;
}

/** It can not be finished. A device that was listed and never got its keys is taken off again. */
async function giveUp(context: DeviceContext, link: string, record: LinkRecord): Promise<void> {
	const { state, rpc, random } = context;
	await state.transact(async (draft) => draft.write(KEYS.link(link), undefined));
	const secret = bytesOf(record.secret);
	const refusal = create(LinkBundleSchema, { refusal: LinkRefusal.BY_PERSON });
	const letter = await sealLetter(secret, MailboxPlace.BUNDLE, LinkBundleSchema, refusal, random);
	await rpc.linking
		.putLetter({ mailbox: linkKeys(secret).mailbox, place: MailboxPlace.BUNDLE, letter })
		.catch(() => undefined);
	if (!ownDevices(context).some(({ device }) => device === record.device)) return;
	await publishOwnList(context, (devices) => devices.filter(({ device }) => device !== record.device));
	await noteChanged(context, record.device);
}

function devicesFull(): Refusal {
	return new Refusal("DEVICES_FULL", `an account has at most ${LIMITS.devicesPerAccount} devices`);
}
