/** What a messenger has to know to share anything. Without it nothing can be shared, and no screen speaks of it (C10). */
export interface SharingOptions {
	/** The bridge's own service, and the bearer token of this pair. */
	readonly door: { readonly url: string; readonly token: string };
	/** The transparency logs: `shares` first, `policy`, `index`, and the recipients' logs under their ids. */
	readonly logs: readonly { readonly name: string; readonly url: string; readonly vkey: string }[];
	/** C2SP vkeys. */
	readonly witnesses: readonly string[];
	/** How many of them have to have seen a checkpoint before anything is shared under it; not told where left out. */
	readonly quorum?: number;
	/** Counts about nobody that are smaller than this are put together; 10 where left out. */
	readonly countFloor?: number;
	/** The recipients of this installation, by their ids in the policy, with their web sites. */
	readonly recipients: readonly { readonly id: string; readonly url: string }[];
}
