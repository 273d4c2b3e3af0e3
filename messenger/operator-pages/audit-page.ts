/** `/operator/view/audit`: who looked at whom, and why. Nothing here can be changed. */
import { html } from "@troth/protocol/html.ts";
import type { AuditLine } from "../operator/audit.ts";
import type { AuditedAction } from "../operator/tables.ts";
import { type OperatorPage, table, VIEW } from "./frame.ts";
import { timeWords } from "./words.ts";

const ACTIONS: Readonly<Record<AuditedAction, string>> = {
	"account-viewed": "Looked at an account",
	"report-viewed": "Opened a report",
	"account-limited": "Limited an account",
	"account-unlimited": "Lifted a limit",
};

export function auditPage(lines: readonly AuditLine[], more: boolean): OperatorPage {
	const last = lines.at(-1);
	return {
		title: "Audit",
		body: html`<h1>Audit</h1>
<p class="lead">Every look at one person's data and every act upon one person, the newest first. The store refuses to change or delete a line.</p>
${
	lines.length === 0
		? html`<p class="nothing">Nobody's data was looked at.</p>`
		: table(
				"Looks and acts",
				["When", "What", "Account", "Why"],
				lines.map(({ atMs, action, account, reason }) => [
					timeWords(atMs),
					ACTIONS[action],
					account === "" ? "there was none" : html`<code>${account}</code>`,
					reason,
				]),
			)
}
${more && last !== undefined && html`<p class="ways"><a href="${VIEW}/audit?before=${last.id}">Earlier</a></p>`}`,
	};
}
