/**
 * Another number for this account. The code goes to the new number; then one signed request changes the number, takes
 * back what was shared under the old one and, where a yes still stands in the words it was given to, signs it anew. The
 * request is written down before it leaves: repeated after a lost answer it is the same, and is answered as the first time.
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { sha256 } from "@noble/hashes/sha2.js";
import {
	CATALOGUE,
	type CatalogueRow,
	type ChangeNumberRequest,
	ChangeNumberRequestSchema,
	fromHex,
	idBytes,
	isRefusal,
	LABELS,
	NumberChangeSchema,
	type Purpose,
	Refusal,
	toHex,
} from "@troth/protocol";
import {
	dropDecision,
	keepReceipt,
	MAY_HAVE_HAPPENED,
	type SignedDecision,
	signDecision,
} from "../consent/signed-decision.ts";
import { type KnownStanding, readStanding } from "../consent/standing.ts";
import type {
	ChoiceView,
	CodeChannelName,
	CodeSent,
	NumberAttempt,
	NumberChanged,
	NumberTelling,
	PresentationView,
	VerifiedNumber,
} from "../device/api.ts";
import type { DeviceContext } from "../device/context.ts";
import { signStatement } from "../identity/signed.ts";
import { showNumberAnew } from "../profile/number.ts";
import { tellNumberChanged } from "../profile/tell.ts";
import { KEYS, within } from "../state/keys.ts";
import type { LocalState } from "../state/local-state.ts";
import type { NumberChangeRecord } from "../state/records.ts";
import { purposeHash } from "../terms/policy.ts";
import { readTerms, type VerifiedTerms } from "../terms/read-terms.ts";
import { lockedUntil, wireChannel } from "./register.ts";

/**
 * Sends a code to the number. One that is still good for it is not sent again, and a change that was under way goes on.
 * Rejects with PHONE_INVALID, RATE_LIMITED, UNAVAILABLE.
 */
export async function requestNumberCode(context: DeviceContext, phone: string): Promise<NumberAttempt> {
	const { rpc, state } = context;
	const number = phone.replaceAll(/[\s().-]/g, "").replace(/^00/, "+");
	const known = await state.rangeKeys<NumberChangeRecord>(within(KEYS.numberChanges));
	const open = known.find(([, one]) => one.phone === number && isOpen(one, context.serverNow()));
	if (open !== undefined) return viewAttempt(open[0].slice(KEYS.numberChanges.length), open[1]);
	const answer = await rpc.registration.requestCode({ phone: number });
	const attempt = toHex(answer.attemptId);
	const sent = { resendAtMs: Number(answer.resendAtMs), expiresAtMs: Number(answer.expiresAtMs) };
	const blank = { token: undefined, replacesAccount: undefined, request: undefined, decision: undefined, stood: [] };
	const record = { phone: number, ...sent, ...blank };
	await state.transact(async (draft) => {
		// Of the others nothing is to be had any more.
		for (const [key, one] of known)
			if (!isOpen(one, context.serverNow()))
				draft.write(KEYS.numberChange(key.slice(KEYS.numberChanges.length)), undefined);
		draft.write(KEYS.numberChange(attempt), record);
	});
	return viewAttempt(attempt, record);
}

/** What may have reached the server is never over before its answer came. */
function isOpen({ request, expiresAtMs }: NumberChangeRecord, nowMs: number): boolean {
	return request !== undefined || nowMs < expiresAtMs;
}

function viewAttempt(attempt: string, { resendAtMs, expiresAtMs, replacesAccount }: NumberChangeRecord): NumberAttempt {
	return { attempt, resendAtMs, expiresAtMs, replacesAccount };
}

export async function resendNumberCode(
	{ rpc, state }: DeviceContext,
	attempt: string,
	channel?: CodeChannelName,
): Promise<Omit<CodeSent, "attempt">> {
	const known = await read(state, attempt);
	const answer = await rpc.registration.resendCode({ attemptId: bytesOf(attempt), channel: wireChannel(channel) });
	const sent = { resendAtMs: Number(answer.resendAtMs), expiresAtMs: Number(answer.expiresAtMs) };
	await state.transact(async (draft) => draft.write(KEYS.numberChange(attempt), { ...known, ...sent }));
	return sent;
}

