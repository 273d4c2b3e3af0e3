/** The contract's own services for the embedded pages, over Connect: what a device asks of a messenger, they ask here. */
import type { IncomingMessage } from "node:http";
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	Code,
	ConnectError,
	type ConnectRouter,
	createContextKey,
	createContextValues,
	type HandlerContext,
} from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import {
	AbuseService,
	type AccountLimitSchema,
	ErrorDetailSchema,
	idBytes,
	LIMITS,
	Refusal,
	type RefusalCode,
	ServerService,
	SharingService,
	TermsService,
	toErrorDetail,
} from "@troth/protocol";
import type { FastifyInstance } from "fastify";
import type { AskingContext } from "../../asking/context.ts";
import { standingOf } from "../../asking/describe-standing.ts";
import { describeVersion } from "../../asking/describe-version.ts";
import { recordAcceptance } from "../../asking/record-acceptance.ts";
import { recordDecision } from "../../asking/record-decision.ts";
import { recordNotice } from "../../asking/record-notice.ts";
import { shareKeyOf } from "../../consent/share-key.ts";
import type { BesideContext } from "../context.ts";
import { type Labelled, labelsOf, objectTo } from "../host/objections.ts";
import { learnFact } from "../host/renew.ts";
import { type BrowserSession, sessionOf, speakerOf } from "../people/browsers.ts";
import { claimRoot } from "../people/consent-root.ts";
import { describeServer } from "./describe-server.ts";

const AUTHORIZATION = createContextKey<string | undefined>(undefined);

export function serveRpc(app: FastifyInstance, context: BesideContext): void {
	const handle = connectNodeAdapter({
		readMaxBytes: LIMITS.rpcBytes,
		grpc: false,
		grpcWeb: false,
		contextValues: ({ headers }) => createContextValues().set(AUTHORIZATION, headers.authorization),
		routes: (router) => addRoutes(router, context),
	});
	app.register(async (scope) => {
		// The adapter reads the body itself.
		scope.removeAllContentTypeParsers();
		scope.addContentTypeParser("*", (_request, _body, done) => done(null));
		for (const { typeName } of [ServerService, TermsService, SharingService, AbuseService])
			scope.all(`/${typeName}/*`, async (request, reply) => {
				reply.hijack();
				handle(request.raw as IncomingMessage, reply.raw);
			});
	});
}

function addRoutes(router: ConnectRouter, context: BesideContext): void {
	const asking = askingOf(context);
	const { terms, events, door } = context;
	const as = <Value>({ values }: HandlerContext, work: (session: BrowserSession) => Promise<Value>): Promise<Value> =>
		answering(context, async () => work(await sessionOf(context, values.get(AUTHORIZATION))));
	router.service(ServerService, { getServerInfo: () => describeServer(context) });
	router.service(TermsService, {
		getTerms: (request) => answering(context, async () => describeVersion(terms, request)),
		acceptTerms: (request, call) =>
			as(call, async (session) => {
				const { version, acceptedAtMs } = await recordAcceptance(asking, request, speakerOf(session));
				events.termsAccepted(version);
				return { acceptedAtMs: BigInt(acceptedAtMs) };
			}),
	});
	router.service(AbuseService, {
		getLimits: (_request, call) =>
			as(call, async ({ account }) => ({ limits: (await labelsOf(context, account)).map(describeLabel) })),
		objectToAction: ({ purpose }, call) =>
			as(call, async ({ account }) => ({ objectedAtMs: BigInt(await objectTo(context, account, purpose)) })),
	});
	router.service(SharingService, {
		getStanding: (_request, call) =>
			as(call, async ({ account }) => ({
				standing: await standingOf(asking, { account }),
				shareKey: await shareKeyOf(asking.records, account, context.clock.now()),
			})),
		confirmNotice: (request, call) =>
			as(call, async (session) => {
				events.noticeDisplayed(await recordNotice(asking, request, speakerOf(session)));
				return { standing: await standingOf(asking, session) };
			}),
		decidePurposes: (request, call) =>
			as(call, async (session) => {
				if (request.grants.length > 0) await claimRoot(context.records, session);
				const decided = await recordDecision(asking, request, speakerOf(session));
				const { receipt, standing, fresh, granted, refused } = decided;
				if (fresh) events.purposesDecided(granted, refused.length);
				if (fresh && granted > 0) await learnFact(context, session.account);
				return { standing, receipt };
			}),
		listShares: ({ afterN }, call) =>
			as(call, async ({ account }) => {
				try {
					const { shares, more } = await door.listAccountShares({ accountId: idBytes(account), afterN });
					return { shares, more };
				} catch (error) {
					events.failed("list-shares", error);
					throw new Refusal("UNAVAILABLE", "the door does not answer now", { cause: error });
				}
			}),
	});
}

function describeLabel({ purpose, values, ...label }: Labelled): MessageInitShape<typeof AccountLimitSchema> {
	return {
		...{ purpose, label: values.label ?? "", scoreClass: values.score_class ?? "", caseId: values.case_id ?? "" },
		...{ sinceMs: BigInt(label.toldSinceMs), canObject: label.canObject },
		objectedAtMs: BigInt(label.objectedAtMs ?? 0),
	};
}

/** The service as the asking of people sees it. */
export function askingOf({ records, terms, clock, policyKey }: BesideContext): AskingContext {
	return { records: records as unknown as AskingContext["records"], terms, clock, policyKey };
}

const CODES: Partial<Record<RefusalCode, Code>> = {
	MALFORMED: Code.InvalidArgument,
	UNAUTHENTICATED: Code.Unauthenticated,
	FORBIDDEN: Code.PermissionDenied,
	NOT_FOUND: Code.NotFound,
	CONSENT_CONFLICT: Code.Aborted,
	UNAVAILABLE: Code.Unavailable,
	INTERNAL: Code.Internal,
};

/** What is not a refusal tells the caller nothing, and the operator everything. */
async function answering<Value>({ events }: BesideContext, work: () => Promise<Value>): Promise<Value> {
	try {
		return await work();
	} catch (error) {
		const refusal = error instanceof Refusal ? error : new Refusal("INTERNAL", "");
		if (!(error instanceof Refusal)) events.failed("rpc", error);
		events.refused(refusal.code);
		const detail = { desc: ErrorDetailSchema, value: toErrorDetail(refusal) };
		throw new ConnectError(refusal.message, CODES[refusal.code] ?? Code.FailedPrecondition, undefined, [detail]);
	}
}
