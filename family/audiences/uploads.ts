/**
 * Takes in and takes out rows of a list. Each SHA-256 becomes a keyed tag before anything else happens with it; what is
 * stored, logged and answered is the same whether or not anybody here has that number.
 */
import { createHmac, randomBytes } from "node:crypto";
import { eraseDeleted } from "@troth/storage";
import type { Transaction } from "kysely";
import type { FamilyContext } from "../context.ts";
import type { GraphCall } from "../graph/endpoint.ts";
import type { GraphValue } from "../graph/fields.ts";
import { GraphError } from "../graph/graph-error.ts";
import type { Records } from "../records/schema.ts";
import { findAudience } from "./find-audience.ts";
import { addMembers, deleteUnfounded } from "./members.ts";
import { readUpload, type Upload } from "./payload.ts";
import type { AudienceRow } from "./tables.ts";

const DAY_MS = 24 * 3600 * 1000;
/** Rows per statement: SQLite binds at most 32 766 values. */
const ROWS_AT_ONCE = 2000;

type Operation = "add" | "remove";

/** Rejects with GraphError. */
export async function takeUpload(context: FamilyContext, call: GraphCall, operation: Operation): Promise<GraphValue> {
	if (call.account.audience_terms_at_ms === null) {
		throw new GraphError("termsNotAccepted", "the rules for lists have not been accepted");
	}
	const audience = await findAudience(context.records, call);
	const upload = readUpload(call.parameters);
	const tags = [...new Map(upload.keys.map(({ kind, digest }) => tagEntry(context, kind, digest))).values()];
	await context.records.transaction().execute(async (transaction) => {
		if (await isRepeat(context, transaction, audience, upload, operation, tags)) return;
		for (let at = 0; at < tags.length; at += ROWS_AT_ONCE) {
			const some = tags.slice(at, at + ROWS_AT_ONCE);
			if (operation === "add") await addRows(context, transaction, audience, some);
			else await removeRows(transaction, audience, some);
		}
		if (operation === "remove") await deleteUnfounded(transaction, { audience: audience.audience_id });
		else await noteUpload(context, transaction, audience);
	});
	if (operation === "remove") await eraseDeleted(context.records);
	context.events.counted("list-upload", operation);
	return {
		audience_id: audience.audience_id,
		session_id: upload.session?.id ?? String(randomBytes(8).readBigUInt64BE() >> 1n),
		num_received: upload.received,
		num_invalid_entries: upload.invalid,
		invalid_entry_samples: upload.samples,
	};
}

function tagEntry({ keys }: FamilyContext, kind: "phone" | "email", digest: Uint8Array): [string, Uint8Array] {
	const tag = keys.tags.listed(kind, digest);
	return [Buffer.from(tag).toString("latin1"), tag];
}

/** A numbered request that was done already, with the same rows, changes nothing. */
async function isRepeat(
	{ clock, keys }: FamilyContext,
	transaction: Transaction<Records>,
	{ audience_id }: AudienceRow,
	{ session }: Upload,
	operation: Operation,
	tags: readonly Uint8Array[],
): Promise<boolean> {
	if (session === undefined) return false;
	const number = { audience_id, session_id: session.id, batch_seq: session.batchSeq, operation };
	const mac = createHmac("sha256", keys.derive("upload-repeats"));
	for (const tag of tags) mac.update(tag);
	const rows_tag = new Uint8Array(mac.digest());
	const done = await transaction
		.insertInto("audience_batch")
		.values({ ...number, rows_tag, at_ms: clock.now() })
		.onConflict((conflict) =>
			conflict
				.columns(["audience_id", "session_id", "batch_seq", "operation"])
				.doUpdateSet({ rows_tag, at_ms: clock.now() })
				.where("audience_batch.rows_tag", "!=", rows_tag),
		)
		.executeTakeFirstOrThrow();
	return done.numInsertedOrUpdatedRows === 0n;
}

/** A row that is there already lives on from now. */
async function addRows(
	{ clock }: FamilyContext,
	transaction: Transaction<Records>,
	{ audience_id, retention_days }: AudienceRow,
	tags: readonly Uint8Array[],
): Promise<void> {
	const expires_at_ms = clock.now() + retention_days * DAY_MS;
	await transaction
		.insertInto("audience_row")
		.values(tags.map((tag) => ({ audience_id, tag, expires_at_ms })))
		.onConflict((conflict) => conflict.columns(["audience_id", "tag"]).doUpdateSet({ expires_at_ms }))
		.execute();
	await addMembers(transaction, audience_id, tags);
}

async function removeRows(
	transaction: Transaction<Records>,
	{ audience_id }: AudienceRow,
	tags: readonly Uint8Array[],
): Promise<void> {
	await transaction
		.deleteFrom("audience_row")
		.where("audience_id", "=", audience_id)
		.where("tag", "in", tags)
		.execute();
}

async function noteUpload(
	{ clock }: FamilyContext,
	transaction: Transaction<Records>,
	{ audience_id }: AudienceRow,
): Promise<void> {
	await transaction
		.updateTable("audience")
		.set({ uploaded_at_ms: clock.now() })
		.where("audience_id", "=", audience_id)
		.execute();
}
