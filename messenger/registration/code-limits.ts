/**
 * Limits against those who make a server send codes for money ("SMS pumping": the numbers belong to somebody who is paid
 * for what arrives there) or to annoy. Codes for one number are counted in the records (`attempts.ts`); here are those
 * asked for by one address, and those for one range of ten thousand numbers, which is how such numbers come. They hold
 * where codes cost something: the development provider sends nothing.
 */
import { isIPv6 } from "node:net";
import { type Clock, LIMITS, type PhoneNumber, Refusal } from "@troth/protocol";
import { regionOfNumber } from "../accounts/phone-numbers.ts";
import { TokenBuckets } from "../rate-limits/token-buckets.ts";

const HOUR_MS = 60 * 60 * 1000;
/** The digits that a range leaves open. */
const OPEN_DIGITS = 4;

export class CodeLimits {
	readonly #addresses: TokenBuckets;
	readonly #ranges: TokenBuckets;
	readonly #countries: ReadonlySet<string> | undefined;

	/** @param countries ISO 3166-1 alpha-2, whose numbers may register; all where it is left out */
	constructor(clock: Clock, countries?: readonly string[]) {
		this.#addresses = new TokenBuckets(clock, { capacity: LIMITS.codesPerAddressPerHour, refillMs: HOUR_MS });
		this.#ranges = new TokenBuckets(clock, { capacity: LIMITS.codesPerRangePerHour, refillMs: HOUR_MS });
		this.#countries = countries && new Set(countries);
	}

	/**
	 * Counts a code that is about to go out. Refuses with PHONE_INVALID where the operator sends nothing to that country,
	 * with RATE_LIMITED and `retryAtMs` where too many went out.
	 *
	 * @param address of the caller, as text
	 */
	spend(phone: PhoneNumber, address: string): void {
		const region = regionOfNumber(phone);
		if (this.#countries !== undefined && (region === undefined || !this.#countries.has(region)))
			throw new Refusal("PHONE_INVALID", "this server sends no codes to numbers of that country");
		// The address first: who is stopped by it uses up nothing of the range.
		this.#addresses.spend(networkOf(address));
		this.#ranges.spend(phone.slice(0, -OPEN_DIGITS));
	}
}

const V4_IN_V6 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const NETWORK_GROUPS = 4;
const GROUPS = 8;

/** Whom an address stands for: an IPv4 address for itself, an IPv6 address for its /64, which one subscriber has. */
export function networkOf(address: string): string {
	const mapped = V4_IN_V6.exec(address)?.[1];
	if (mapped !== undefined) return mapped;
	const [plain = ""] = address.split("%");
	if (!isIPv6(plain)) return address;
	const [head = "", tail] = plain.split("::");
	const left = head === "" ? [] : head.split(":");
	const right = tail === undefined || tail === "" ? [] : tail.split(":");
	const zeros = Array.from({ length: tail === undefined ? 0 : GROUPS - left.length - right.length }, () => "0");
	const groups = [...left, ...zeros, ...right].map((group) => group.replace(/^0+(?=.)/, "").toLowerCase());
	return `${groups.slice(0, NETWORK_GROUPS).join(":")}::/64`;
}
