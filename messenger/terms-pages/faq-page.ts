/** `/terms/{version}/faq`: the questions people ask, answered from the data of the version. */
import { ABSENCE_WARNING_DAYS, TERMS_WINDOW_MS } from "@troth/bridge";
import { hasObjection } from "@troth/protocol";
import { type Html, html } from "@troth/protocol/html.ts";
import { WINDOW_DAYS } from "./announcement-page.ts";
import { type Page, versionHead, versionPath } from "./frame.ts";
import { isChoice, type PurposeView, purposesOf, type VersionView } from "./version-view.ts";
import { basisWords, daysWords, dayWords, fieldWords, identityWords, listWords, roleWords } from "./words.ts";

interface Answer {
	/** Stable: part of addresses. */
	readonly id: string;
	readonly question: string;
	readonly answer: Html;
}

/** @param absenceDays after which this server deletes suspended accounts that nobody comes to; 0 for never */
export function faqPage(view: VersionView, absenceDays: number): Page {
	const { policy } = view;
	const answers = answersOf(view, absenceDays);
	return {
		title: `Questions about version ${policy.version}`,
		description: `What is shared under version ${policy.version}, with whom, what a no stops and what not, and until when to answer.`,
		body: html`${versionHead(view, "/faq")}
<nav class="contents" aria-label="On this page"><ul>${answers.map(({ id, question }) => html`<li><a href="#${id}">${question}</a></li>`)}</ul></nav>
${answers.map(({ id, question, answer }) => html`<section id="${id}" class="answer"><h2>${question}</h2>${answer}</section>`)}`,
	};
}

function answersOf(view: VersionView, absenceDays: number): readonly Answer[] {
	const purposes = purposesOf(view);
	const choices = purposes.filter(isChoice);
	const residual = purposes.filter((one) => !isChoice(one));
	return [
		{ id: "what", question: "What is shared?", answer: whatIsShared(purposes, view) },
		{ id: "with-whom", question: "With whom?", answer: withWhom(purposes, view) },
		...(choices.length === 0
			? []
			: [
					{ id: "must-i", question: "Do I have to agree to the sharing?", answer: mustI(choices, view) },
					{ id: "a-no-stops", question: "What does a no stop?", answer: whatNoStops(choices, view) },
				]),
		...(purposes.length === 0
			? []
			: [{ id: "a-no-leaves", question: "What does a no not stop?", answer: whatNoLeaves(residual, view) }]),
		{ id: "until-when", question: "Until when must I answer?", answer: untilWhen(view) },
		{ id: "not-accepting", question: "What if I do not accept?", answer: notAccepting(view, absenceDays) },
		...(choices.length === 0
			? []
			: [{ id: "take-back", question: "How do I take a yes back?", answer: takeBack(choices) }]),
		{ id: "before", question: "What about data from before?", answer: fromBefore(view) },
		{ id: "never", question: "What is never shared?", answer: NEVER },
		{ id: "check", question: "How can I check all this?", answer: howToCheck(view, purposes.length > 0) },
	];
}

function titled({ words }: PurposeView, { text }: VersionView): Html {
	return html`<strong lang="${text.locale}">${words.title}</strong>`;
}

function whatIsShared(purposes: readonly PurposeView[], view: VersionView): Html {
	if (purposes.length === 0)
		return html`<p>Nothing. This version names no purpose, and only what it names can be shared.</p>`;
	return html`<p>For each purpose this, and nothing besides:</p><ul>${purposes.map(
		(one) =>
			html`<li>${titled(one, view)}: ${listWords(one.purpose.fields.map(fieldWords))}. It goes to ${namesOf(one)} and is ${kept(one)}.</li>`,
	)}</ul>`;
}

function kept({ purpose, identity }: PurposeView): string {
	const time = `kept for at most ${daysWords(purpose.retentionDays)} without a new share`;
	return identity === "none" || identity.endsWith("pseudonym")
		? `sent ${identityWords(identity)}, and ${time}`
		: `${identityWords(identity)}, and ${time}`;
}

function namesOf({ recipients }: PurposeView): string {
	return listWords(recipients.map(({ name }) => name));
}

function withWhom(purposes: readonly PurposeView[], { policy }: VersionView): Html {
	const { recipients } = policy.file;
	if (recipients.length === 0) return html`<p>With nobody. This version names no recipient.</p>`;
	return html`<dl>${recipients.map(({ id, name, role, contact }) => {
		const gets = purposes.filter(({ purpose }) => purpose.recipientSet.has(id)).map(({ words }) => `“${words.title}”`);
		const what =
			gets.length === 0 ? "It gets nothing under this version." : `It gets what is shared for ${listWords(gets)}.`;
		return html`<dt>${name}</dt><dd>It ${roleWords(role)}. ${what} You can write to it at ${contact}.</dd>`;
	})}</dl><p>With nobody else: a company that is not in this list gets nothing from this server.</p>`;
}

function mustI(choices: readonly PurposeView[], view: VersionView): Html {
	const on = choices.filter(({ purpose }) => purpose.initial === "on");
	const off = choices.filter(({ purpose }) => purpose.initial === "off");
	const embargo = Math.max(0, ...on.map(({ purpose }) => purpose.embargoDays ?? 0));
	return html`<p>No. Accepting the terms is one decision, each purpose is another, and the service is the same whatever you answer.</p>
<ul>${off.length > 0 && html`<li>Shown as off, and off unless you say yes: ${purposeList(off, view)}.</li>`}${
		on.length > 0 &&
		html`<li>Shown as on: ${purposeList(on, view)}. One touch turns them off, and nothing leaves for them in the first ${daysWords(embargo)} after you accept: who says no by then has shared nothing.</li>`
	}</ul>`;
}

