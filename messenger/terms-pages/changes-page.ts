/** `/terms/{version}/changes`: what is different from the version before, in the data and in the words. */
import type { CompiledPurpose, Policy, PolicyText } from "@troth/bridge";
import { compareTerms } from "@troth/protocol/compare-terms.ts";
import { type Html, html } from "@troth/protocol/html.ts";
import { documentHtml } from "./documents.ts";
import { type Page, versionHead } from "./frame.ts";
import type { VersionView } from "./version-view.ts";
import { basisWords, daysWords, fieldWords, listWords } from "./words.ts";

export function changesPage(view: VersionView): Page {
	const { policy, before } = view;
	return {
		title: `What changed with version ${policy.version}`,
		description: `Paragraph by paragraph: what version ${policy.version} of the terms added and removed.`,
		body: html`${versionHead(view, "/changes")}
${
	before === undefined
		? html`<p class="nothing">This is the first version that was published here. There is none to compare it with.</p>`
		: differenceHtml(view, before.policy)
}`,
	};
}

/** Also of a version that is not published yet. */
export function differenceHtml({ policy, text }: Pick<VersionView, "policy" | "text">, before: Policy): Html {
	const old = before.text(text.locale);
	const inData = purposeChanges(before, policy, old, text);
	return html`<p class="lead">Compared with <a href="/terms/${before.version}">version ${before.version}</a>. What is the same in both is left out.</p>
<section aria-labelledby="data"><h2 id="data">In what is shared</h2>
${
	inData.length === 0
		? html`<p class="nothing">Nothing: the same purposes, fields, recipients and times, in the same words. An answer given before goes on.</p>`
		: html`<ul class="plain">${inData.map(({ kind, title, text: said }) => part(kind, html`<p><strong>${title}</strong> ${said}</p>`, text.locale))}</ul>`
}</section>
${compareTerms(old, text).map(
	({
		id,
		title,
		parts,
	}) => html`<section aria-labelledby="difference-${id}"><h2 id="difference-${id}" lang="${text.locale}">In “${title}”</h2>
${
	parts.length === 0
		? html`<p class="nothing">Nothing: every paragraph is the same.</p>`
		: html`<ul class="plain">${parts.map(({ kind, text: paragraph }) => part(kind === "removed" ? "removed" : "added", documentHtml(paragraph, 1), text.locale))}</ul>`
}</section>`,
)}`;
}

const LABELS = { added: "New", removed: "Gone", changed: "Changed" } as const;

function part(kind: keyof typeof LABELS, content: Html, locale: string): Html {
	return html`<li class="part ${kind}"><p class="label">${LABELS[kind]}</p><div lang="${locale}">${content}</div></li>`;
}

export interface PurposeChange {
	readonly kind: "added" | "removed" | "changed";
	readonly title: string;
	/** A sentence. */
	readonly text: string;
}

/** What of the purposes is new, gone or otherwise. A purpose whose hash is the same is the same. */
export function purposeChanges(
	before: Policy,
	after: Policy,
	beforeText: PolicyText = before.text(before.file.referenceLocale),
	afterText: PolicyText = after.text(after.file.referenceLocale),
): readonly PurposeChange[] {
	const title = (text: PolicyText, id: string) => text.purposes?.[id]?.title ?? id;
	const gone = [...before.purposes.values()].filter(({ id }) => !after.purposes.has(id));
	return [
		...[...after.purposes.values()].flatMap((now): readonly PurposeChange[] => {
			const old = before.purposes.get(now.id);
			if (old === undefined) return [{ kind: "added", title: title(afterText, now.id), text: describe(after, now) }];
			if (old.hash === now.hash) return [];
			const what = whatChanged(before, old, after, now);
			const text = `${what === "" ? "Said in other words." : what} An answer to the old purpose does not count for this one.`;
			return [{ kind: "changed", title: title(afterText, now.id), text }];
		}),
		...gone.map(({ id }) => ({
			kind: "removed" as const,
			title: title(beforeText, id),
			text: "Nothing is shared for this any more, and what was shared is called back.",
		})),
	];
}

function describe(policy: Policy, purpose: CompiledPurpose): string {
	const what = listWords(purpose.fields.map(fieldWords));
	const ground = basisWords(purpose.basis);
	return `${what} to ${names(policy, purpose)}; ground: ${ground}; kept at most ${daysWords(purpose.retentionDays)}.`;
}

function whatChanged(before: Policy, old: CompiledPurpose, after: Policy, now: CompiledPurpose): string {
	const pairs: readonly (readonly [string, string, string])[] = [
		["What", listWords(old.fields.map(fieldWords)), listWords(now.fields.map(fieldWords))],
		["To whom", names(before, old), names(after, now)],
		["Ground", basisWords(old.basis), basisWords(now.basis)],
		["Kept at most", daysWords(old.retentionDays), daysWords(now.retentionDays)],
		["Waits after acceptance", daysWords(old.embargoDays ?? 0), daysWords(now.embargoDays ?? 0)],
	];
	return pairs
		.filter(([, was, is]) => was !== is)
		.map(([head, was, is]) => `${head}: ${was} → ${is}.`)
		.join(" ");
}

function names({ file }: Policy, { recipientSet }: CompiledPurpose): string {
	return listWords(file.recipients.filter(({ id }) => recipientSet.has(id)).map(({ name }) => name));
}
