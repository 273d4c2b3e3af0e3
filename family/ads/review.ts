/** The review of an ad: at once, by these rules, and always with a reason that its advertiser can act upon. */

export interface Reviewed {
	readonly title: string;
	readonly message: string;
	readonly link: string;
}

const LONGEST_TITLE = 100;
const LONGEST_MESSAGE = 600;

/** Why the ad is refused; undefined where it passes. */
export function reviewAd({ title, message, link }: Reviewed): string | undefined {
	const url = URL.parse(link);
	const loopback = url !== null && ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
	if (url === null || !(url.protocol === "https:" || (url.protocol === "http:" && loopback))) {
		return "The link has to be an https address.";
	}
	if (url.username !== "" || url.password !== "") return "The link must not carry a user name or password.";
	if (title.length > LONGEST_TITLE) return `The headline has more than ${LONGEST_TITLE} characters.`;
	if (message.length > LONGEST_MESSAGE) return `The text has more than ${LONGEST_MESSAGE} characters.`;
	const text = `${title} ${message}`;
	if (/\p{Cc}/u.test(text.replaceAll("\n", " "))) return "The text has characters that can not be shown.";
	if (/\b(password|pin code|verification code|one-time code)\b/i.test(text)) {
		return "Ads must not ask for passwords or codes.";
	}
	if (/\byou(r phone| are on our list|r number)\b/i.test(text)) {
		return "Ads must not say what is known about the person who reads them.";
	}
	return undefined;
}