/** Rejects with CODE_WRONG, CODE_LOCKED, CODE_EXPIRED, NOT_FOUND. */
export async function verifyNumberCode(
	{ rpc, state }: DeviceContext,
	attempt: string,
	code: string,
): Promise<VerifiedNumber> {
	const known = await read(state, attempt);
	try {
		const answer = await rpc.registration.verifyCode({ attemptId: bytesOf(attempt), code });
		const [token, replacesAccount] = [toHex(answer.registrationToken), answer.replacesAccount];
		await state.transact(async (draft) =>
			draft.write(KEYS.numberChange(attempt), { ...known, token, replacesAccount }),
		);
		return { replacesAccount, lockedUntilMs: lockedUntil(answer) };
	} catch (error) {
		if (isRefusal(error, "CODE_LOCKED", "CODE_EXPIRED", "NOT_FOUND"))
			await state.transact(async (draft) => draft.write(KEYS.numberChange(attempt), undefined));
		throw error;
	}
}

/** Rejects with PIN_WRONG (attemptsLeft), PIN_LOCKED (retryAtMs), REGISTRATION_TOKEN_INVALID. */
export async function unlockNewNumber({ rpc, state }: DeviceContext, attempt: string, pin: string): Promise<void> {
	const { token = "" } = await read(state, attempt);
	await rpc.registration.unlockNumber({ registrationToken: fromHex(token) ?? new Uint8Array(), pin });
}

/**
 * Rejects with REGISTRATION_TOKEN_INVALID, PHONE_INVALID, NUMBER_LOCKED, NUMBER_RESTING, NUMBER_CHANGED_RECENTLY,
 * UNAVAILABLE; throws Untrusted.
 */
export async function changeNumber(
	context: DeviceContext,
	attempt: string,
	control: PresentationView["control"],
	tell?: NumberTelling,
): Promise<NumberChanged> {
	await noteTelling(context.state, attempt, tell);
	// What was decided or published elsewhere meanwhile is signed once more for what stands now. The number itself does
	// not wait for that: where it is refused again, nothing goes on and the person is asked anew.
	for (const renew of [true, true, false]) {
		try {
			return await change(context, attempt, renew ? control : undefined);
		} catch (error) {
			if (!renew || !isRefusal(error, ...ABOUT_THE_YES)) throw error;
		}
	}
	throw new Refusal("INTERNAL", "a change without any yes was refused for one");
}

/** Written down first: who is to be told is told even if the answer to the change comes to another start of the app. */
async function noteTelling(state: LocalState, attempt: string, tell: NumberTelling | undefined): Promise<void> {
	if (tell === undefined) return;
	await state.transact(async (draft) => {
		const known = await draft.read(KEYS.numberChange(attempt));
		if (known !== undefined) draft.write(KEYS.numberChange(attempt), { ...known, tell });
	});
}

const ABOUT_THE_YES = [
	"CONSENT_CONFLICT",
	"PURPOSE_UNKNOWN",
	"PURPOSE_NOT_ALLOWED",
	"TERMS_NOT_ACCEPTED",
	"TERMS_VERSION_UNKNOWN",
] as const;

/** What is sent, and what lies in the store about it. */
interface Prepared {
	readonly request: ChangeNumberRequest;
	readonly record: NumberChangeRecord;
}

async function change(
	context: DeviceContext,
	attempt: string,
	control: PresentationView["control"] | undefined,
): Promise<NumberChanged> {
	const { state, rpc } = context;
	const known = await read(state, attempt);
	const { request, record } =
		known.request === undefined ? await prepare(context, attempt, known, control) : restore(known.request, known);
	const signed =
		request.decision === undefined || record.decision === undefined
			? undefined
			: { decision: request.decision, record: record.decision };
	try {
		const { receipt } = await rpc.accounts.changeNumber(request);
		if (signed !== undefined) await keepReceipt(context, signed, receipt);
	} catch (error) {
		if (isRefusal(error) && !MAY_HAVE_HAPPENED.has(error.code)) {
			if (signed !== undefined) await dropDecision(context, signed);
			const over = isRefusal(error, "REGISTRATION_TOKEN_INVALID", "PHONE_INVALID");
			const unsigned = over ? undefined : { ...record, request: undefined, decision: undefined };
			await state.transact(async (draft) => draft.write(KEYS.numberChange(attempt), unsigned));
		}
		throw error;
	}
	await context.changeProfile({ phone: known.phone });
	await showNumberAnew(context).catch((error: unknown) => {
		// The number is changed; what others are shown of it follows with the next attach.
		if (!isRefusal(error)) throw error;
	});
	const told = await state.transact(async (draft) => {
		draft.write(KEYS.numberChange(attempt), undefined);
		return tellNumberChanged(context, draft, known.tell ?? { to: "nobody" }, context.serverNow());
	});
	// A device that closes waits a little for this.
	context.background(async () => {
		await Promise.allSettled(told.map(({ conversation, message }) => context.lanes.stored(conversation, message)));
	});
	context.announcer.emit({ type: "sharing" });
	const renewed = [...new Set(record.decision?.grants.map(({ purpose }) => purpose))];
	return {
		phone: known.phone,
		renewed,
		ended: record.stood.filter((purpose) => !renewed.includes(purpose)),
		told: told.length,
	};
}

