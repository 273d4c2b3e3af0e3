/** What an endpoint is: a function from a request, and the session it came with, to an answer. */
import type { DescMethodUnary, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { Caller, MessengerContext, Session } from "../context.ts";

/** One row of the method table. `call` rejects with Refusal; anything else it throws is a defect. */
export interface Route {
	readonly method: DescMethodUnary;
	/** Without a valid token the request is refused before its body is read. */
	readonly needsSession: boolean;
	call(context: MessengerContext, request: unknown, session: Session | undefined, caller: Caller): Promise<unknown>;
}

/** A method that anybody may call. */
export function open<M extends DescMethodUnary>(
	method: M,
	endpoint: (
		context: MessengerContext,
		request: MessageShape<M["input"]>,
		caller: Caller,
	) => MessageInitShape<M["output"]> | Promise<MessageInitShape<M["output"]>>,
): Route {
	return {
		method,
		needsSession: false,
		call: async (context, request, _session, caller) => endpoint(context, request as MessageShape<M["input"]>, caller),
	};
}

/** A method for devices that are logged in. */
export function withSession<M extends DescMethodUnary>(
	method: M,
	endpoint: (
		context: MessengerContext,
		request: MessageShape<M["input"]>,
		session: Session,
	) => MessageInitShape<M["output"]> | Promise<MessageInitShape<M["output"]>>,
): Route {
	return {
		method,
		needsSession: true,
		call: async (context, request, session) => {
			if (session === undefined) throw new TypeError(`${method.name} was called without a session`);
			return endpoint(context, request as MessageShape<M["input"]>, session);
		},
	};
}
