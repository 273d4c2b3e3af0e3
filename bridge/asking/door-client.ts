import { type Client, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { BridgeService } from "@troth/protocol";

const PATIENCE_MS = 10_000;

/** A client of the door's own service, for whoever keeps the accounts. `token` is the bearer token of this pair. */
export function openDoorClient(door: { readonly url: string; readonly token: string }): Client<typeof BridgeService> {
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
