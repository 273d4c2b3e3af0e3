/** What stands where no page is. */

import { html } from "@troth/protocol/html.ts";
import type { Page } from "./frame.ts";

export function missingPage(): Page {
	return {
		title: "Not published here",
		description: "No such version of the terms was published on this server.",
		body: html`<h1>Not published here</h1>
<p class="lead">No such page, or no such version of the terms, was published on this server.</p>
<p><a href="/terms">All versions that were</a></p>`,
	};
}