function purposeList(purposes: readonly PurposeView[], view: VersionView): Html {
	return html`${purposes.map((one, at) => html`${at > 0 && ", "}${titled(one, view)}`)}`;
}

function whatNoStops(choices: readonly PurposeView[], view: VersionView): Html {
	return html`<p>Everything that this server shares for that purpose, from the next decision on. What was shared for it before is called back: the company deletes it and what it derived from it, and says so in its own log.</p>
<p>You can say no to each of these by itself: ${purposeList(choices, view)}.</p>`;
}

function whatNoLeaves(residual: readonly PurposeView[], view: VersionView): Html {
	const { recipients } = view.policy.file;
	return html`${
		residual.length === 0
			? html`<p>Nothing that comes from this server: every purpose of this version is a choice.</p>`
			: html`<p>These rest on another ground than your answer, with narrower data:</p><ul>${residual.map(
					(one) =>
						html`<li>${titled(one, view)}: ${listWords(one.purpose.fields.map(fieldWords))}, ${identityWords(one.identity)}, to ${namesOf(one)}. Ground: ${basisWords(one.purpose.basis)}. ${objectionSentence(one)}</li>`,
				)}</ul>`
	}<p>A no here does not reach what you tell ${listWords(recipients.map(({ name }) => name))} yourself, nor lists of their own customers that businesses bring there. Neither comes from this server.</p>`;
}

function objectionSentence({ purpose, identity }: PurposeView): Html {
	if (hasObjection(purpose))
		return html`You can object to it beforehand and at any time, in the settings under Sharing or with <code>troth consent withdraw ${purpose.id}</code>: it stops at once, and what was shared is called back.`;
	if (identity === "none") return html`It is about nobody, so that there is nobody to object.`;
	return purpose.objection
		? html`You can object to a limit on your account when there is one: nothing of it is shared until it was looked at again.`
		: html`There is no objection to it.`;
}

function untilWhen({ before, publishedAtMs, policy }: VersionView): Html {
	if (before === undefined)
		return html`<p>There is no date. It is the first version that was published here: you accept it when you register.</p>`;
	return html`<p>You have ${daysWords(WINDOW_DAYS)} to accept, from the moment at which the notice was first displayed on one of your devices. This version was published on ${dayWords(publishedAtMs)}, so for nobody does that end before ${dayWords(publishedAtMs + TERMS_WINDOW_MS)}. The app shows your own date. Who registers now accepts it at once.</p>
${policy.purposes.size > 0 && html`<p>The choices about sharing have no end. For ${daysWords(WINDOW_DAYS)} after you accept they stand at the top of the settings; after that they stay there.</p>`}`;
}

function notAccepting({ before }: VersionView, absenceDays: number): Html {
	if (before === undefined) return html`<p>Then you do not register, and nothing about you is kept.</p>`;
	return html`<p>Until your date nothing changes. After it you can not send messages or begin chats. You can still read what you have, get what others send for ${daysWords(WINDOW_DAYS)}, export everything, say no to sharing, and accept, which lifts this at once. Nobody's account is deleted for not accepting.</p>
<p>${
		absenceDays === 0
			? "An account that waits like this is kept on this server for as long as you leave it there."
			: `Where none of your devices comes for ${daysWords(absenceDays)} while it waits, the account is deleted, as if you had done it yourself: what nobody comes back to is not kept for ever. All of your devices are warned ${ABSENCE_WARNING_DAYS.map(daysWords).join(" and ")} before, and one of them coming puts it off. An account that accepted is kept, however long you are away.`
	}</p>`;
}

function takeBack(choices: readonly PurposeView[]): Html {
	const [first] = choices;
	return html`<p>In the app, in the settings under Sharing, with one touch; or with the command line: <code>troth consent withdraw ${first?.purpose.id}</code>. It holds from the next decision on, and what was shared is called back. The page “What was shared about me” shows when the company has confirmed that it deleted it.</p>`;
}

function fromBefore({ before, policy }: VersionView): Html {
	return before === undefined
		? html`<p>There is none: this is the first version.</p>`
		: html`<p>What you gave under <a href="/terms/${before.policy.version}">version ${before.policy.version}</a> stays under it. The one exception is ${exception(policy)}: each names what it shares. Until you have accepted, a new version can only make this server share less.</p>`;
}

function exception({ file }: VersionView["policy"]): string {
	const refusable = file.purposes.some(({ basis }) => basis === "opt_out");
	return refusable ? "what you allow, or do not refuse, purpose by purpose" : "what you allow, purpose by purpose";
}

const NEVER = html`<p>Messages, contacts, groups, media, and who talks to whom. The server has no key to what people write, and its software has no fields for the rest. Your number is never sold, never published and never given to advertisers.</p>`;

function howToCheck(view: VersionView, shares: boolean): Html {
	const { policy } = view;
	return html`${shares && html`<p>The page “What was shared about me” in the app, or <code>troth shares</code>, lists every share about you with its proof from the public log, checked on your device. Anybody can check the log itself, without an account: <code>troth audit</code>.</p>`}
<p>This version is signed: <a href="/terms/${policy.version}.json">the policy, its signature and the key</a>. These pages are made from it. The words are <a href="${versionPath(view, "/text")}">the legal text</a>.</p>`;
}
