import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	type AccountId,
	type GetTemplateRequest,
	type GetTemplateResponseSchema,
	Refusal,
	readId,
} from "@troth/protocol";
import type { MessengerContext } from "../context.ts";

/** One version of a business's template, as it was registered. Refuses with MALFORMED, NOT_FOUND. */
export async function getTemplate(
	{ records }: MessengerContext,
	{ businessAccount, templateId, version }: GetTemplateRequest,
): Promise<MessageInitShape<typeof GetTemplateResponseSchema>> {
	const business = readId<AccountId>(businessAccount);
	if (business === undefined) throw new Refusal("MALFORMED", "account ids have 16 bytes");
	const row = await records
		.selectFrom("business_template")
		.select(["template_id", "version", "name", "language", "category", "body"])
		.where("business_id", "=", business)
		.where("template_id", "=", templateId)
		.where("version", "=", version)
		.executeTakeFirst();
	if (row === undefined) throw new Refusal("NOT_FOUND", "no such template");
	const { template_id: id, ...template } = row;
	return { template: { id, ...template } };
}
