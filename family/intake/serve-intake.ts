/** IntakeService over Connect, for the one bridge that has the token. */
import { Code, ConnectError } from "@connectrpc/connect";
import { errorToJsonBytes } from "@connectrpc/connect/protocol-connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { ErrorDetailSchema, IntakeService, LIMITS, Refusal, toErrorDetail } from "@troth/protocol";
import type { FastifyInstance } from "fastify";
import { listLabels } from "../abuse/own-labels.ts";
import type { FamilyContext } from "../context.ts";
import { hasBearer } from "../http/bearer.ts";
import type { Receipts } from "../receipts/receipts.ts";
import { deliver } from "./deliver.ts";

export function serveIntake(app: FastifyInstance, context: FamilyContext, receipts: Receipts): void {
	const handle = connectNodeAdapter({
		connect: true,
		grpc: false,
		grpcWeb: false,
		readMaxBytes: LIMITS.rpcBytes,
		routes: ({ service }) =>
			service(IntakeService, {
				async listLabels(request) {
					try {
						return await listLabels(context, receipts, request);
					} catch (error) {
						context.events.failed("IntakeService.ListLabels", error);
						throw toConnectError(new Refusal("UNAVAILABLE", "the labels can not be read now"), Code.Unavailable);
					}
				},
				async deliver(request) {
					try {
						return await deliver(context, receipts, request);
					} catch (error) {
						context.events.failed("IntakeService.Deliver", error);
						throw toConnectError(new Refusal("UNAVAILABLE", "nothing was acknowledged: try again"), Code.Unavailable);
					}
				},
			}),
	});
	// In a scope of its own: the body is the adapter's to read.
	app.register(async (scope) => {
		scope.removeAllContentTypeParsers();
		scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
		scope.post(`/${IntakeService.typeName}/*`, {
			onRequest: async (request, reply) => {
				if (hasBearer(request, context.bridgeToken)) return;
				context.events.refused("UNAUTHENTICATED");
				const refusal = new Refusal("UNAUTHENTICATED", "the bridge's token is missing or wrong");
				const error = toConnectError(refusal, Code.Unauthenticated);
				return reply
					.code(401)
					.header("connection", "close")
					.type("application/json")
					.send(Buffer.from(errorToJsonBytes(error, undefined)));
			},
			handler: (request, reply) => {
				reply.hijack();
				handle(request.raw, reply.raw);
			},
		});
	});
}

function toConnectError(refusal: Refusal, code: Code): ConnectError {
	return new ConnectError(refusal.message, code, undefined, [
		{ desc: ErrorDetailSchema, value: toErrorDetail(refusal) },
	]);
}
