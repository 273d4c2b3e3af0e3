/** The server's Connect services as a device calls them: with its token, and with refusals instead of Connect errors. */
import { type Client, Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import {
	AboutMeService,
	AbuseService,
	AccountService,
	ArchiveService,
	BlobService,
	BusinessService,
	ConversationService,
	ErrorDetailSchema,
	FindingService,
	fromErrorDetail,
	KeyService,
	LinkingService,
	PresenceService,
	ProfileService,
	PushService,
	Refusal,
	type RefusalCode,
	RegistrationService,
	ServerService,
	SessionService,
	SharingService,
	TermsService,
} from "@troth/protocol";

export interface Rpc {
	readonly server: Client<typeof ServerService>;
	readonly registration: Client<typeof RegistrationService>;
	readonly sessions: Client<typeof SessionService>;
	readonly accounts: Client<typeof AccountService>;
	readonly keys: Client<typeof KeyService>;
	readonly linking: Client<typeof LinkingService>;
	readonly presence: Client<typeof PresenceService>;
	readonly push: Client<typeof PushService>;
	readonly terms: Client<typeof TermsService>;
	readonly sharing: Client<typeof SharingService>;
	readonly conversations: Client<typeof ConversationService>;
	readonly blobs: Client<typeof BlobService>;
	readonly archives: Client<typeof ArchiveService>;
	readonly businesses: Client<typeof BusinessService>;
	readonly abuse: Client<typeof AbuseService>;
	readonly profiles: Client<typeof ProfileService>;
	readonly aboutMe: Client<typeof AboutMeService>;
	readonly finding: Client<typeof FindingService>;
}

export interface RpcOptions {
	/** The server's address, e.g. "http://127.0.0.1:7000". */
	readonly server: string;
	readonly fetch: typeof fetch;
	/** A bearer token for calls that need one; `stale` is one the server no longer took. Absent before registration. */
	readonly token?: (stale: string | undefined) => Promise<string>;
}

const TIMEOUT_MS = 30_000;
/** Services that are called before there is a session, or to get one. */
const OPEN_SERVICES: ReadonlySet<string> = new Set([
	ServerService.typeName,
	RegistrationService.typeName,
	SessionService.typeName,
]);

/** Clients for all services. Every method rejects with a Refusal; no answer at all is UNAVAILABLE. */
export function createRpc({ server, fetch, token }: RpcOptions): Rpc {
	const authorize: Interceptor = (next) => async (request) => {
		if (token === undefined || OPEN_SERVICES.has(request.service.typeName)) return next(request);
		const first = await token(undefined);
		request.header.set("authorization", `Bearer ${first}`);
		try {
			return await next(request);
		} catch (error) {
			if (toRefusal(error).code !== "UNAUTHENTICATED") throw error;
			request.header.set("authorization", `Bearer ${await token(first)}`);
			return next(request);
		}
	};
	const transport = createConnectTransport({
		baseUrl: server,
		useBinaryFormat: true,
		fetch,
		defaultTimeoutMs: TIMEOUT_MS,
		interceptors: [authorize],
	});
	return {
		server: refusing(createClient(ServerService, transport)),
		registration: refusing(createClient(RegistrationService, transport)),
		sessions: refusing(createClient(SessionService, transport)),
		accounts: refusing(createClient(AccountService, transport)),
		keys: refusing(createClient(KeyService, transport)),
		linking: refusing(createClient(LinkingService, transport)),
		presence: refusing(createClient(PresenceService, transport)),
		push: refusing(createClient(PushService, transport)),
		terms: refusing(createClient(TermsService, transport)),
		sharing: refusing(createClient(SharingService, transport)),
		conversations: refusing(createClient(ConversationService, transport)),
		blobs: refusing(createClient(BlobService, transport)),
		archives: refusing(createClient(ArchiveService, transport)),
		businesses: refusing(createClient(BusinessService, transport)),
		abuse: refusing(createClient(AbuseService, transport)),
		profiles: refusing(createClient(ProfileService, transport)),
		aboutMe: refusing(createClient(AboutMeService, transport)),
		finding: refusing(createClient(FindingService, transport)),
	};
}

/** The same client, rejecting with refusals. */
function refusing<T extends object>(client: T): T {
	return new Proxy(client, {
		get(target, name, receiver) {
			const method: unknown = Reflect.get(target, name, receiver);
			if (typeof method !== "function") return method;
			return async (...args: readonly unknown[]) => {
				try {
					return await method.apply(target, args);
				} catch (error) {
					throw toRefusal(error);
				}
			};
		},
	});
}

const BY_CONNECT_CODE: Partial<Record<Code, RefusalCode>> = {
	[Code.InvalidArgument]: "MALFORMED",
	[Code.NotFound]: "NOT_FOUND",
	[Code.Unimplemented]: "NOT_FOUND",
	[Code.PermissionDenied]: "FORBIDDEN",
	[Code.Unauthenticated]: "UNAUTHENTICATED",
	[Code.ResourceExhausted]: "RATE_LIMITED",
	[Code.Internal]: "INTERNAL",
};

/** What any failed call means: the refusal in its details, or the nearest one where there are none. */
export function toRefusal(error: unknown): Refusal {
	if (error instanceof Refusal) return error;
	const connect = ConnectError.from(error);
	if (connect.cause instanceof Refusal) return connect.cause;
	const detail = connect.findDetails(ErrorDetailSchema)[0];
	if (detail !== undefined) return fromErrorDetail(detail);
	return new Refusal(BY_CONNECT_CODE[connect.code] ?? "UNAVAILABLE", "the server gave no answer", { cause: error });
}
