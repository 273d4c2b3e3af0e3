/** Labels about numbers. Names of numbers are pseudonyms under the key that the company shares with the messenger's bridge. */
import type { AbuseLabel, AbusePurpose, ScoreClass } from "@troth/protocol";
import type { ColumnType, Generated, Selectable } from "kysely";
import type { PersonId } from "../people/person.ts";

export interface AbuseRecords {
	told_label: ToldLabelTable;
	own_label: OwnLabelTable;
	own_label_version: OwnLabelVersionTable;
}

/** What the messenger's operator said of a number; whose number it is follows from `verified_phone.pair_name`, if anybody's. */
export interface ToldLabelTable {
	/** 32 hex digits. */
	subject: string;
	purpose: AbusePurpose;
	generation: number;
	label: AbuseLabel;
	score_class: ScoreClass | null;
	case_id: string | null;
	/** Where the policy that it came under says that people can write to this company. */
	contact: string;
	told_at_ms: number;
}

/** What this company says of one of its own people, for spam. It goes back to the messenger while it holds. */
export interface OwnLabelTable {
	label_id: Generated<number>;
	person_id: PersonId;
	label: AbuseLabel;
	score_class: ScoreClass;
	since_ms: number;
	until_ms: number;
	/** The name under which the company's log says so; null until it was asked for. */
	proved_name: string | null;
	/** `ShareProof`, encoded. */
	proof: ColumnType<Uint8Array | null, Uint8Array | null, Uint8Array | null>;
}

/** One row. */
interface OwnLabelVersionTable {
	id: number;
	version: number;
}

export type ToldLabelRow = Selectable<ToldLabelTable>;
