/** The business's templates: registered with the messenger, and kept here with what only the gateway knows of them. */
import { randomInt } from "node:crypto";
import type { TemplateView } from "@troth/client";
import type { Selectable } from "kysely";
import type { GatewayContext } from "../context.ts";
import type { TemplateStatus, TemplateTable } from "../records/schema.ts";

export type StoredTemplate = Selectable<TemplateTable>;

export interface NewTemplate {
	/** Lower-case letters, digits and `_`. */
	readonly name: string;
	/** Like `en_US`. */
	readonly language: string;
	readonly purpose: TemplateTable["purpose"];
	/** With `{{1}}`, `{{2}}`, … for the variables. */
	readonly body: string;
	/** APPROVED where it is left out. */
	readonly status?: TemplateStatus;
}

/**
 * Registers a template, or a new version of it where its text changed, and keeps its status. Rejects with the
 * messenger's Refusal: FORBIDDEN while the operator has not approved the business, MALFORMED.
 */
export async function putTemplate(
	{ device, records }: GatewayContext,
	{ name, language, purpose, body, status = "APPROVED" }: NewTemplate,
): Promise<StoredTemplate> {
	const before = await findTemplate(records, name, language);
	const same = before?.purpose === purpose && before.body === body;
	const id = before?.id ?? randomInt(10 ** 14, 2 ** 48 - 1).toString();
	const version = before === undefined ? 1 : before.version + (same ? 0 : 1);
	const stored: StoredTemplate = { id, version, name, language, purpose, status, body };
	await device.putTemplate(viewTemplate(stored));
	await records
		.insertInto("template")
		.values(stored)
		.onConflict((conflict) => conflict.column("id").doUpdateSet({ version, purpose, status, body }))
		.execute();
	return stored;
}

export async function findTemplate(
	records: GatewayContext["records"],
	name: string,
	language: string,
): Promise<StoredTemplate | undefined> {
	return records
		.selectFrom("template")
		.selectAll()
		.where("name", "=", name)
		.where("language", "=", language)
		.executeTakeFirst();
}

/** As devices know it. */
export function viewTemplate({ id, version, name, language, purpose, body }: StoredTemplate): TemplateView {
	return { id, version, name, language, purpose, body };
}
