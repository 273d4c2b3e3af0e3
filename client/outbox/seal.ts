/**
 * Encrypts what waits in the outbox. Number, plaintext, ciphertext and the advanced ratchet are written together, and
 * only then is anything sent: after a crash the same bytes go out again, and no generation is ever used twice
 * (hazards 12 and 16).
 */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { sha256 } from "@noble/hashes/sha2.js";
import { ContentSchema, type ConversationId, fromHex, idBytes, toHex } from "@troth/protocol";
import type { OutgoingBusiness } from "../business/outgoing.ts";
import { wrapContent } from "../content/envelope.ts";
import type { DeviceContext } from "../device/context.ts";
import { profileFor, profileVersion } from "../profile/own-profile.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";
import type { ConversationRecord, LogRecord, OutboxRecord } from "../state/records.ts";
import { loseTheWay } from "../sync/apply-commit.ts";

const FRANKING_KEY_BYTES = 32;

/** Seals the rows in their order under the next numbers of this log. The conversation has to be active. */
export async function sealRows(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	rows: readonly OutboxRecord[],
): Promise<void> {
	const [record, first, firstGroup] = [
		await draft.read(KEYS.conversation(id)),
		await draft.read(KEYS.log(id)),
		await draft.readGroup(id),
	];
	if (record === undefined || first === undefined) return;
	// The state is gone: nothing can be encrypted before the group was joined anew.
	if (firstGroup === undefined) return loseTheWay(context, draft, id, "behind");
	let log = first;
	let group = firstGroup;
	for (const row of rows) {
		const profileMs = profileToSend(context, record, row);
		const content = contentOf(row, log, profileMs > 0 ? await profileFor(context, record) : undefined);
		const { plaintext, authenticatedData } = wrapContent(
			content,
			context.random(FRANKING_KEY_BYTES),
			businessOf(row)?.header,
		);
		const { next, message } = await context.engine.encrypt(group, plaintext, authenticatedData);
		const sealed = {
			clientSeq: log.nextClientSeq,
			epoch: context.engine.epoch(group),
			digest: toHex(sha256(message)),
			profileMs,
		};
		draft.write(KEYS.outbox(id, row.key), { ...row, sealed });
		draft.writeBytes(KEYS.outboxBytes(id, row.key), message);
		draft.write(KEYS.outboxNumber(id, sealed.clientSeq), row.key);
		log = { ...log, nextClientSeq: log.nextClientSeq + 1 };
		group = next;
	}
	draft.write(KEYS.log(id), log);
	draft.writeGroup(id, group);
}

/** The version of the profile to attach, 0 where everybody has it. An introduction is there for nothing else. */
function profileToSend(context: DeviceContext, record: ConversationRecord, { body }: OutboxRecord): number {
	const version = profileVersion(context.profile());
	return record.profileSentMs < version || body.kind === "introduction" ? version : 0;
}

function contentOf(row: OutboxRecord, log: LogRecord, profile: Awaited<ReturnType<typeof profileFor>> | undefined) {
	const hash = log.hash === undefined ? undefined : fromHex(log.hash);
	return create(ContentSchema, {
		messageId: idBytes(row.id),
		clientSeq: log.nextClientSeq,
		...(hash !== undefined && { witness: { seq: log.seq, hash } }),
		sentAtMs: BigInt(row.sentAtMs),
		...(profile !== undefined && { profile }),
		body: bodyOf(row),
	});
}

function businessOf({ body }: OutboxRecord): OutgoingBusiness | undefined {
	return body.kind === "text" ? body.business : undefined;
}

function bodyOf({ body }: OutboxRecord): NonNullable<MessageInitShape<typeof ContentSchema>["body"]> {
	if (body.kind === "text" && body.business?.template !== undefined) {
		const { id, version, variables } = body.business.template;
		return {
			case: "template",
			value: {
				templateId: id,
				templateVersion: version,
				bodyVariables: [...variables],
				fallbackText: body.text,
				replyTo: body.replyTo === undefined ? new Uint8Array() : idBytes(body.replyTo),
			},
		};
	}
	switch (body.kind) {
		case "text":
			return {
				case: "text",
				value: { text: body.text, replyTo: body.replyTo === undefined ? new Uint8Array() : idBytes(body.replyTo) },
			};
		case "introduction":
			return {
				case: "introduction",
				value:
					body.numberChangedAtMs === undefined
						? {}
						: { numberChanged: { changedAtMs: BigInt(body.numberChangedAtMs) } },
			};
		case "group-state":
			return { case: "groupState", value: { name: body.name, changedAtMs: BigInt(body.changedAtMs) } };
		case "continuation":
			return { case: "continuation", value: { replaces: idBytes(body.replaces) } };
	}
}

/**
 * Takes sealed rows back, for another epoch or other numbers. Only after the server has refused every one of them:
 * the bytes of a number that it may have are never changed.
 */
export async function unsealRows(
	draft: Draft,
	id: ConversationId,
	rows: readonly OutboxRecord[],
	firstNumber: number,
): Promise<void> {
	for (const row of rows) {
		if (row.sealed === undefined) continue;
		draft.write(KEYS.outbox(id, row.key), { ...row, sealed: undefined });
		draft.writeBytes(KEYS.outboxBytes(id, row.key), undefined);
		draft.write(KEYS.outboxNumber(id, row.sealed.clientSeq), undefined);
	}
	const log = await draft.read(KEYS.log(id));
	if (log !== undefined) draft.write(KEYS.log(id), { ...log, nextClientSeq: firstNumber });
}
