/** The `template` object of a message, and what becomes of it with the template that it names. */
import type { BusinessMessage } from "@troth/client";
import { countVariables, renderTemplate } from "@troth/client/content/template.ts";
import * as v from "valibot";
import { type StoredTemplate, viewTemplate } from "../templates/templates.ts";
import { CloudError } from "./errors.ts";
import { INSIDE, readBody } from "./read-body.ts";

export interface TemplateRequest {
	readonly kind: "template";
	readonly name: string;
	readonly language: string;
	readonly components: readonly v.InferOutput<typeof Component>[];
}

/** Clients write component types in any case, and indexes as numbers or strings. */
const Lower = v.pipe(v.string(), v.toLowerCase());
const Parameter = v.looseObject({ type: Lower, parameter_name: v.optional(v.string()) });
const Component = v.object({ type: Lower, parameters: v.optional(v.array(Parameter), []) });
const Template = v.object({
	name: v.string(),
	language: v.object({ code: v.string() }),
	components: v.optional(v.array(Component), []),
});

/** The longest text a template may make. */
const LONGEST_TEXT = 4096;

/** Throws CloudError 131008, 131009. */
export function readTemplateRequest(value: unknown): TemplateRequest {
	const { name, language, components } = readBody(Template, value, INSIDE, "template");
	return { kind: "template", name, language: language.code, components };
}

/** The message, without its receipt. Throws CloudError 132000, 132001, 132005, 132012, 132015, 132016. */
export function fillTemplate(
	{ components }: TemplateRequest,
	template: StoredTemplate | undefined,
): Extract<BusinessMessage, { kind: "template" }> {
	if (template === undefined) throw new CloudError(132001, "no template has this name in this language");
	if (template.status === "PAUSED") throw new CloudError(132015, "the template is paused");
	if (template.status === "DISABLED") throw new CloudError(132016, "the template is disabled");
	const others = components.filter(({ type, parameters }) => type !== "body" && parameters.length > 0);
	if (others.length > 0) throw new CloudError(132012, "the template has a body and no other component");
	const variables = components.flatMap(({ parameters }) => parameters.map(readParameter));
	const expected = countVariables(template.body);
	if (variables.length !== expected)
		throw new CloudError(
			132000,
			`body: number of localizable_params (${variables.length}) does not match the expected number of params (${expected})`,
		);
	if (renderTemplate(template.body, variables).length > LONGEST_TEXT)
		throw new CloudError(132005, `the text is longer than ${LONGEST_TEXT} characters`);
	return { kind: "template", template: viewTemplate(template), variables, consentId: undefined };
}

const Words = v.object({ text: v.string() });
const Fallback = v.object({ fallback_value: v.string() });

/** Positional text; amounts and dates as the text that the business gave for readers that can not format them. */
function readParameter(parameter: v.InferOutput<typeof Parameter>): string {
	if (parameter.parameter_name !== undefined)
		throw new CloudError(132012, "the template's parameters are positional, not named");
	switch (parameter.type) {
		case "text":
			return readBody(Words, parameter, INSIDE, "template.components.parameters").text;
		case "currency":
		case "date_time":
			return readBody(Fallback, parameter[parameter.type], INSIDE, `template.components.parameters.${parameter.type}`)
				.fallback_value;
		default:
			throw new CloudError(132012, "the template's parameters are texts");
	}
}
