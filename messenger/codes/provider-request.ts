/** One request to a provider: bounded in time and size, never followed elsewhere, never retried here. */
import { CodeSendError } from "./port.ts";

const ANSWER_MS = 10_000;
const LONGEST_ANSWER = 16 * 1024;

export interface ProviderAnswer {
	readonly status: number;
	/** The beginning of the body. */
	readonly text: string;
}

/** Rejects with CodeSendError UNREACHABLE. What is sent stands in no error. */
export async function askProvider(url: string, headers: Record<string, string>, body: string): Promise<ProviderAnswer> {
	try {
		const response = await fetch(url, {
			method: "POST",
			headers,
			body,
			// A code is for this provider and for nobody it points to.
			redirect: "error",
			signal: AbortSignal.timeout(ANSWER_MS),
		});
		return { status: response.status, text: await beginning(response) };
	} catch (error) {
		// Its message may name the address with what is in it: only the kind of failure goes on.
		throw new CodeSendError(
			"UNREACHABLE",
			`the provider did not answer: ${error instanceof Error ? error.name : "unknown"}`,
		);
	}
}

async function beginning(response: Response): Promise<string> {
	let text = "";
	const decoder = new TextDecoder();
	for await (const chunk of response.body ?? []) {
		text += decoder.decode(chunk, { stream: true });
		if (text.length >= LONGEST_ANSWER) break;
	}
	return text;
}
