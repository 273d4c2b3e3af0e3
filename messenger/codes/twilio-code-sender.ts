/**
 * Text messages and calls by Twilio's REST API of 2010-04-01 (`Messages.json`, `Calls.json`), or by anybody who speaks
 * it: basic authentication, a form in, JSON out, errors with a code of their own.
 */
import type { PhoneNumber } from "@troth/protocol";
import * as v from "valibot";
import { codeSpeech, codeText } from "./message.ts";
import { type CodeChannel, CodeSendError, type CodeSender } from "./port.ts";
import { askProvider } from "./provider-request.ts";

export interface TwilioOptions {
	/** Another address that speaks the same. */
	readonly url?: string;
	/** "AC…". */
	readonly account: string;
	readonly authToken: string;
	/** A number in E.164, or the id of a messaging service ("MG…"), which can not call. */
	readonly from: string;
	/** The messenger's public origin. */
	readonly origin: string;
}

const TWILIO = "https://api.twilio.com";
const API = "2010-04-01";
const TOO_MANY = 429;
/** Not a number, not a mobile one, blocked by its owner, in a country that the account does not send to (Twilio's error pages). */
const NUMBER_ERRORS: readonly number[] = [21211, 21214, 21217, 21408, 21610, 21612, 21614, 13223, 13224, 13227];

const ErrorBody = v.object({ code: v.number() });

export class TwilioCodeSender implements CodeSender {
	readonly development = false;
	readonly voice: boolean;
	readonly #options: TwilioOptions;

	constructor(options: TwilioOptions) {
		this.#options = options;
		this.voice = options.from.startsWith("+");
	}

	async send(phone: PhoneNumber, code: string, channel: CodeChannel): Promise<void> {
		const { url = TWILIO, account, authToken, from, origin } = this.#options;
		const sender: Record<string, string> = from.startsWith("+") ? { From: from } : { MessagingServiceSid: from };
		const form =
			channel === "sms"
				? { To: phone, ...sender, Body: codeText(code, origin) }
				: { To: phone, ...sender, Twiml: `<Response><Say>${codeSpeech(code)}</Say></Response>` };
		const resource = channel === "sms" ? "Messages" : "Calls";
		const answer = await askProvider(
			`${url}/${API}/Accounts/${encodeURIComponent(account)}/${resource}.json`,
			{
				authorization: `Basic ${Buffer.from(`${account}:${authToken}`).toString("base64")}`,
				"content-type": "application/x-www-form-urlencoded",
			},
			new URLSearchParams(form).toString(),
		);
		if (answer.status >= 200 && answer.status < 300) return;
		const said = codeOf(answer.text);
		if (answer.status === TOO_MANY) throw new CodeSendError("TOO_MANY", "the provider wants less at once");
		if (said !== undefined && NUMBER_ERRORS.includes(said))
			throw new CodeSendError("NUMBER_UNREACHABLE", `the provider can not reach the number (${said})`);
		throw new CodeSendError(
			"REFUSED",
			`the provider answered ${answer.status}${said === undefined ? "" : ` (${said})`}`,
		);
	}
}

function codeOf(text: string): number | undefined {
	try {
		const parsed = v.safeParse(ErrorBody, JSON.parse(text));
		return parsed.success ? parsed.output.code : undefined;
	} catch {
		return undefined;
	}
}
