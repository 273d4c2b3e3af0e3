/** BridgeService over Connect, for the one messenger that has the token. */
import { createHash, timingSafeEqual } from "node:crypto";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { errorToJsonBytes } from "@connectrpc/connect/protocol-connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { BridgeService, ErrorDetailSchema, LIMITS, Refusal, toErrorDetail } from "@troth/protocol";
import type { FastifyInstance } from "fastify";
import type { DoorContext } from "../context.ts";
import { getFigures } from "../figures/get-figures.ts";
import { checkRecords } from "./check-records.ts";
import { listAccountShares } from "./list-account-shares.ts";
import { listRecipientLabels } from "./list-recipient-labels.ts";

/** Adds the service. Who has not the token gets 401, before a body is read. */
export function serveBridgeService(app: FastifyInstance, context: DoorContext, token: string): void {
	const handle = connectNodeAdapter({
		readMaxBytes: LIMITS.rpcBytes,
		// One protocol is enough between two of ours.
		grpc: false,
		grpcWeb: false,
		routes: (router: ConnectRouter) =>
			router.service(BridgeService, {
				listAccountShares: (request) => answering(context, () => listAccountShares(context, request)),
				checkRecords: () => answering(context, () => checkRecords(context)),
				getFigures: () => answering(context, () => getFigures(context)),
				listRecipientLabels: (request) => answering(context, () => listRecipientLabels(context, request)),
			}),
	});
	app.register(async (scope) => {
		// The adapter reads the body itself.
		scope.removeAllContentTypeParsers();
		scope.addContentTypeParser("*", (_request, _body, done) => done(null));
		scope.addHook("onRequest", async (request, reply) => {
			if (isBearer(request.headers.authorization, token)) return;
			const error = toConnectError(new Refusal("UNAUTHENTICATED", "the bearer token is not that of this bridge"));
			await reply.code(401).type("application/json").send(errorToJsonBytes(error, undefined));
		});
		scope.all(`/${BridgeService.typeName}/*`, async (request, reply) => {
			reply.hijack();
			handle(request.raw, reply.raw);
		});
	});
}

/** What is not a refusal tells the caller nothing, and the operator everything. */
async function answering<Value>(context: DoorContext, work: () => Promise<Value>): Promise<Value> {
	try {
		return await work();
	} catch (error) {
		if (error instanceof Refusal) throw toConnectError(error);
		context.events.failed("bridge-service", error);
		throw toConnectError(new Refusal("INTERNAL", ""));
	}
}

function toConnectError(refusal: Refusal): ConnectError {
	const detail = { desc: ErrorDetailSchema, value: toErrorDetail(refusal) };
	return new ConnectError(refusal.message, CODES[refusal.code] ?? Code.Internal, undefined, [detail]);
}

const CODES: { readonly [code: string]: Code } = {
	UNAUTHENTICATED: Code.Unauthenticated,
	MALFORMED: Code.InvalidArgument,
	INTERNAL: Code.Internal,
};

/** Compared as digests: neither content nor length of the token shows in the time it takes. */
function isBearer(header: string | undefined, token: string): boolean {
	const digest = (text: string) => createHash("sha256").update(text).digest();
	return timingSafeEqual(digest(header ?? ""), digest(`Bearer ${token}`));
}
