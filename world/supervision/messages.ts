/** What the world and the service processes say to each other over their channel. */

/** To a service process. It waits, its code loaded, until it is told to serve. */
export type ToService =
	/** `options` are the service's own; `clockOffsetMs` is how far the world's clock is ahead of the machine's. */
	| { readonly kind: "serve"; readonly options: unknown; readonly clockOffsetMs: number }
	| { readonly kind: "advance"; readonly ms: number; readonly id: number }
	| { readonly kind: "stop" };

/** From a service process. */
export type FromService =
	/** It answers; `facts` are the service's own. */
	| { readonly kind: "ready"; readonly facts: unknown }
	| ServiceEvent
	| { readonly kind: "advanced"; readonly id: number };

/** What a service tells while it runs. */
export type ServiceEvent =
	/** A verification code went out: for the sandbox, which has no telephone. */
	{ readonly kind: "code"; readonly phone: string; readonly code: string };
