/** What a device keeps of terms and sharing: whom it believes, what it decided, what it was told; as in `records.ts`. */

/** Keys of the server that were believed at first sight and are believed since, no others (hex, and C2SP vkeys). */
export interface TrustRecord {
	readonly policyKey: string | undefined;
	readonly shareKey: string | undefined;
	/** Verifier key by the log's name. */
	readonly logs: Readonly<Record<string, string>>;
	readonly witnesses: readonly string[];
	/** How many of them have to have seen a checkpoint; undefined while no server said so. */
	readonly quorum?: number | undefined;
	readonly policies?: PoliciesSeen | undefined;
}

/** What this device saw of the log of policies. */
export interface PoliciesSeen {
	/** Of the log, when it was last read: it has to go on from there. */
	readonly size: number;
	/** Base 64. */
	readonly root: string;
	/** When a policy that was not in the log was first shown here, by its hash; UTC milliseconds. */
	readonly unlogged: Readonly<Record<string, number>>;
}

/** A yes as it was signed for one recipient. */
export interface GrantRecord {
	/** SHA-256 of the statement: what a share under it names. */
	readonly hash: string;
	readonly recipient: string;
	readonly purpose: string;
	readonly generation: number;
	readonly statement: string;
	readonly signature: string;
}

/** A decision of this device; written down before it is sent. */
export interface DecisionRecord {
	readonly key: string;
	readonly event: string;
	readonly version: number;
	readonly decidedAtMs: number;
	readonly statement: string;
	readonly signature: string;
	readonly grants: readonly GrantRecord[];
	/** The server's signed receipt; undefined while its answer is missing. */
	readonly receipt:
		| { readonly statement: string; readonly signature: string; readonly recordedAtMs: number }
		| undefined;
}

/** The newest notice of terms that came. */
export interface NoticeRecord {
	readonly version: number;
	readonly confirmed: boolean;
	/** The newest reminder of it; absent where none came. */
	readonly reminder?: { readonly day: number; readonly shown: boolean } | undefined;
}
