/** Under which addresses others reach the parts, where a proxy with TLS stands in front of them. */
import { ConfigError } from "@troth/messenger";

export interface PublicAddresses {
	/** Of the bridge: its logs, the index and the figures. */
	readonly logs?: string;
	readonly family?: string;
	readonly photos?: string;
}

const VARIABLES = { logs: "TROTH_LOGS_ORIGIN", family: "TROTH_FAMILY_ORIGIN", photos: "TROTH_PHOTOS_ORIGIN" } as const;

/** Reads the environment; a part that is not named is reached where it listens. Throws ConfigError. */
export function readPublicAddresses(env: NodeJS.ProcessEnv): PublicAddresses {
	const given = Object.entries(VARIABLES).flatMap(([part, variable]) => {
		const value = env[variable];
		return value === undefined || value === "" ? [] : [[part, originOf(value, variable)] as const];
	});
	return Object.fromEntries(given);
}

function originOf(value: string, variable: string): string {
	const url = URL.canParse(value) ? new URL(value) : undefined;
	if (url === undefined || !/^https?:$/.test(url.protocol) || (value !== url.origin && value !== `${url.origin}/`))
		throw new ConfigError(`${variable}: an origin like https://logs.example.org, without a path`);
	return url.origin;
}
