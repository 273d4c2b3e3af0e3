import type { MessageInitShape } from "@bufbuild/protobuf";
import { type PutTemplateRequest, type PutTemplateResponseSchema, Refusal } from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";
import { requireBusiness } from "./require-business.ts";
import { readTemplate } from "./template.ts";

/** Registers a template of the calling business. Refuses with FORBIDDEN, MALFORMED. */
export async function putTemplate(
	context: MessengerContext,
	request: PutTemplateRequest,
	session: Session,
): Promise<MessageInitShape<typeof PutTemplateResponseSchema>> {
	requireBusiness(context, session);
	const fields = readTemplate(request.template);
	await context.records.transaction().execute(async (transaction) => {
		const before = await transaction
			.selectFrom("business_template")
			.select(["name", "language", "category", "body"])
			.where("business_id", "=", session.account)
			.where("template_id", "=", fields.template_id)
			.where("version", "=", fields.version)
			.executeTakeFirst();
		if (before !== undefined) {
			const { name, language, category, body } = before;
			const same = name === fields.name && language === fields.language;
			if (same && category === fields.category && body === fields.body) return;
			// Messages point to it, and have to look the same for ever.
			throw new Refusal("MALFORMED", "this version is registered with another text: register a higher one");
		}
		await transaction
			.insertInto("business_template")
			.values({ ...fields, business_id: session.account, registered_at_ms: context.clock.now() })
			.execute();
	});
	return {};
}
