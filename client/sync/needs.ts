/**
 * An entry can not be applied yet: something has to be fetched first. Thrown inside a transaction, which is given up;
 * the fetching happens outside of it, and then the entry is tried again.
 */
import type { AccountId, BlobId, ConversationId, LogId } from "@troth/protocol";
import type { TemplateAddress } from "../business/templates.ts";
import type { TemplateView } from "../device/business-api.ts";

export type NeedOf =
	| { readonly kind: "device-lists"; readonly accounts: readonly AccountId[] }
	| { readonly kind: "blob"; readonly blob: BlobId }
	| { readonly kind: "template"; readonly template: TemplateAddress }
	/** What came of the conversation's log up to there is applied first, as far as it can be. */
	| { readonly kind: "entries"; readonly log: ConversationId; readonly upTo: number }
	/** What came of the device's own log is applied first. */
	| { readonly kind: "own-log" };

export class Need extends Error {
	override readonly name = "Need";
	readonly of: NeedOf;
	constructor(of: NeedOf) {
		super(`needs ${of.kind}`);
		this.of = of;
	}
}

/** What was fetched for the entry at hand. */
export interface Evidence {
	/** Accounts whose lists were asked for: what is still unknown then is not listed. */
	readonly asked: Set<AccountId>;
	/** Undefined where the server does not have it, or gave other bytes. */
	readonly blobs: Map<BlobId, Uint8Array | undefined>;
	/** By `addressKey`; undefined where the business never registered it. */
	readonly templates: Map<string, TemplateView | undefined>;
	/** Logs that were waited for. */
	readonly waited: Set<LogId>;
}

export function noEvidence(): Evidence {
	return { asked: new Set(), blobs: new Map(), templates: new Map(), waited: new Set() };
}

/** This profile is a copy or was restored from a backup (hazard 16). */
export class CopiedProfile extends Error {
	override readonly name = "CopiedProfile";
	constructor(what: string) {
		super(`this profile is not the only one of its device: ${what}`);
	}
}
