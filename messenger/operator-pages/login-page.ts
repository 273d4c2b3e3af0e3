import { html } from "@troth/protocol/html.ts";
import { type OperatorPage, VIEW } from "./frame.ts";

/** @param wrong the token that was given is not the operator's */
export function loginPage(wrong: boolean): OperatorPage {
	return {
		title: "Log in",
		body: html`<h1>Operator</h1>
<p class="lead">For whoever runs this server. What is shown here are counts; who looks at one person's data says why, and it is written down.</p>
<form class="card narrow" method="post" action="${VIEW}/login">
${wrong && html`<p class="said bad" role="alert">This is not the operator's token.</p>`}
<label for="token">The operator's token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<p><button class="button">Log in</button></p>
<p class="quiet">It lies in the server's data directory, or was given when it was started (<code>operatorToken</code>).</p>
</form>`,
	};
}
