/** Rows of conversations as an archive carries them, and where they stand on the device that takes it. Pure. */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
	type AccountId,
	type ArchiveBusinessMark,
	type ArchiveRow,
	ArchiveRowSchema,
	type ConversationId,
	idBytes,
	type MessageId,
	type RefusalCode,
	readId,
} from "@troth/protocol";
import type { BusinessMark } from "../device/business-api.ts";
import { orderKey } from "../state/keys.ts";
import type { BodyRecord, MessageRecord } from "../state/records.ts";

/**
 * Begins the keys of imported rows: they stand before all rows that the device itself received, whose keys begin with
 * a digit, and after those of a conversation that this one continues (`device/views.ts`).
 */
const IMPORTED = ".";
const INDEX_DIGITS = 6;

/** Did this row come here in an archive? Takes the key as it is stored or shown. */
export function isImported(key: string): boolean {
	return /^(-\d{4}-)?\./.test(key);
}

/** The place in the conversation's log that a row stands at or after. */
export function placeOf({ seq, afterSeq }: Pick<ArchiveRow, "seq" | "afterSeq">): number {
	return seq === 0 ? afterSeq : seq;
}

/**
 * Where a row is kept by who takes it: by its place in the log, which is the same on all devices. So the same row from two
 * archives is one row.
 */
export function importedKey(row: ArchiveRow): string {
	const place = `${IMPORTED}${orderKey(placeOf(row))}`;
	const kind = row.body.case === "notice" ? row.body.value.kind : (row.body.case ?? "");
	if (row.seq > 0) return `${place}0-${kind}`;
	const index = row.afterIndex.toString().padStart(INDEX_DIGITS, "0");
	return `${place}1-${index}-${readId<MessageId>(row.messageId) ?? kind}`;
}

const NOTHING = new Uint8Array();
const bytesOf = (id: AccountId | MessageId | undefined) => (id === undefined ? NOTHING : idBytes(id));

/** Where a row without a place of its own stands: after which one, and the how manieth there. */
export interface After {
	readonly seq: number;
	readonly index: number;
}

export function toArchiveRow(conversation: ConversationId, row: MessageRecord, after: After): ArchiveRow {
	return create(ArchiveRowSchema, {
		conversation: idBytes(conversation),
		seq: row.seq ?? 0,
		afterSeq: row.seq === undefined ? after.seq : 0,
		afterIndex: row.seq === undefined ? after.index : 0,
		messageId: bytesOf(row.id),
		sender: bytesOf(row.sender),
		timeMs: BigInt(Math.round(row.timeMs)),
		failed: row.failed ?? "",
		body: toArchiveBody(row.body),
	});
}

type Body = NonNullable<MessageInitShape<typeof ArchiveRowSchema>["body"]>;

function toArchiveBody(body: BodyRecord): Body {
	switch (body.kind) {
		case "text": {
			const { text, replyTo, business } = body;
			const mark = business === undefined ? {} : { business: toArchiveMark(business) };
			return { case: "text", value: { text, replyTo: bytesOf(replyTo), ...mark } };
		}
		case "gap":
			return { case: "gap", value: { reason: body.reason, count: body.count } };
		case "unreadable":
			return { case: "unreadable", value: body.code };
		case "created":
		case "forked":
		case "restarted":
			return { case: "notice", value: { kind: body.kind } };
		case "renamed":
			return { case: "notice", value: { kind: body.kind, name: body.name } };
		case "keys-changed":
			return { case: "notice", value: { kind: body.kind, who: idsOf(body.who), what: body.what ?? "" } };
		case "number-changed":
			return { case: "notice", value: { kind: body.kind, who: idsOf(body.who), phone: body.phone ?? "" } };
		case "added":
		case "removed":
		case "left":
			return { case: "notice", value: { kind: body.kind, who: idsOf(body.who) } };
	}
}

const idsOf = (accounts: readonly AccountId[]) => accounts.map((account) => idBytes(account));

function toArchiveMark({ purpose, consentId, template }: BusinessMark) {
	return {
		purpose,
		consentId: consentId ?? "",
		templateId: template?.id ?? "",
		templateVersion: template?.version ?? 0,
		templateName: template?.name ?? "",
	};
}

/**
 * The row as it is kept. Undefined for what a later version says and this one does not know.
 *
 * @param mine the account that an account of the archive is here
 */
export function fromArchiveRow(
	row: ArchiveRow,
	mine: (account: AccountId | undefined) => AccountId | undefined,
): MessageRecord | undefined {
	const body = fromArchiveBody(row.body, mine);
	if (body === undefined) return undefined;
	return {
		key: importedKey(row),
		seq: row.seq === 0 ? undefined : row.seq,
		id: readId<MessageId>(row.messageId),
		sender: mine(readId<AccountId>(row.sender)),
		timeMs: Number(row.timeMs),
		body,
		failed: row.failed === "" ? undefined : (row.failed as RefusalCode),
	};
}

const CHANGED = ["key", "devices", "number", "unlisted", "left-out"] as const;
const GAP_REASONS = ["expired", "cap", "restored", "missing"] as const;

function fromArchiveBody(
	body: ArchiveRow["body"],
	mine: (account: AccountId | undefined) => AccountId | undefined,
): BodyRecord | undefined {
	switch (body.case) {
		case "text": {
			const { text, replyTo, business } = body.value;
			const mark = business === undefined ? undefined : fromArchiveMark(business);
			return {
				kind: "text",
				text,
				replyTo: readId<MessageId>(replyTo),
				...(mark !== undefined && { business: mark }),
			};
		}
		case "gap": {
			const reason = GAP_REASONS.find((one) => one === body.value.reason) ?? "missing";
			return { kind: "gap", reason, count: body.value.count };
		}
		case "unreadable":
			return { kind: "unreadable", code: body.value };
		case "notice": {
			const { kind, name } = body.value;
			const who = body.value.who.map((bytes) => mine(readId<AccountId>(bytes))).filter((id) => id !== undefined);
			switch (kind) {
				case "created":
				case "forked":
				case "restarted":
					return { kind };
				case "renamed":
					return { kind, name };
				case "added":
				case "removed":
				case "left":
					return { kind, who };
				case "number-changed": {
					const { phone } = body.value;
					return { kind, who, ...(phone !== "" && { phone }) };
				}
				case "keys-changed": {
					const what = CHANGED.find((one) => one === body.value.what);
					return { kind, who, ...(what !== undefined && { what }) };
				}
			}
		}
	}
	return undefined;
}

const PURPOSES = ["service", "utility", "authentication", "marketing"] as const;

function fromArchiveMark(mark: ArchiveBusinessMark): BusinessMark | undefined {
	const purpose = PURPOSES.find((one) => one === mark.purpose);
	if (purpose === undefined) return undefined;
	const { consentId, templateId, templateVersion, templateName } = mark;
	return {
		purpose,
		consentId: consentId === "" ? undefined : consentId,
		template: templateId === "" ? undefined : { id: templateId, version: templateVersion, name: templateName },
	};
}
