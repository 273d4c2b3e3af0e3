/** Paths outside the Connect services (whose paths come from their schemas). */
export const ROUTES = {
	stream: "/stream",
	health: "/healthz",
	sandboxClock: "/sandbox/clock",
	sandboxSms: "/sandbox/sms",
	sandboxKnows: "/sandbox/knows",
} as const;
