/** Templates as the server keeps them: registered by businesses, fetched by those who get messages made from them. */
import { type AccountId, idBytes, isRefusal, type Template } from "@troth/protocol";
import { categoryOf, purposeOf } from "../content/business-header.ts";
import type { TemplateView } from "../device/business-api.ts";
import type { DeviceContext } from "../device/context.ts";
import type { Rpc } from "../sync/rpc.ts";

/** Which version of which template: what a message points to. */
export interface TemplateAddress {
	readonly business: AccountId;
	readonly id: string;
	readonly version: number;
}

export function addressKey({ business, id, version }: TemplateAddress): string {
	return `${business}/${id}/${version}`;
}

/** The template, undefined where the business never registered it. Rejects with a Refusal where it can not be asked. */
export async function fetchTemplate(rpc: Rpc, address: TemplateAddress): Promise<TemplateView | undefined> {
	try {
		const { business, id, version } = address;
		const request = { businessAccount: idBytes(business), templateId: id, version };
		const { template } = await rpc.businesses.getTemplate(request);
		return template === undefined ? undefined : viewTemplate(address, template);
	} catch (error) {
		if (isRefusal(error, "NOT_FOUND", "MALFORMED")) return undefined;
		throw error;
	}
}

/** What came, if it is what was asked for. */
function viewTemplate({ id, version }: TemplateAddress, template: Template): TemplateView | undefined {
	const purpose = purposeOf(template.category);
	if (template.id !== id || template.version !== version || purpose === undefined) return undefined;
	const { name, language, body } = template;
	return { id, version, name, language, purpose, body };
}

export async function putTemplate({ rpc }: DeviceContext, template: TemplateView): Promise<void> {
	const { id, version, name, language, purpose, body } = template;
	await rpc.businesses.putTemplate({ template: { id, version, name, language, category: categoryOf(purpose), body } });
}
