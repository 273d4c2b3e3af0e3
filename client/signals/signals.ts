/** Delivered, read and typing: what members tell each other beside the log (hazard 20). */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
	type AccountId,
	type ConversationId,
	type DeviceId,
	type Ephemeral,
	idBytes,
	LABELS,
	type Label,
	LIMITS,
	type Progress,
	type ReceiptRegister,
	ReceiptRegisterSchema,
	type Register,
	readId,
	type Signal,
	SignalSchema,
	type Timer,
} from "@troth/protocol";
import { followRead } from "../conversations/read.ts";
import { changeConversation } from "../conversations/rows.ts";
import type { DeviceContext } from "../device/context.ts";
import { listedKey } from "../identity/directory.ts";
import { signStatement, verifyStatement } from "../identity/signed.ts";
import { KEYS } from "../state/keys.ts";
import type { ConversationRecord, ExporterRecord, MemberRecord } from "../state/records.ts";
import { tellPositions } from "./positions.ts";
import { decodeSealed, openSealed, sealForEpoch } from "./sealed.ts";

const NONCE_BYTES = 12;
/** Read positions of one conversation leave at most this often. */
const PUBLISH_EVERY_MS = 500;
/** Typing is repeated while it goes on, well within its expiry. */
const TYPING_EVERY_MS = 4_000;
/** Registers that came before the epoch they are sealed for. */
const EARLY_KEPT = 1024;

export class Signals {
	readonly #context: () => DeviceContext;
	/** The next time a conversation's read position may leave. */
	readonly #publishing = new Map<ConversationId, Timer>();
	readonly #typingSentMs = new Map<ConversationId, number>();
	/** Who is typing here, and when that expires. */
	readonly #typing = new Map<string, Timer>();
	readonly #early = new Map<string, Register>();

	constructor(context: () => DeviceContext) {
		this.#context = context;
	}

	// ── Delivered ────────────────────────────────────────────────────────────────────────────────────────────────

	/** An account has everything up to there on one of its devices. */
	progress({ log, accountId, ackedSeq }: Progress): void {
		const [id, account] = [readId<ConversationId>(log), readId<AccountId>(accountId)];
		if (id === undefined || account === undefined) return;
		this.#background(() => this.#move(id, account, { deliveredSeq: ackedSeq }));
	}

