import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Client, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import {
	BridgeService,
	idBytes,
	type ListSharesRequest,
	type ListSharesResponseSchema,
	Refusal,
} from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";
import type { SharingOptions } from "./options.ts";

const PATIENCE_MS = 10_000;

/** A client of the bridge's own service. */
export function openDoorClient({ door }: SharingOptions): Client<typeof BridgeService> {
	return createClient(
		BridgeService,
		createConnectTransport({
			baseUrl: door.url,
			httpVersion: "1.1",
			defaultTimeoutMs: PATIENCE_MS,
			interceptors: [
				(next) => (request) => {
					request.header.set("authorization", `Bearer ${door.token}`);
					return next(request);
				},
			],
		}),
	);
}

/** What the share log holds about the caller; nothing where nothing can be shared. Refuses with UNAVAILABLE. */
export async function listShares(
	{ door, events }: MessengerContext,
	request: ListSharesRequest,
	session: Session,
): Promise<MessageInitShape<typeof ListSharesResponseSchema>> {
	if (door === undefined) return {};
	try {
		const { shares, more } = await door.listAccountShares({
			accountId: idBytes(session.account),
			afterN: request.afterN,
		});
		return { shares, more };
	} catch (error) {
		events.failed("list-shares", error);
		throw new Refusal("UNAVAILABLE", "the bridge does not answer now", { cause: error });
	}
}
