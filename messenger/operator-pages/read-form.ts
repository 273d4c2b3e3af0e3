/** Forms as browsers send them. */
import type { FastifyInstance, FastifyRequest } from "fastify";

/** A policy file with its texts, and then some. */
const FORM_BYTES = 2 * 1024 * 1024;

/** What was filled in; files as their text, under their names. */
export type Form = ReadonlyMap<string, string>;

/** Has this scope take forms, with files or without, and nothing else. */
export function takeForms(scope: FastifyInstance): void {
	scope.removeAllContentTypeParsers();
	for (const type of ["application/x-www-form-urlencoded", "multipart/form-data"])
		scope.addContentTypeParser(type, { parseAs: "buffer", bodyLimit: FORM_BYTES }, (_request, body, done) =>
			done(null, body),
		);
}

/** Empty where there is none, or it can not be read. */
export async function readForm({ headers, body }: FastifyRequest): Promise<Form> {
	const type = headers["content-type"];
	if (type === undefined || !(body instanceof Uint8Array)) return new Map();
	const form = new Map<string, string>();
	try {
		const response = new Response(new Uint8Array(body), { headers: { "content-type": type } });
		for (const [name, value] of await response.formData())
			form.set(name, typeof value === "string" ? value : await value.text());
	} catch {
		return new Map();
	}
	return form;
}
