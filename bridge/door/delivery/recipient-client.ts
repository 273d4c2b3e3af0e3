/** The one connection to a recipient. Nothing else in the system calls an IntakeService. */
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { create } from "@bufbuild/protobuf";
import { type Client, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import {
	type Clock,
	DeliverRequestSchema,
	IntakeService,
	type ItemReceipt,
	LIMITS,
	type ListLabelsResponse,
	type SignedPolicy,
} from "@troth/protocol";
import type { Parcel } from "../gate/gate.ts";

/** A recipient answers within this, or the items are sent again. */
const ANSWER_MS = 30_000;

/** The recipient answered something that is no answer to the request. */
export class RecipientError extends Error {
	override readonly name = "RecipientError";
}

export class RecipientClient implements Disposable {
	readonly #clock: Clock;
	readonly #agent: HttpAgent;
	readonly #client: Client<typeof IntakeService>;
	readonly #stop = new AbortController();

	constructor(clock: Clock, url: string, token: string) {
		this.#clock = clock;
		this.#agent = new (url.startsWith("https:") ? HttpsAgent : HttpAgent)({ keepAlive: true });
		const transport = createConnectTransport({
			baseUrl: url,
			httpVersion: "1.1",
			nodeOptions: { agent: this.#agent },
			readMaxBytes: LIMITS.rpcBytes,
			interceptors: [
				(next) => (request) => {
					request.header.set("authorization", `Bearer ${token}`);
					return next(request);
				},
			],
		});
		this.#client = createClient(IntakeService, transport);
	}

	/**
	 * Hands the parcels over; gives one answer for each, in their order. Rejects with ConnectError or RecipientError where
	 * the recipient does not answer: it may have got them all the same.
	 */
	async deliver(parcels: readonly Parcel[], policies: readonly SignedPolicy[]): Promise<readonly ItemReceipt[]> {
		const request = create(DeliverRequestSchema, {
			items: parcels.map(({ item }) => item),
			policies: [...policies],
		});
		const late = new AbortController();
		const timer = this.#clock.after(ANSWER_MS, () => late.abort());
		try {
			const signal = AbortSignal.any([late.signal, this.#stop.signal]);
			const { receipts } = await this.#client.deliver(request, { signal });
			if (receipts.length !== parcels.length) throw new RecipientError("not one receipt for each item");
			return receipts;
		} finally {
			timer.cancel();
		}
	}

	/** A page of the labels that the recipient gives back. Rejects with ConnectError where it does not answer. */
	async listLabels(after: number, knownVersion: number): Promise<ListLabelsResponse> {
		const late = new AbortController();
		const timer = this.#clock.after(ANSWER_MS, () => late.abort());
		try {
			const signal = AbortSignal.any([late.signal, this.#stop.signal]);
			return await this.#client.listLabels({ after, knownVersion }, { signal });
		} finally {
			timer.cancel();
		}
	}

	/** Ends what is under way; nothing is sent any more. */
	abort(): void {
		this.#stop.abort();
	}

	[Symbol.dispose](): void {
		this.abort();
		this.#agent.destroy();
	}
}

const NOT_CONNECTED: readonly unknown[] = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"];

/** Is it certain that nothing of the request left this machine? */
export function neverConnected(error: unknown): boolean {
	for (let at = error; at instanceof Error; at = at.cause)
		if ("code" in at && NOT_CONNECTED.includes(at.code)) return true;
	return false;
}
