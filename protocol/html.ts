/** Pages as text: everything that is put into a template is escaped, except what is already `Html`. */

/** Text that may stand in a page as it is. Made by `html` only. */
export class Html {
	readonly text: string;

	/** Use `html`; this trusts its argument. */
	constructor(text: string) {
		this.text = text;
	}

	toString(): string {
		return this.text;
	}
}

export type HtmlValue = Html | string | number | false | null | undefined | readonly HtmlValue[];

/**
 * A piece of a page. Values are escaped for text and for attributes in double quotes; lists are joined; `false`, `null`
 * and `undefined` are nothing. Never put a value into an unquoted attribute, a URL's scheme, a style or a script.
 */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
	let text = parts[0] ?? "";
	values.forEach((value, index) => {
		text += rendered(value) + (parts[index + 1] ?? "");
	});
	return new Html(text);
}

function rendered(value: HtmlValue): string {
	if (value instanceof Html) return value.text;
	if (value === false || value === null || value === undefined) return "";
	if (isList(value)) return value.map(rendered).join("");
	return String(value).replaceAll(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function isList(value: HtmlValue): value is readonly HtmlValue[] {
	return Array.isArray(value);
}
