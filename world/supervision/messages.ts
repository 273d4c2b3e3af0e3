/** What the world and the service processes say to each other over their channel. */

/** To a service process. It waits, its code loaded, until it is told to serve. */
export type ToService =
	/** `options` are the service's own; `clockOffsetMs` is how far the world's clock is ahead of the machine's. */
	| { readonly kind: "serve"; readonly options: unknown; readonly clockOffsetMs: number }
	| { readonly kind: "advance"; readonly ms: number; readonly id: number }
	/** The code that `ask-code` asked for. */
	| { readonly kind: "code"; readonly id: number; readonly code: string }
	/** Asks the service to do something that only its own process can. */
	| { readonly kind: "call"; readonly id: number; readonly name: string }
	| { readonly kind: "stop" };

/** From a service process. */
export type FromService =
	/** It answers; `facts` are the service's own. */
	| { readonly kind: "ready"; readonly facts: unknown }
	| ServiceEvent
	/** A service that registers a number of its own wants the next code that goes there. */
	| { readonly kind: "ask-code"; readonly phone: string; readonly id: number }
	| { readonly kind: "advanced"; readonly id: number }
	| { readonly kind: "called"; readonly id: number; readonly value?: unknown; readonly error?: string };

/** What a service tells while it runs. */
export type ServiceEvent =
	/** A verification code went out: for the sandbox, which has no telephone. */
	{ readonly kind: "code"; readonly phone: string; readonly code: string };
