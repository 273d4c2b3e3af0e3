/** The templates that the sandbox's business has (contract of the sandbox). */
import type { NewTemplate } from "./templates.ts";

export const SAMPLE_TEMPLATES = {
	utility: {
		name: "order_update",
		language: "en_US",
		purpose: "utility",
		body: "Your order {{1}} is on its way and arrives {{2}}.",
	},
	marketing: {
		name: "spring_offer",
		language: "en_US",
		purpose: "marketing",
		body: "Spring is here, and with it an offer for you: {{1}}. Reply to learn more.",
	},
	paused: {
		name: "paused_notice",
		language: "en_US",
		purpose: "utility",
		body: "This notice is paused.",
		status: "PAUSED",
	},
} as const satisfies Record<string, NewTemplate>;
