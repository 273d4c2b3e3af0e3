/**
 * The gate (L6, hazard 31): a value can reach a recipient only as a `Shareable`, and only `mint` makes one, after the
 * policy core permitted exactly this at this very moment. What leaves goes out as a `Parcel`, and only `packShare` and
 * `packRecall` make one. The compiler holds both (`gate.types.test.ts`); what types can not say is checked here again.
 */
import { create } from "@bufbuild/protobuf";
import {
	CATALOGUE,
	type CatalogueRow,
	type FieldsOf,
	type FieldValue,
	FieldValueSchema,
	fromHex,
	isResidual,
	type Purpose,
	type SharedItem,
	SharedItemSchema,
	type ShareProof,
	type Signed,
	toHex,
} from "@troth/protocol";
import { type ShareRecord, shareRecordBytes } from "@troth/transparency";
import { type DecisionInput, type DenyReason, decide } from "../../decision/decide.ts";
import type { SharedPurpose, ShareViewRow } from "../source/share-source.ts";
import { isGrantFor } from "./grant.ts";

declare const minted: unique symbol;
declare const packed: unique symbol;

/** One value that may go to one recipient, about one person, for one purpose, now. */
export interface Shareable<P extends Purpose, F extends FieldsOf<P>> {
	readonly [minted]: true;
	readonly purpose: P;
	readonly field: F;
	readonly value: string;
	readonly recipient: string;
	/** The person at this recipient, 32 hex digits. */
	readonly subject: string;
	readonly generation: number;
}

/** Everything a decision is made from, read now. */
export interface Moment<P extends SharedPurpose> extends Omit<DecisionInput, "purpose" | "field"> {
	/** 16 bytes: the person at this recipient. Undefined where no name can be given. */
	readonly subject: Uint8Array | undefined;
	/** The yes that is asked about, no earlier and no later one; where nobody is asked, which thing is to be said. */
	readonly generation: number;
	/** As the device signed it for this recipient; undefined where nobody is asked. */
	readonly grant: Signed | undefined;
	/** Undefined where the purpose's view does not show the person. */
	readonly row: ShareViewRow<P> | undefined;
}

export type MintRefusal =
	| DenyReason
	/** The yes that stands is another one. */
	| "GENERATION_OVER"
	/** There is no yes that the recipient could verify. */
	| "GRANT_INVALID"
	/** The policy puts the purpose on a basis that the catalogue does not give it. */
	| "BASIS_OUTSIDE_CATALOGUE"
	/** The recipient and this bridge have agreed on no key for numbers, or there is no number. */
	| "NO_SUBJECT"
	/** The view shows nothing under any field. */
	| "NOTHING_TO_SHARE"
	/** Whoever has the fields does not answer; `fromMs` says when to ask again. */
	| "FIELDS_UNAVAILABLE";

export type Minted<P extends SharedPurpose> =
	| {
			readonly permit: true;
			/** 16 bytes. */
			readonly subject: Uint8Array;
			readonly purposeHash: Uint8Array;
			/** Undefined where nobody is asked. */
			readonly grant: Signed | undefined;
			/** At least one, in the order of the catalogue. */
			readonly values: readonly Shareable<P, FieldsOf<P>>[];
	  }
	| { readonly permit: false; readonly reason: MintRefusal; readonly fromMs?: number };

