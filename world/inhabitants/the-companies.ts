/** What the world asks of the companies with their operators' tokens. */

/** A company and its operator's token. */
export interface CompanyAt {
	readonly url: string;
	readonly operatorToken: string;
}

/** A company answered what it should not have. */
export class CompanyAnswerError extends Error {
	override readonly name = "CompanyAnswerError";
}

/** What each of them knows about a number, one list. */
export async function askKnows(companies: readonly CompanyAt[], phone: string): Promise<readonly unknown[]> {
	const answers = await Promise.all(
		companies.map(async ({ url, operatorToken }) => {
			const body = await ask(`${url}/operator/knows?phone=${encodeURIComponent(phone)}`, operatorToken);
			return Array.isArray(body["items"]) ? body["items"] : [];
		}),
	);
	return answers.flat();
}

export interface AdAccountFacts {
	readonly adAccountId: string;
	readonly accessToken: string;
	readonly appSecret: string;
}

/** The sample advertiser: the same shop that writes to people in the messenger. */
export async function openAdAccount(url: string, operatorToken: string): Promise<AdAccountFacts> {
	const body = await ask(`${url}/operator/ad-accounts`, operatorToken, { id: "1001", name: "Corner Shop" });
	return {
		adAccountId: String(body["id"]),
		accessToken: String(body["accessToken"]),
		appSecret: String(body["appSecret"]),
	};
}

/** GET, or POST where there is a body. Rejects with CompanyAnswerError. */
export async function ask(url: string, token: string, body?: unknown): Promise<Record<string, unknown>> {
	const response = await fetch(url, {
		headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
		...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
	});
	const text = await response.text();
	if (!response.ok) throw new CompanyAnswerError(`${new URL(url).pathname} answered ${response.status}: ${text}`);
	return JSON.parse(text) as Record<string, unknown>;
}
