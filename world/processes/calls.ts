/** What the world asks the processes to do, by name. Apart from their code, which starts them when it is loaded. */

/** What the world asks of it; each is safe to repeat. */
export const GATEWAY_CALLS = {
	/** Registers the sample templates. The operator has to have approved the business. */
	putTemplates: "put-templates",
	/** Gives the id of the newest message that somebody wrote to the business. */
	lastInbound: "last-inbound",
} as const;
