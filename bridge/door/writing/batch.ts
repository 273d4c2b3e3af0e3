/**
 * A batch of leaves as the public sees it: its size a multiple of 16, in random order, filled up with leaves that look
 * like the others. Neither counts nor order tell anything (C6).
 */
import { randomBytes, randomInt } from "node:crypto";
import { leafOf } from "@troth/transparency";

export const BATCH_MULTIPLE = 16;

/** A leaf of a batch; `item` is undefined for padding. */
export interface BatchLeaf<Item> {
	readonly item: Item | undefined;
	readonly leaf: Uint8Array;
}

/** What is to be written, without its context. */
export interface Committed<Item> {
	readonly item: Item;
	readonly commitment: Uint8Array;
	readonly chain: Uint8Array;
}

/** The leaves in the order in which they go into the log; none where there are no items. */
export function padBatch<Item>(items: readonly Committed<Item>[], context: Uint8Array): readonly BatchLeaf<Item>[] {
	const size = Math.ceil(items.length / BATCH_MULTIPLE) * BATCH_MULTIPLE;
	const batch: BatchLeaf<Item>[] = items.map(({ item, commitment, chain }) => {
		return { item, leaf: leafOf(commitment, chain, context) };
	});
	while (batch.length < size) batch.push({ item: undefined, leaf: leafOf(randomBytes(32), randomBytes(32), context) });
	return shuffled(batch);
}

/** Fisher and Yates, with randomness that nobody can foresee. */
function shuffled<Value>(values: readonly Value[]): readonly Value[] {
	const order = [...values];
	for (let last = order.length - 1; last > 0; last--) {
		const other = randomInt(last + 1);
		[order[last], order[other]] = [order[other] as Value, order[last] as Value];
	}
	return order;
}
