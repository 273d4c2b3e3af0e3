/** The letters of a mailbox: sealed for their place, put there once, waited for. */
import { type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { type Clock, isRefusal, type MailboxPlace, Refusal, toHex } from "@troth/protocol";
import type { Rpc } from "../sync/rpc.ts";
import { type LinkKeys, linkKeys } from "./link-code.ts";
import { openBox, sealBox } from "./secret-box.ts";

/** How long the server may hold one question. */
const WAIT_MS = 15_000;
/** After a question that got no answer. */
const RETRY_MS = 1_000;

export async function sealLetter<S extends DescMessage>(
	secret: Uint8Array,
	place: MailboxPlace,
	schema: S,
	letter: MessageShape<S>,
	random: (length: number) => Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
	const keys = linkKeys(secret);
	return sealBox(keys.key, bound(keys, place), new Uint8Array(toBinary(schema, letter)), random);
}

function bound({ mailbox }: LinkKeys, place: MailboxPlace): Uint8Array<ArrayBuffer> {
	return new Uint8Array([...mailbox, place]);
}

/** Opens a letter. Refuses with MALFORMED where it was not sealed under this secret for this place. */
export async function openLetter<S extends DescMessage>(
	secret: Uint8Array,
	place: MailboxPlace,
	schema: S,
	letter: Uint8Array,
): Promise<MessageShape<S>> {
	const keys = linkKeys(secret);
	const opened = await openBox(keys.key, bound(keys, place), letter);
	try {
		if (opened !== undefined) return fromBinary(schema, opened);
	} catch {
		// It is no such letter.
	}
	throw new Refusal("MALFORMED", "the letter is not from the other device");
}

/** The id under which a link is known on this device. */
export function linkId(secret: Uint8Array): string {
	return toHex(linkKeys(secret).mailbox);
}

/**
 * Waits for a letter until the mailbox ends. Rejects with NOT_FOUND where it is over, MALFORMED where what came is not
 * from the other device, UNAVAILABLE where the signal ends it.
 */
export async function awaitLetter<S extends DescMessage>(
	{ rpc, clock }: { readonly rpc: Rpc; readonly clock: Clock },
	secret: Uint8Array,
	place: MailboxPlace,
	schema: S,
	signal?: AbortSignal,
): Promise<MessageShape<S>> {
	const { mailbox } = linkKeys(secret);
	for (;;) {
		if (isOver(signal)) throw new Refusal("UNAVAILABLE", "linking was given up");
		try {
			const { letter } = await rpc.linking.takeLetter({ mailbox, place, waitMs: WAIT_MS }, signal && { signal });
			if (letter.length > 0) return await openLetter(secret, place, schema, letter);
		} catch (error) {
			if (!isRefusal(error, "UNAVAILABLE", "INTERNAL", "RATE_LIMITED") || isOver(signal)) throw error;
			await new Promise<void>((resolve) => {
				clock.after(RETRY_MS, resolve);
			});
		}
	}
}

function isOver(signal: AbortSignal | undefined): boolean {
	return signal?.aborted === true;
}