/** Decides each field of the purpose and mints what is permitted. Never throws. */
export function mint<P extends SharedPurpose>(purpose: P, moment: Moment<P>): Minted<P> {
	const { recipient, generation, row, grant } = moment;
	const { fields, bases }: CatalogueRow = CATALOGUE[purpose];
	const asked = !isResidual(purpose);
	const subject = toHex(moment.subject ?? new Uint8Array());
	const values: Shareable<P, FieldsOf<P>>[] = [];
	for (const field of fields as readonly FieldsOf<P>[]) {
		const decision = decide({ ...moment, purpose, field });
		if (!decision.permit && decision.reason === "FIELD_NOT_LISTED") continue;
		if (!decision.permit) return decision;
		if (!bases.includes(decision.basis)) return { permit: false, reason: "BASIS_OUTSIDE_CATALOGUE" };
		if (asked && decision.generation !== generation) return { permit: false, reason: "GENERATION_OVER" };
		const value = row?.values[field];
		if (typeof value === "string")
			values.push({ purpose, field, value, recipient, subject, generation } as Shareable<P, FieldsOf<P>>);
	}
	// The view was read after the choice: where it shows another yes, the one that was asked about is over.
	if (row !== undefined && row.generation !== generation) return { permit: false, reason: "GENERATION_OVER" };
	if (row === undefined || values.length === 0) return { permit: false, reason: "NOTHING_TO_SHARE" };
	if (moment.subject === undefined) return { permit: false, reason: "NO_SUBJECT" };
	// Where nobody is asked there is no other than the words in force, which the decision held against those accepted.
	const purposeHash = row.purposeHash ?? fromHex(moment.current.purposes.get(purpose)?.hash ?? "");
	if (purposeHash === undefined) return { permit: false, reason: "PURPOSE_NOT_CURRENT" };
	if (!asked) return { permit: true, subject: moment.subject, purposeHash, grant: undefined, values };
	const link = purpose === "account_linking" ? new Map(values.map(({ field, value }) => [field, value])) : undefined;
	const expected = { recipient, subject: moment.subject, purpose, purposeHash, generation, link };
	if (grant === undefined || !isGrantFor(grant, expected)) return { permit: false, reason: "GRANT_INVALID" };
	return { permit: true, subject: moment.subject, purposeHash, grant, values };
}

/** Something that may be handed to the recipient it was packed for. */
export interface Parcel {
	readonly [packed]: true;
	readonly item: SharedItem;
}

/** Two things that do not belong together met at the gate: a defect of ours. Nothing has left. */
export class GateError extends Error {
	override readonly name = "GateError";
}

/** The parcel of a share: the record that is in the log, its proof, and exactly the fields that it names. */
export function packShare<P extends SharedPurpose>(
	purpose: P,
	record: ShareRecord,
	proof: ShareProof,
	grant: Signed | undefined,
	values: readonly Shareable<NoInfer<P>, FieldsOf<NoInfer<P>>>[],
): Parcel {
	const about = values.every(
		(value) =>
			value.purpose === purpose &&
			value.recipient === record.recipient &&
			value.subject === record.subject &&
			value.generation === record.generation,
	);
	if (!about || record.kind !== "share" || record.purpose !== purpose)
		throw new GateError("values and record are not about the same share");
	if ((grant === undefined) !== (record.grant === "") || (grant === undefined) !== isResidual(purpose))
		throw new GateError("a yes belongs to a purpose that asks for one, and to no other");
	if (fieldsOf(values).join() !== record.fields.join())
		throw new GateError("the record names other fields than there are values");
	return pack(record, proof, { grant, values: values.map(({ field, value }) => ({ field, value })) });
}

/** The parcel of a recall, which carries no value. */
export function packRecall(record: ShareRecord, proof: ShareProof): Parcel {
	if (record.kind !== "recall") throw new GateError("this record is no recall");
	return pack(record, proof, { values: [] });
}

/** The fields as a record names them: sorted. */
export function fieldsOf(values: readonly { readonly field: string }[]): readonly string[] {
	return values.map(({ field }) => field).sort();
}

function pack(
	record: ShareRecord,
	proof: ShareProof,
	content: {
		readonly grant?: Signed | undefined;
		readonly values: readonly { readonly field: string; readonly value: string }[];
	},
): Parcel {
	if (!Buffer.from(proof.record).equals(shareRecordBytes(record)))
		throw new GateError("the proof is of another record");
	const values: FieldValue[] = content.values.map((value) => create(FieldValueSchema, value));
	const { grant } = content;
	const item = create(SharedItemSchema, { share: proof, values, ...(grant !== undefined && { grant }) });
	return { item } as Parcel;
}