	async #move(
		id: ConversationId,
		account: AccountId,
		to: Partial<Pick<MemberRecord, "deliveredSeq" | "readSeq">>,
	): Promise<void> {
		const context = this.#context();
		await context.state.transact(async (draft) => {
			const record = await draft.read(KEYS.conversation(id));
			const member = record?.members.find((one) => one.account === account);
			if (member === undefined || account === context.self.account) return;
			const moved = {
				...member,
				deliveredSeq: Math.max(member.deliveredSeq, to.deliveredSeq ?? 0, to.readSeq ?? 0),
				readSeq: Math.max(member.readSeq, to.readSeq ?? 0),
			};
			if (moved.deliveredSeq === member.deliveredSeq && moved.readSeq === member.readSeq) return;
			await changeConversation(draft, id, (before) => ({
				...before,
				members: before.members.map((one) => (one === member ? moved : one)),
			}));
			await tellPositions(context, draft, id, member, moved);
		});
	}

	// ── Read ─────────────────────────────────────────────────────────────────────────────────────────────────────

	/** The read position moved: it is told soon, and not more often than needed. */
	publishSoon(id: ConversationId): void {
		if (this.#publishing.has(id)) return;
		this.#background(() => this.#publish(id));
		const timer = this.#context().clock.after(PUBLISH_EVERY_MS, () => {
			this.#publishing.delete(id);
			const record = this.#context().state.kept(KEYS.conversation(id));
			if (record !== undefined && record.readSeq > record.publishedReadSeq) this.publishSoon(id);
		});
		this.#publishing.set(id, timer);
	}

	async #publish(id: ConversationId): Promise<void> {
		const context = this.#context();
		const record = context.state.kept(KEYS.conversation(id));
		if (record === undefined || record.state !== "active" || !context.session.attached) return;
		if (!context.profile().settings.readReceipts || record.readSeq <= record.publishedReadSeq) return;
		const { readSeq } = record;
		const register = create(ReceiptRegisterSchema, {
			log: idBytes(id),
			deviceId: idBytes(context.self.device),
			readSeq,
			atMs: BigInt(context.serverNow()),
		});
		const statement = toBinary(ReceiptRegisterSchema, register);
		const sealed = await this.#seal(id, "receipts", LABELS.receipt, statement);
		if (sealed === undefined) return;
		if (!context.session.send({ case: "register", value: { log: idBytes(id), sealed } })) return;
		await context.state.transact(async (draft) => {
			await changeConversation(draft, id, (before) => ({ ...before, publishedReadSeq: readSeq }));
		});
	}

	/** What was read while there was no stream. */
	async publishMissing(): Promise<void> {
		for (const { id, readSeq, publishedReadSeq } of this.#context().state.keptWithin<ConversationRecord>(
			KEYS.conversations,
		)) {
			if (readSeq > publishedReadSeq) this.publishSoon(id);
		}
	}

	/** Receipts of the epoch before can not be opened by those who were away: ours is sealed again. */
	epochChanged(id: ConversationId): void {
		this.#background(async () => {
			const context = this.#context();
			for (const [place, register] of [...this.#early]) {
				if (!place.startsWith(id)) continue;
				this.#early.delete(place);
				await this.#open(register);
			}
			const record = context.state.kept(KEYS.conversation(id));
			if (record === undefined || record.publishedReadSeq === 0 || !context.attendance.ready) return;
			await context.state.transact(async (draft) => {
				await changeConversation(draft, id, (before) => ({ ...before, publishedReadSeq: 0 }));
			});
			this.publishSoon(id);
		});
	}

	register(register: Register): void {
		this.#background(() => this.#open(register));
	}

	async #open(register: Register): Promise<void> {
		const place = readPlace(register);
		if (place === undefined) return;
		const { log, device } = place;
		const opened = await this.#verify(log, device, register.sealed, "receipts", LABELS.receipt, () => {
			if (this.#early.size < EARLY_KEPT) this.#early.set(`${log}/${device}`, register);
		});
		if (opened === undefined) return;
		const receipt = decode(() => fromBinary(ReceiptRegisterSchema, opened.statement));
		if (receipt === undefined || !isFor(receipt, log, device)) return;
		if (receipt.readSeq === 0) return;
		const context = this.#context();
		if (opened.account !== context.self.account) return this.#move(log, opened.account, { readSeq: receipt.readSeq });
		await context.state.transact((draft) => followRead(context, draft, log, receipt.readSeq));
	}

	// ── Typing ───────────────────────────────────────────────────────────────────────────────────────────────────

	/** Says that the person types or stopped; repeated at most every few seconds. */
	async type(id: ConversationId, active: boolean): Promise<void> {
		const context = this.#context();
		if (!context.profile().settings.typingIndicators || !context.session.attached) return;
		const now = context.clock.now();
		const sentMs = this.#typingSentMs.get(id);
		if (active ? sentMs !== undefined && now - sentMs < TYPING_EVERY_MS : sentMs === undefined) return;
		if (active) this.#typingSentMs.set(id, now);
		else this.#typingSentMs.delete(id);
		const signal = create(SignalSchema, {
			log: idBytes(id),
			deviceId: idBytes(context.self.device),
			atMs: BigInt(context.serverNow()),
			body: { case: "typing", value: { active } },
		});
		const sealed = await this.#seal(id, "signals", LABELS.signal, toBinary(SignalSchema, signal));
		if (sealed !== undefined) context.session.send({ case: "ephemeral", value: { log: idBytes(id), sealed } });
	}

	ephemeral(ephemeral: Ephemeral): void {
		const place = readPlace(ephemeral);
		if (place === undefined) return;
		const { log, device } = place;
		this.#background(async () => {
			const opened = await this.#verify(log, device, ephemeral.sealed, "signals", LABELS.signal, () => undefined);
			const signal = opened && decode(() => fromBinary(SignalSchema, opened.statement));
			if (opened === undefined || signal === undefined || !isFor(signal, log, device)) return;
			const ageMs = this.#context().serverNow() - Number(signal.atMs);
			if (ageMs > LIMITS.ephemeralMs || signal.body.case !== "typing") return;
			if (!signal.body.value.active) return this.stopped(log, opened.account);
			this.#started(log, opened.account);
		});
	}

	#started(id: ConversationId, account: AccountId): void {
		const { clock, announcer, self } = this.#context();
		if (account === self.account) return;
		const who = `${id}/${account}`;
		const known = this.#typing.get(who);
		known?.cancel();
		this.#typing.set(
			who,
			clock.after(LIMITS.ephemeralMs, () => this.stopped(id, account)),
		);
		if (known === undefined) announcer.emit({ type: "typing", conversation: id, account, active: true });
	}

	/** The person stopped, sent what they wrote, or fell silent. */
	stopped(id: ConversationId, account: AccountId): void {
		const timer = this.#typing.get(`${id}/${account}`);
		if (timer === undefined) return;
		timer.cancel();
		this.#typing.delete(`${id}/${account}`);
		this.#context().announcer.emit({ type: "typing", conversation: id, account, active: false });
	}

	/** What was written left as a message: typing it is over, also without saying so. */
	sent(id: ConversationId): void {
		this.#typingSentMs.delete(id);
	}

	// ── Both ─────────────────────────────────────────────────────────────────────────────────────────────────────

	async #seal(
		id: ConversationId,
		use: "receipts" | "signals",
		label: Label,
		statement: Uint8Array,
	): Promise<Uint8Array<ArrayBuffer> | undefined> {
		const { engine, keys, self, state, random } = this.#context();
		const record = state.kept(KEYS.conversation(id));
		// Whose leaf has to go from the group is told nothing any more, no more than by a message.
		if (record?.state !== "active" || record.removalsRequired.length > 0) return undefined;
		const current = state.kept(KEYS.exporters(id))?.[0];
		if (current === undefined) return undefined;
		const signed = await signStatement(engine, keys, label, statement);
		const place = { log: id, device: self.device, epoch: current.epoch };
		return sealForEpoch(place, current[use], random(NONCE_BYTES), signed);
	}

	/** The statement, if a member's device sealed and signed it. `early`: its epoch has not begun here. */
	async #verify(
		id: ConversationId,
		device: DeviceId,
		bytes: Uint8Array,
		use: "receipts" | "signals",
		label: Label,
		early: () => void,
	): Promise<{ readonly statement: Uint8Array; readonly account: AccountId } | undefined> {
		const { engine, state } = this.#context();
		const sealed = decodeSealed(bytes);
		if (sealed === undefined) return undefined;
		const known: ExporterRecord = state.kept(KEYS.exporters(id)) ?? [];
		if (sealed.epoch > (known[0]?.epoch ?? -1)) return void early();
		const key = known.find(({ epoch }) => epoch === sealed.epoch)?.[use];
		const members = state.kept(KEYS.conversation(id))?.members ?? [];
		const account = members.find(({ devices }) => devices.some((one) => one.device === device))?.account;
		if (key === undefined || account === undefined) return undefined;
		const signed = await openSealed({ log: id, device, epoch: sealed.epoch }, key, sealed);
		const signatureKey = listedKey(state.kept(KEYS.account(account)), device);
		if (signed === undefined || signatureKey === undefined) return undefined;
		if (!(await verifyStatement(engine, signatureKey, label, signed))) return undefined;
		return { statement: signed.statement, account };
	}

	#background(work: () => Promise<void>): void {
		this.#context().background(work);
	}

	close(): void {
		for (const timer of [...this.#publishing.values(), ...this.#typing.values()]) timer.cancel();
		this.#publishing.clear();
		this.#typing.clear();
	}
}

function readPlace({ log, deviceId }: Pick<Register, "log" | "deviceId">) {
	const [id, device] = [readId<ConversationId>(log), readId<DeviceId>(deviceId)];
	return id === undefined || device === undefined ? undefined : { log: id, device };
}

/** What was signed names the place it is for: it can not be carried to another. */
function isFor({ log, deviceId }: ReceiptRegister | Signal, id: ConversationId, device: DeviceId): boolean {
	return readId<ConversationId>(log) === id && readId<DeviceId>(deviceId) === device;
}

function decode<T>(read: () => T): T | undefined {
	try {
		return read();
	} catch {
		return undefined;
	}
}
