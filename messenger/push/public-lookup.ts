/**
 * Looks names up, and gives only addresses of the public internet: a name that leads into the operator's own network is
 * refused as a whole. What is given is what is connected to, so that a second look-up can not change it.
 */
import { type LookupAddress, type LookupOptions, lookup } from "node:dns";
import { BlockList, type LookupFunction } from "node:net";

/** IANA special-purpose address registries (RFC 6890 and what followed), multicast, and what wraps IPv4 into IPv6. */
const NOT_PUBLIC = new BlockList();
for (const [network, prefix] of [
	["0.0.0.0", 8],
	["10.0.0.0", 8],
	["100.64.0.0", 10],
	["127.0.0.0", 8],
	["169.254.0.0", 16],
	["172.16.0.0", 12],
	["192.0.0.0", 24],
	["192.0.2.0", 24],
	["192.88.99.0", 24],
	["192.168.0.0", 16],
	["198.18.0.0", 15],
	["198.51.100.0", 24],
	["203.0.113.0", 24],
	["224.0.0.0", 3],
] as const)
	NOT_PUBLIC.addSubnet(network, prefix, "ipv4");
// Of IPv6 only 2000::/3 is given out, and of that these are not.
const GIVEN_OUT = new BlockList();
GIVEN_OUT.addSubnet("2000::", 3, "ipv6");
for (const [network, prefix] of [
	["2001::", 23],
	["2001:db8::", 32],
	["2002::", 16],
	["3fff::", 20],
] as const)
	NOT_PUBLIC.addSubnet(network, prefix, "ipv6");

export function isPublicAddress({ address, family }: LookupAddress): boolean {
	if (family === 4) return !NOT_PUBLIC.check(address, "ipv4");
	return GIVEN_OUT.check(address, "ipv6") && !NOT_PUBLIC.check(address, "ipv6");
}

/** As `dns.lookup` with `all`. */
export type Resolve = (
	hostname: string,
	options: LookupOptions & { readonly all: true },
	done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** For the `lookup` of a request. */
export function publicLookup(resolve: Resolve = lookup): LookupFunction {
	return (hostname, options, done) => {
		resolve(hostname, { ...options, all: true }, (error, addresses) => {
			const [first] = addresses ?? [];
			if (error !== null) done(error, "", 0);
			else if (first === undefined || !addresses.every(isPublicAddress))
				done(new Error("the name leads to an address that is not public"), "", 0);
			else if (options.all === true) done(null, addresses);
			else done(null, first.address, first.family);
		});
	};
}
