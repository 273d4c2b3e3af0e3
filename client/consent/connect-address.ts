/** The address with which a recipient's page sends a person to their own device: `https://recipient/connect/NONCE`. */
import { fromHex } from "@troth/protocol";

interface KnownRecipient {
	readonly id: string;
	/** Its own site, as this installation knows it. */
	readonly url: string;
}

export interface ConnectAddress {
	readonly recipient: KnownRecipient;
	/** Hex. */
	readonly nonce: string;
}

/** The recipient on whose site this address lies; undefined where it is nobody's here. Pure. */
export function recipientAt(address: string, recipients: readonly KnownRecipient[]): KnownRecipient | undefined {
	const origin = originOf(address);
	return origin === undefined ? undefined : recipients.find(({ url }) => originOf(url) === origin);
}

/**
 * Reads what a recipient's page gave out. Undefined unless the address lies on the site of one of the installation's
 * recipients: a nonce from anywhere else is nobody's to sign. Pure; nothing is fetched.
 */
export function readConnectAddress(address: string, recipients: readonly KnownRecipient[]): ConnectAddress | undefined {
	const recipient = recipientAt(address, recipients);
	if (recipient === undefined) return undefined;
	const nonce = /^\/connect\/([0-9a-f]{2,})\/?$/.exec(new URL(address).pathname)?.[1];
	return nonce === undefined || fromHex(nonce) === undefined ? undefined : { recipient, nonce };
}

function originOf(address: string): string | undefined {
	return URL.canParse(address) ? new URL(address).origin : undefined;
}
