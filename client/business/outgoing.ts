/** What is sent becomes what lies in the outbox: a person's text as it is, a business's message with its header. */
import { Refusal } from "@troth/protocol";
import type { BusinessHeader } from "../content/business-header.ts";
import { countVariables, renderTemplate, templateCommitment } from "../content/template.ts";
import type { BusinessMark, BusinessMessage } from "../device/business-api.ts";

/** Kept with a message of a business until it is sealed. */
export interface OutgoingBusiness {
	readonly header: BusinessHeader;
	readonly template:
		| { readonly id: string; readonly version: number; readonly variables: readonly string[] }
		| undefined;
}

export interface PreparedMessage {
	readonly text: string;
	/** How the row is shown, and what goes out beside the text; undefined for a person's message. */
	readonly business: { readonly shown: BusinessMark; readonly outgoing: OutgoingBusiness } | undefined;
}

/** Refuses with MALFORMED where template and variables do not fit. */
export function prepareMessage(message: string | BusinessMessage): PreparedMessage {
	if (typeof message === "string") return { text: message, business: undefined };
	if (message.kind === "service") {
		const header = { purpose: message.kind, consentId: undefined, commitment: undefined } as const;
		const shown = { purpose: message.kind, consentId: undefined, template: undefined } as const;
		return { text: message.text, business: { shown, outgoing: { header, template: undefined } } };
	}
	const { template, variables, consentId } = message;
	const { id, version, name, purpose } = template;
	if (purpose === "service" || countVariables(template.body) !== variables.length)
		throw new Refusal("MALFORMED", "the template takes another number of variables, or is for free text");
	return {
		text: renderTemplate(template.body, variables),
		business: {
			shown: { purpose, consentId, template: { id, version, name } },
			outgoing: {
				header: { purpose, consentId, commitment: templateCommitment(template, variables) },
				template: { id, version, variables },
			},
		},
	};
}