/** Signs the change, and with it what goes on; all of it is stored when this resolves. */
async function prepare(
	context: DeviceContext,
	attempt: string,
	known: NumberChangeRecord,
	control: PresentationView["control"] | undefined,
): Promise<Prepared> {
	const { state, engine, keys, self } = context;
	if (known.token === undefined) throw new Refusal("REGISTRATION_TOKEN_INVALID", "the number is not verified yet");
	const standing = await readStanding(context);
	const stood = standing.view.choices.filter((choice) => choice.state === "granted" && carriesNumber(choice));
	const signed = control === undefined ? undefined : await signAgain(context, standing, stood, control);
	const registrationToken = bytesOf(known.token);
	const statement = create(NumberChangeSchema, {
		accountId: idBytes(self.account),
		deviceId: idBytes(self.device),
		tokenHash: sha256(registrationToken),
		decisionHash: signed === undefined ? new Uint8Array() : sha256(signed.decision.statement),
		requestedAtMs: BigInt(context.serverNow()),
	});
	const bytes = toBinary(NumberChangeSchema, statement);
	const request = create(ChangeNumberRequestSchema, {
		registrationToken,
		change: await signStatement(engine, keys, LABELS.numberChange, bytes),
		...(signed !== undefined && { decision: signed.decision, grants: [...signed.grants] }),
	});
	const record: NumberChangeRecord = {
		...known,
		request: toHex(toBinary(ChangeNumberRequestSchema, request)),
		decision: signed?.record,
		stood: stood.map(({ purpose }) => purpose),
	};
	await state.transact(async (draft) => {
		if (signed !== undefined) draft.write(KEYS.decision(signed.record.key), signed.record);
		draft.write(KEYS.numberChange(attempt), record);
	});
	return { request, record };
}

function restore(request: string, record: NumberChangeRecord): Prepared {
	return { request: fromBinary(ChangeNumberRequestSchema, bytesOf(request)), record };
}

/** The yeses that stand in the words of the accepted terms and of those in force; undefined where there are none. */
async function signAgain(
	context: DeviceContext,
	standing: KnownStanding,
	stood: readonly ChoiceView[],
	control: PresentationView["control"],
): Promise<SignedDecision | undefined> {
	if (stood.length === 0) return undefined;
	const accepted = await readTerms(context, standing.view.acceptedVersion);
	const inForce = standing.view.pendingVersion === undefined ? accepted : await readTerms(context);
	const again = stood.filter(({ purpose, purposeHash }) =>
		[accepted, inForce].every((terms) => hashIn(terms, purpose) === purposeHash),
	);
	if (again.length === 0) return undefined;
	const decisions = again.map(({ purpose }) => ({ purpose, granted: true }));
	return signDecision(context, standing, accepted, decisions, { control, initiallyOn: false, place: "number" });
}

function hashIn({ file }: VerifiedTerms, purpose: string): string | undefined {
	return file.purposes.some(({ id }) => id === purpose) ? toHex(purposeHash(file, purpose)) : undefined;
}

/** May a share for this purpose hold the number? */
function carriesNumber({ purpose }: ChoiceView): boolean {
	const row: CatalogueRow | undefined = CATALOGUE[purpose as Purpose];
	return row?.fields.includes("phone_number") === true;
}

async function read(state: LocalState, attempt: string): Promise<NumberChangeRecord> {
	const known = await state.read(KEYS.numberChange(attempt));
	if (known === undefined) throw new Refusal("NOT_FOUND", "no such attempt: ask for a code first");
	return known;
}

function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
	return fromHex(hex) ?? new Uint8Array();
}
