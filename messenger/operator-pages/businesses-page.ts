/** `/operator/view/businesses`: who is one, and making an account one. */
import { html } from "@troth/protocol/html.ts";
import { formField, type OperatorPage, table, VIEW } from "./frame.ts";
import { timeWords } from "./words.ts";

export interface BusinessLine {
	readonly name: string;
	readonly account: string;
	readonly approvedAtMs: number;
}

export function businessesPage(businesses: readonly BusinessLine[], formToken: string): OperatorPage {
	return {
		title: "Businesses",
		body: html`<h1>Businesses</h1>
${
	businesses.length === 0
		? html`<p class="nothing">No account is a business yet.</p>`
		: table(
				"Approved",
				["Name", "Account", "Since"],
				businesses.map(({ name, account, approvedAtMs }) => [
					name,
					html`<code>${account}</code>`,
					timeWords(approvedAtMs),
				]),
			)
}
<form class="card narrow" method="post" action="${VIEW}/businesses">${formField(formToken)}
<h2>Approve a business</h2>
<p>Its account registered like any other. From then on people see its name and that it is a business.</p>
<label for="phone">Its number, with the country code</label>
<input id="phone" name="phone" type="tel" autocomplete="off" required>
<label for="name">Its name</label>
<input id="name" name="name" autocomplete="off" required>
<p><button class="button">Approve</button></p>
</form>`,
	};
}
