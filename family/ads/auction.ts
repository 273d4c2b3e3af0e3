/**
 * The second-price auction for the one place in the feed: bid times quality ranks, the winner pays what was needed to
 * win. At an equal score the company that the person already deals with comes first (D5).
 */

export interface Bidder {
	readonly ad: string;
	/** Minor units for a thousand impressions. */
	readonly bid: number;
	/** Thousandths, from 0 to 1000: whole numbers make equal scores equal. */
	readonly quality: number;
	/** Does this advertiser's own list contain the person? */
	readonly known: boolean;
	/** Random from 0 to 1: strangers with the same score take turns. */
	readonly lot: number;
}

export interface Sale {
	readonly ad: string;
	/** Minor units for a thousand impressions; at most the bid. */
	readonly price: number;
}

/** Nothing is sold for less, in minor units for a thousand impressions. */
export const RESERVE = 1;

/** Undefined where nobody bids enough. */
export function runAuction(bidders: readonly Bidder[]): Sale | undefined {
	const ranked = bidders.filter(({ bid, quality }) => bid >= RESERVE && quality > 0).sort(before);
	const [winner, second] = ranked;
	if (winner === undefined) return undefined;
	const needed = second === undefined ? RESERVE : Math.ceil(score(second) / winner.quality);
	return { ad: winner.ad, price: Math.min(winner.bid, Math.max(RESERVE, needed)) };
}

const score = ({ bid, quality }: Bidder) => bid * quality;

function before(a: Bidder, b: Bidder): number {
	return score(b) - score(a) || Number(b.known) - Number(a.known) || b.lot - a.lot;
}

/** Ads that make people hide their advertiser are worth less: thousandths, from 1000 down to 500. */
export function qualityOf(impressions: number, hides: number): number {
	return 1000 - Math.min(500, Math.round((10_000 * hides) / (impressions + 100)));
}
