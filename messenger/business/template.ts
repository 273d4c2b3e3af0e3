/** What a template has to look like before people's devices are asked to render it. */
import { Refusal, type Template } from "@troth/protocol";
import { knownCategory } from "./category-rule.ts";
import type { BusinessTemplateTable } from "./tables.ts";

const BODY_CHARACTERS = 1024;
const VARIABLE = /\{\{(\d{1,2})\}\}/g;

type Fields = Pick<BusinessTemplateTable, "template_id" | "version" | "name" | "language" | "category" | "body">;

/** The template's columns. Refuses with MALFORMED, naming the field. */
export function readTemplate(template: Template | undefined): Fields {
	if (template === undefined) throw malformed("a template is missing");
	const { id, version, name, language, body } = template;
	const category = knownCategory(template.category);
	if (!/^[1-9]\d{0,15}$/.test(id)) throw malformed("the id is not 1 to 16 decimal digits");
	if (version < 1) throw malformed("versions begin with 1");
	if (!/^[a-z0-9_]{1,512}$/.test(name)) throw malformed("the name is not lower-case letters, digits and _");
	if (!/^[a-z]{2,3}(_[A-Z]{2})?$/.test(language)) throw malformed("the language is not one like en_US");
	if (category === undefined) throw malformed("the category is missing");
	if (body === "" || [...body].length > BODY_CHARACTERS)
		throw malformed(`the body has not 1 to ${BODY_CHARACTERS} characters`);
	if (!isContiguous(body)) throw malformed("the variables are not numbered from 1 without a hole");
	return { template_id: id, version, name, language, category, body };
}

function isContiguous(body: string): boolean {
	const numbers = new Set([...body.matchAll(VARIABLE)].map((match) => Number(match[1])));
	return [...numbers].every((number) => number >= 1 && number <= numbers.size);
}

function malformed(message: string): Refusal {
	return new Refusal("MALFORMED", message);
}
